/** Targets as messages show them. */
import { describeGoal, describeTarget } from '../../model/asked-flow.ts';
import { onlyCluster } from '../../model/known-clusters.ts';
import { describePort, describeSource } from '../../model/target-grammar.ts';
import type { Target } from '../../model/target.ts';
import type { Verdict } from '../../model/verdict.ts';
import { clip, nothing, rich, type Rich } from './rich.ts';

/** Names of pods have up to 317 characters. */
const nameCharacters = 120;

/** With its cluster, where the configuration names clusters. */
export function podOf(target: Target): Rich {
  return rich`${clip(describeTarget(target), nameCharacters)}${inCluster(target)}`;
}

/** Nothing where the configuration names no clusters. */
export function inCluster({ cluster }: Pick<Target, 'cluster'>): Rich {
  return cluster === onlyCluster ? nothing : rich` in ${clip(cluster, nameCharacters)}`;
}

/** How a command ends that is about the cluster; empty where the configuration names none. */
export function clusterOption({ cluster }: Pick<Target, 'cluster'>): string {
  return cluster === onlyCluster ? '' : ` in ${cluster}`;
}

/** The asked flow, beside the pod's name. */
export function flowOf({ from, to, port }: Target): Rich {
  return flowWords(from && describeSource(from), to ? describeGoal(to) : null, port && describePort(port));
}

/** The flow that was judged in the end. */
export function judgedFlow({ target: { from, to = null, port } }: Pick<Verdict, 'target'>): Rich {
  return flowWords(from, to, port);
}

function flowWords(from: string | null, to: string | null, port: string | null): Rich {
  const source = from ? rich` from ${clip(from, nameCharacters)}` : nothing;
  const goal = to ? rich` to ${clip(to, nameCharacters)}` : nothing;
  return rich`${source}${goal}${port ? rich` on ${clip(port, 40)}` : nothing}`;
}
