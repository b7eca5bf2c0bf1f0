import { expect, test } from '@jest/globals';
import { queueNotes } from '../../src/engine/queue-note.ts';
import { observed } from '../../src/model/evidence.ts';
import type { TakenPackets } from '../../src/model/queues.ts';
import { trafficControlDrops as rule } from '../../src/rules/filter/traffic-control-drops.ts';

const shaper: TakenPackets = {
  node: 'n1',
  area: 'target-node',
  pod: null,
  device: 'tunl0',
  by: 'queue',
  isRoot: true,
  to: null,
  text: 'tbf rate 8Kbit burst 100b lat 0us',
  rise: 2,
  idle: 0,
  sent: 3,
  beside: 0,
};
const notesOf = (change: Partial<TakenPackets>, outcome: 'inconclusive' | 'fail' = 'inconclusive') =>
  queueNotes({ fact: () => Promise.resolve(observed({ taken: [{ ...shaper, ...change }], unread: [] }) as never) }, [
    { rule, outcome: outcome === 'fail' ? { outcome, findings: [] } : { outcome, why: 'two' } },
  ]);

test('a queue that took some of the packets is told, with the next command', async () => {
  const [note = '', ...more] = await notesOf({});
  expect(more).toEqual([]);
  expect(note).toContain('Traffic control at tunl0 of n1 (tbf rate 8Kbit burst 100b lat 0us) took 2 packets while 3');
  expect(note).toContain('To do next on n1: tc -s qdisc show dev tunl0');
  const pod = { name: 'default/mypod', namespace: 'cni-1' };
  expect((await notesOf({ pod, device: 'eth0' }))[0]).toContain('ip netns exec cni-1 tc -s qdisc show dev eth0');
});

test.each<[string, Promise<readonly string[]>]>([
  ['it takes packets all the time', notesOf({ idle: 2 })],
  ['nobody looked again', notesOf({ idle: null })],
  ['it is a finding', notesOf({}, 'fail')],
  ['it hands them on', notesOf({ by: 'redirect', to: { device: 'ifb0', kind: 'ifb' } })],
])('nothing is told: %s', async (_, notes) => {
  expect(await notes).toEqual([]);
});
