import type { WalkEnd } from '../model/ruleset/walk.ts';

/**
 * The mark that connection tracking keeps of a request, and has ready for what answers it; null: it is not known.
 * @param ends of the request's walks on the node, each to where it leaves
 */
export function keptMark(ends: readonly Pick<WalkEnd, 'decision' | 'packet'>[]): number | null {
  if (ends.some(({ decision }) => decision === 'unknown')) return null;
  const marks = new Set(ends.flatMap(({ decision, packet }) => (decision === 'accept' ? [packet.connmark] : [])));
  const [mark = null] = marks;
  return marks.size === 1 ? mark : null;
}
