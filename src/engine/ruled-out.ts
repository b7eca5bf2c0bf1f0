/** Decides what a rule's pass rules out if the flow fails. */
import type { Area, Direction, Passage } from '../model/passage.ts';
import type { Rule } from '../model/rule.ts';
import type { StepId } from '../model/steps.ts';

/** `read`: the rule read the object that would be at fault. Else: parts of the way that the packet must have passed. */
type Grounds = 'read' | readonly (readonly [Direction, Area])[];

const onNodes: Grounds = [
  ['request', 'source-node'],
  ['request', 'target-node'],
  ['reply', 'target-node'],
  ['reply', 'source-node'],
];

const ofStep: Readonly<Record<StepId, Grounds>> = {
  target: 'read',
  reachability: 'read',
  routes: onNodes,
  underlay: [
    ['request', 'underlay'],
    ['reply', 'underlay'],
  ],
  endpoint: 'read',
  filter: onNodes,
  felix: 'read',
  controller: 'read',
};

/** Rules whose part of the way differs from that of their step. */
const ofRule: ReadonlyMap<string, Grounds> = new Map<string, Grounds>([
  ['tunnel-device-down', 'read'],
  ['pod-route-missing', [['request', 'target-node']]],
  [
    'block-route-missing',
    [
      ['request', 'source-node'],
      ['reply', 'target-node'],
    ],
  ],
  ['policy-denies-ingress', [['request', 'target-node']]],
  ['policy-denies-egress', [['request', 'source-node']]],
  ['pod-profile-denies', [['request', 'target-node']]],
  ['felix-rules-stale', onNodes],
  // Its log says nothing of it, which proves nothing.
  ['rule-set-unreadable', onNodes],
]);

/** Does a pass of this rule exclude its cause for this packet? */
export function rulesOut({ id, step }: Pick<Rule, 'id' | 'step'>, passage: Passage | null, works: boolean): boolean {
  if (works) return true;
  const grounds = ofRule.get(id) ?? ofStep[step];
  return (
    grounds === 'read' || grounds.every(([direction, area]) => passage !== null && hasPassed(passage, direction, area))
  );
}

/** Was the packet seen after this part of its way? A part that is not on its way cannot lose it. */
function hasPassed({ marks, between }: Passage, direction: Direction, area: Area): boolean {
  const lastSeen = marks.findLastIndex(({ state }) => state === 'seen');
  const end = between.findLastIndex((one, at) => one === area && marks[at + 1]?.direction === direction);
  return lastSeen >= 0 && end < lastSeen;
}
