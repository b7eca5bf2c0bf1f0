/** Targets as messages show them. */
import { describePort, describeSource } from '../../model/target-grammar.ts';
import type { Target } from '../../model/target.ts';
import type { Verdict } from '../../model/verdict.ts';
import { clip, nothing, rich, type Rich } from './rich.ts';

/** Names of pods have up to 317 characters. */
const nameCharacters = 120;

export function podOf({ namespace, pod }: Target): Rich {
  return clip(`${namespace}/${pod}`, nameCharacters);
}

/** The asked flow, beside the pod's name. */
export function flowOf({ from, port }: Target): Rich {
  return flowWords(from && describeSource(from), port && describePort(port));
}

/** The flow that was judged in the end. */
export function judgedFlow({ target: { from, port } }: Verdict): Rich {
  return flowWords(from, port);
}

function flowWords(from: string | null, port: string | null): Rich {
  const source = from ? rich` from ${clip(from, nameCharacters)}` : nothing;
  return rich`${source}${port ? rich` on ${clip(port, 40)}` : nothing}`;
}
