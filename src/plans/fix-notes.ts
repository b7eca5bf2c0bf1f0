import type { FixPlan } from '../model/fix.ts';
import type { FlowState } from '../model/flow-state.ts';
import { unwatchedFlows, watchedFlows, type Controls } from './control-probes.ts';

/** Says what is watched while an applied fix is verified, and what is not. */
export function appliedNote({ verify, controls }: FixPlan, before: Controls): string {
  const [watched, unwatched] = [watchedFlows(before), unwatchedFlows(controls, before)];
  return [
    `Applied. Verifying for up to ${verify.withinSeconds} s.`,
    ...(watched.length > 0 ? [`Watched: ${watched.join('; ')}.`] : []),
    ...(unwatched.length > 0 ? [`Not watched: ${unwatched.join('; ')}.`] : []),
  ].join(' ');
}

const flowWords: Readonly<Record<FlowState, string>> = {
  works: 'the asked flow works',
  fails: 'the asked flow does not work yet: another cause still stops it',
  unknown: 'the asked flow was not checked',
};

/** Says how a verified fix ended. @param controls what the controls say, in words */
export function verifiedNote(why: string, state: FlowState, controls: readonly string[]): string {
  return `Verified: ${why}; ${flowWords[state]}.${controls.length > 0 ? ` Watched: ${controls.join('; ')}.` : ''}`;
}
