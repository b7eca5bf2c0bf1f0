import { expect, test } from '@jest/globals';
import type { PodWalks } from '../../../src/model/flow-walk.ts';
import { observed, unavailable, type Fact } from '../../../src/model/evidence.ts';
import type { ReachAttempt } from '../../../src/model/reachability.ts';
import { judgeDatagrams } from '../../../src/rules/lib/refused-datagrams.ts';
import { tried } from '../../support/attempts.ts';
import { captured, droppedBy, leg, valueOf } from '../../support/facts.ts';

const facts = await captured('healthy-legacy');
const port = { protocol: 'udp', number: 5353 } as const;
const flow = { ...valueOf(facts, 'flow'), port };
const open = valueOf(facts, 'walks');
const rejected = droppedBy(leg(facts, 'target-ingress'), { kind: 'foreign', name: 'INPUT' });
const unread: PodWalks = { walks: [], unread: [{ end: 'destination', why: 'x' }] };
const inPod: PodWalks = {
  walks: [{ end: 'destination', packet: 'request', asked: rejected.packet, result: rejected.result }],
  unread: [],
};

test.each<[string, ReachAttempt['answer'] | null, Parameters<typeof judged>[1], string]>([
  ['the pod itself refuses', 'refused', {}, 'fail'],
  ['the pod answers', 'reply', {}, 'pass'],
  ['a program may ignore what it does not understand', 'none', {}, 'not-applicable'],
  ['a rule on the way may have refused it', 'refused', { walks: [rejected] }, 'not-applicable'],
  ['a rule in the pod may have refused it', 'refused', { own: inPod }, 'not-applicable'],
  ['the rules of the pod were not read', 'refused', { own: unread }, 'inconclusive'],
  ['nothing was sent', null, {}, 'inconclusive'],
])('%s', (_, answer, seen, outcome) => {
  expect(judged(answer, seen).outcome).toBe(outcome);
});

function judged(
  answer: ReachAttempt['answer'] | null,
  { walks = open, own = { walks: [], unread: [] } }: { walks?: typeof open; own?: PodWalks } = {},
) {
  const reachability: Fact<{ attempts: readonly ReachAttempt[] }> =
    answer === null
      ? unavailable('timeout', 'late')
      : observed({ attempts: [{ ...tried('flow', port.number, answer), port }] }, []);
  return judgeDatagrams(flow, { reachability, walks: observed(walks, []), own: observed(own, []) }, []);
}
