import { expect, test } from '@jest/globals';
import { lossNotes } from '../../src/engine/loss-note.ts';
import type { Route } from '../../src/model/network.ts';
import type { Sighting, WayPoint } from '../../src/model/sightings.ts';
import type { FoundFinding } from '../../src/model/verdict.ts';
import { blind, captured, changed, factOf, failing, valueOf, type Facts } from '../support/facts.ts';
import { sightingAt } from '../support/sightings.ts';

const working = await captured('healthy-legacy');
const { destination } = valueOf(working, 'flow');
const failed = failing(working);
const all = ['1', '2', '3'];

/** Of three tries, one was answered. */
function inPart(of: Facts, points: readonly Sighting[]): Facts {
  const { attempts, ...more } = valueOf(of, 'reachability');
  const some = attempts.map((one) => (one.what === 'flow' ? { ...one, sent: 3, answered: 1 } : one));
  return changed(of, { reachability: { ...more, attempts: some }, sightings: { points } });
}
const seen = (point: WayPoint, requests: readonly string[], replies: readonly string[], more: Partial<Sighting> = {}) =>
  sightingAt(point, '', { sent: 3, requests, replies, ...more });
const way = (...lines: readonly [readonly string[], readonly string[]][]) =>
  (['source-pod', 'source-card', 'target-card', 'target-tunnel', 'target-pod'] as const).map((point, at) =>
    seen(point, ...(lines[at] ?? [[], []])),
  );
const notesOf = (of: Facts, roots: readonly FoundFinding[] = []) =>
  lossNotes({ fact: (key) => factOf(of, key) }, roots);
const one = ['2'];
const betweenNodes = way([all, one], [all, one], [one, one], [one, one], [one, one]);
const network =
  'The network between n2 and n1 loses some packets: it is overloaded, or one of several paths loses them. ' +
  'Ask the network team.';

test.each<[string, readonly Sighting[], string]>([
  [
    'requests, between the nodes',
    betweenNodes,
    `Of 3 requests seen at if-source-card of n2, 2 did not come to if-target-card of n1. ${network}`,
  ],
  [
    'replies, between the nodes',
    way([all, one], [all, one], [all, all], [all, all], [all, all]),
    `Of 3 replies seen at if-target-card of n1, 2 did not come to if-source-card of n2. ${network}`,
  ],
  [
    'requests, on a node',
    way([all, one], [all, one], [all, one], [all, one], [one, one]),
    'Of 3 requests seen at if-target-tunnel of n1, 2 did not come to if-target-pod of n1. To do next on n1: ' +
      "nstat -az | grep -iE 'drop|filter|overflow'; ip -s link",
  ],
])('tells between which two captures some packets are lost: %s', async (_, points, note) => {
  expect(await notesOf(inPart(failed, points))).toEqual([note]);
});

test.each<[string, Facts]>([
  ['the flow works', changed(working, { sightings: { points: betweenNodes } })],
  ['no packet is answered', changed(failed, { sightings: { points: betweenNodes } })],
  ['nothing was captured', blind(inPart(failed, betweenNodes), ['sightings'])],
  ['every capture saw every packet', inPart(failed, way([all, all], [all, all], [all, all], [all, all], [all, all]))],
  ['a request that the captures behind missed was answered', inPart(failed, way([all, all], [all, all], [one, one]))],
  [
    'the captures saw different tries',
    inPart(failed, [seen('source-pod', ['1'], []), seen('source-card', ['2', '3'], [])]),
  ],
  [
    'one was answered, and the capture behind listened to a later try',
    inPart(failed, [seen('target-card', all, ['1']), seen('target-pod', ['4'], [])]),
  ],
  [
    'the capture behind is in doubt',
    inPart(failed, [seen('source-card', all, []), seen('target-card', one, [], { droppedByKernel: 4 })]),
  ],
  [
    'the capture behind saw no packet of the flow, and may not know it by its addresses',
    inPart(failed, [seen('source-card', all, []), seen('target-card', [], [])]),
  ],
])('tells no loss: %s', async (_, of) => {
  expect(await notesOf(of)).toEqual([]);
});

/** The source's node has two ways to the pod's block. */
function severalHops(of: Facts): Facts {
  const hops = [
    { gateway: '10.250.0.11', device: 'tunl0' },
    { gateway: '10.250.0.77', device: 'eth0' },
  ];
  return changed(of, {
    'routes@source': valueOf(of, 'routes@source').map((route): Route =>
      route.destination === '10.244.1.0/26' ? { ...route, gateway: null, device: null, nextHops: hops } : route,
    ),
  });
}
const hopNote =
  `n2 has 2 next hops to ${destination.address}: via 10.250.0.11 dev tunl0; via 10.250.0.77 dev eth0. Each connection ` +
  'takes one of them, and one may lead nowhere. Check that each leads to the receiver. To do next on n2: ' +
  'ip route show 10.244.1.0/26';

test('a route with several next hops is told, where packets are lost and nothing else explains it', async () => {
  expect(await notesOf(severalHops(failed))).toEqual([hopNote]);
  expect(await notesOf(severalHops(inPart(failed, betweenNodes)))).toEqual([
    hopNote,
    'Of 3 requests seen at if-source-card of n2, 2 did not come to if-target-card of n1.',
  ]);
  expect(await notesOf(severalHops(working))).toEqual([]);
  expect(await notesOf(severalHops(failed), [{} as FoundFinding])).toEqual([]);
});
