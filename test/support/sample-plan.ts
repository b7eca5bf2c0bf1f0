import type { Control, FixPlan } from '../../src/model/fix.ts';
import { digestOf } from '../../src/fixes/digest.ts';

export const openDoors: readonly Control[] = [
  { fact: 'reachability', watches: 'doors that are open stay open', notWatched: null },
];
export const lockedDoor: Control = {
  fact: 'denied-flow',
  watches: 'a door that is locked stays locked',
  notWatched: null,
};

/** A plan of a fix `paint-door`, valid for an hour from 2026-01-01T00:00Z, with a true digest. */
export function samplePlan(change: Partial<FixPlan> = {}): FixPlan {
  const plan = {
    id: 'p-sample',
    fix: 'paint-door',
    run: 'r-sample',
    cluster: 'default',
    target: { cluster: 'default', namespace: 'default', pod: 'mypod', from: null, port: null },
    rule: 'door-unpainted',
    finding: 'f1',
    subject: { kind: 'Node', name: 'door' },
    title: 'Paint the door',
    reason: 'An unpainted door lets nobody through.',
    steps: [{ description: 'Paint', command: 'paint door', node: 'house' }],
    diff: '+painted',
    blastRadius: 'one door',
    risk: 'low',
    rollback: { kind: 'exact', description: 'Strip the paint' },
    preconditions: [],
    controls: openDoors,
    verify: { rule: 'door-unpainted', withinSeconds: 10 },
    input: { node: 'house', nodeAddress: '10.0.0.9' },
    nodes: [],
    createdAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2026-01-01T01:00:00.000Z',
    ...change,
  } satisfies Omit<FixPlan, 'digest'>;
  return { ...plan, digest: change.digest ?? digestOf(plan) };
}
