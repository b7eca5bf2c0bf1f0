import type { Area, Direction, PassageMark, PassagePoint, PassageStop } from '../../model/passage.ts';

/**
 * Returns where the flow stops: between the last mark at which it was seen and the first one at which it is missing.
 */
export function stopOf(marks: readonly PassageMark[]): PassageStop | null {
  const lastSeen = marks.findLastIndex(({ state }) => state === 'seen');
  const missing = marks.findIndex(({ state }, at) => at > lastSeen && state === 'not-seen');
  if (lastSeen < 0 || missing < 0) return null;
  return {
    lastSeen,
    missing,
    direction: directionOf(marks, lastSeen, missing),
    areas: [...new Set(areasBetween(marks).slice(lastSeen, missing))],
  };
}

/** If the request was seen at the pod's own interface, it arrived: then the reply is missing. */
function directionOf(marks: readonly PassageMark[], lastSeen: number, missing: number): Direction | null {
  const pod = marks.findIndex(({ point }) => point === 'pod');
  if (missing < pod) return 'request';
  return lastSeen > pod || marks[lastSeen]?.point === 'target-pod' ? 'reply' : null;
}

/** Returns the areas between each point and the next one. */
export function areasBetween(marks: readonly PassageMark[]): readonly Area[] {
  return marks.slice(1).map((mark, at) => areaBetween((marks[at] as PassageMark).point, mark.point));
}

const order: readonly PassagePoint[] = [
  'sender',
  'source-pod',
  'source-card',
  'target-card',
  'target-tunnel',
  'target-pod',
  'pod',
];

/** Returns the areas between two adjacent points, in either direction. */
function areaBetween(one: PassagePoint, other: PassagePoint): Area {
  const [near, far] = [one, other].toSorted((a, b) => order.indexOf(a) - order.indexOf(b));
  if (far === 'source-pod') return 'source-pod';
  if (far === 'source-card') return 'source-node';
  if (near === 'source-card') return 'underlay';
  return near === 'target-pod' ? 'target-pod' : 'target-node';
}
