import { expect, test } from '@jest/globals';
import { judgedWays } from '../../../src/computed/judged-ways.ts';
import type { PodWalk, PodWalks } from '../../../src/model/flow-walk.ts';
import { observed, unavailable, type Fact } from '../../../src/model/evidence.ts';
import type { ReachAttempt } from '../../../src/model/reachability.ts';
import type { JudgedWays } from '../../../src/model/judged-way.ts';
import { judgeDatagrams } from '../../../src/rules/lib/refused-datagrams.ts';
import { tried } from '../../support/attempts.ts';
import { rerouted } from '../../support/ways.ts';
import { captured, derive, droppedBy, leg, valueOf } from '../../support/facts.ts';

const facts = await captured('healthy-legacy');
const port = { protocol: 'udp', number: 5353 } as const;
const flow = { ...valueOf(facts, 'flow'), port };
const open = valueOf(facts, 'walks');
const entering = leg(facts, 'target-ingress');
const rejected = droppedBy(entering, { kind: 'foreign', name: 'INPUT' });
const unread: PodWalks = { walks: [], unread: [{ end: 'destination', why: 'x' }] };
const inPod = (given: Partial<PodWalk>): PodWalks => ({
  walks: [{ end: 'destination', packet: 'request', asked: rejected.packet, result: entering.result, ...given }],
  unread: [],
});
const proxied = { ...entering.result, packet: { ...entering.packet, destinationPort: 15001 } };
const unsure = { ...entering.result, decision: 'unknown' as const };
const elsewhere = { address: '198.51.100.7', port: 53, by: null, rule: null };
const derived = await derive(rerouted(facts), judgedWays);
if (derived?.status !== 'observed') throw new Error('the ways were not judged');
const ways = derived.value as JudgedWays;
const astray: JudgedWays = { ...ways, ways: ways.ways.map((one) => ({ ...one, class: 'own-address' })) };

test.each<[string, ReachAttempt['answer'] | null, Parameters<typeof judged>[1], string]>([
  ['the pod itself refuses', 'refused', {}, 'fail'],
  ['the pod answers', 'reply', {}, 'pass'],
  ['a program may ignore what it does not understand', 'none', {}, 'not-applicable'],
  ['a rule on the way may have refused it', 'refused', { walks: [rejected] }, 'not-applicable'],
  ['a rule in the pod may have refused it', 'refused', { own: inPod({ result: rejected.result }) }, 'not-applicable'],
  ['whether a rule in the pod refuses it is not known', 'refused', { own: inPod({ result: unsure }) }, 'inconclusive'],
  ['a proxy in the pod gets it', 'refused', { own: inPod({ result: proxied }) }, 'not-applicable'],
  [
    'whether a rule on the way refuses it is not known',
    'refused',
    { walks: [{ ...entering, result: unsure }] },
    'inconclusive',
  ],
  ['a rule sends it elsewhere', 'refused', { walks: [{ ...entering, redirected: elsewhere }] }, 'not-applicable'],
  ['another host has the address', 'refused', { ways: astray }, 'not-applicable'],
  ['the rules of the pod were not read', 'refused', { own: unread }, 'inconclusive'],
  ['nothing was sent', null, {}, 'inconclusive'],
])('%s', (_, answer, seen, outcome) => {
  expect(judged(answer, seen).outcome).toBe(outcome);
});

function judged(
  answer: ReachAttempt['answer'] | null,
  {
    walks = open,
    own = { walks: [], unread: [] },
    ways: led = ways,
  }: { walks?: typeof open; own?: PodWalks; ways?: JudgedWays } = {},
) {
  const reachability: Fact<{ attempts: readonly ReachAttempt[] }> =
    answer === null
      ? unavailable('timeout', 'late')
      : observed({ attempts: [{ ...tried('flow', port.number, answer), port }] }, []);
  return judgeDatagrams(
    flow,
    { reachability, walks: observed(walks, []), own: observed(own, []), ways: observed(led, []) },
    [],
  );
}
