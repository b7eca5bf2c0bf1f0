import { expect, test } from '@jest/globals';
import { portNotListening as rule } from '../../../src/rules/reachability/port-not-listening.ts';
import { tried } from '../../support/attempts.ts';
import { captured, changed, judged, valueOf } from '../../support/facts.ts';
import { sightingAt } from '../../support/sightings.ts';

const healthy = changed(await captured('healthy-legacy'), { 'pod-walks': { walks: [], unread: [] } });
const port = { protocol: 'udp', number: 5353 } as const;
const refused = changed(healthy, {
  flow: { ...valueOf(healthy, 'flow'), port },
  listeners: [],
  reachability: { attempts: [{ ...tried('flow', 5353, 'refused'), port }] },
});
const seen = (...points: ReturnType<typeof sightingAt>[]) => changed(refused, { sightings: { points } });

test('a datagram that came to the pod was refused by the pod', async () => {
  const facts = seen(sightingAt('target-card', '>'), sightingAt('target-pod', '>'));
  expect(await judged(rule, facts)).toEqual(['refused Pod default/mypod @n1 inferred stops']);
});

test('a datagram that never came to the pod was refused by somebody else', async () => {
  expect(await judged(rule, seen(sightingAt('target-card', '>'), sightingAt('target-pod', '')))).toBe('not-applicable');
});

test('a capture that may have missed it shows nothing', async () => {
  for (const doubtful of [{ droppedByKernel: 2 }, { control: 0 }, { sent: 0 }])
    expect(await judged(rule, seen(sightingAt('target-card', '>'), sightingAt('target-pod', '', doubtful)))).toEqual([
      'refused Pod default/mypod @n1 inferred stops',
    ]);
});

test('where a second capture saw it come, the first one that saw nothing does not count', async () => {
  const points = [sightingAt('target-pod', ''), sightingAt('target-pod', '>')];
  for (const order of [points, points.toReversed()])
    expect(await judged(rule, seen(...order))).toEqual(['refused Pod default/mypod @n1 inferred stops']);
});

test('where a second capture shows that it did not come, the doubt of the first one does not count', async () => {
  const facts = seen(sightingAt('target-pod', '', { control: 0 }), sightingAt('target-pod', ''));
  expect(await judged(rule, facts)).toBe('not-applicable');
});
