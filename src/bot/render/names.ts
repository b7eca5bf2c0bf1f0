/** Targets as messages show them. */
import { describeGoal } from '../../model/asked-flow.ts';
import { describePort, describeSource } from '../../model/target-grammar.ts';
import type { Target } from '../../model/target.ts';
import type { Verdict } from '../../model/verdict.ts';
import { clip, nothing, rich, type Rich } from './rich.ts';

/** The asked flow, beside the pod's name. */
export function flowOf({ from, to, port }: Target): Rich {
  return flowWords(from && describeSource(from), to ? describeGoal(to) : null, port && describePort(port));
}

/** The flow that was judged in the end. */
export function judgedFlow({ target: { from, to = null, port } }: Verdict): Rich {
  return flowWords(from, to, port);
}

function flowWords(from: string | null, to: string | null, port: string | null): Rich {
  const ends = rich`${from ? rich` from ${clip(from, 400)}` : nothing}${to ? rich` to ${clip(to, 400)}` : nothing}`;
  return rich`${ends}${port ? rich` on ${clip(port, 40)}` : nothing}`;
}
