import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { passage } from '../../src/computed/passage.ts';
import { observed, unavailable } from '../../src/model/evidence.ts';
import type { NodeDataplane } from '../../src/model/dataplane.ts';
import type { Flow } from '../../src/model/flow.ts';
import type { ReachAttempt } from '../../src/model/reachability.ts';
import type { Passage } from '../../src/model/passage.ts';
import { wayPoints, type Sighting } from '../../src/model/sightings.ts';
import { end, flowWith, tried } from '../support/attempts.ts';
import { derive } from '../support/facts.ts';
import { sightingAt } from '../support/sightings.ts';

const across: Partial<Flow> = {
  destination: {
    ...end,
    name: 'mypod',
    address: '10.244.1.5',
    node: 'n1',
    nodeAddress: '10.0.0.1',
    interface: 'cali1',
  },
};
async function passageOf(
  points: readonly Sighting[],
  answer: ReachAttempt['answer'] = 'none',
  flow: Partial<Flow> = across,
  attempt: Partial<ReachAttempt> = {},
  dataplanes: readonly NodeDataplane[] = [],
): Promise<Passage> {
  const reachability = observed({ attempts: [{ ...tried('flow', 8080, answer), ...attempt }] });
  const found = await derive(
    {
      flow: observed(flowWith(flow)),
      reachability,
      sightings: observed({ points }),
      dataplanes: observed(dataplanes),
    },
    passage,
  );
  if (found?.status !== 'observed') throw new Error('no passage');
  return found.value as Passage;
}
const marks = ({ marks: all }: Passage) =>
  all.map(({ direction, point, state }) => `${direction === 'request' ? '>' : '<'}${point} ${state}`);
/** `DIRECTION: LAST SEEN → MISSING (AREAS)`. */
const stopOf = ({ marks, stop }: Passage) =>
  stop &&
  `${stop.direction}: ${marks[stop.lastSeen]?.point} → ${marks[stop.missing]?.point} (${stop.areas.join(', ')})`;

/** What each of the four points saw, in the order of the request. */
const all = (...whats: readonly [string, string, string, string]) => [
  sightingAt('source-pod', whats[0]),
  sightingAt('source-card', whats[1]),
  sightingAt('target-card', whats[2]),
  sightingAt('target-pod', whats[3]),
];

const onEbpf = (node: string): readonly NodeDataplane[] => [{ node, dataplane: 'ebpf', signs: [] }];

describe('where eBPF programs deliver, a capture at the pod misses what they pass by it', () => {
  const { node: from } = flowWith(across).source;
  const icmp = { ...across, port: { protocol: 'icmp' } } as const;
  test.each<[string, readonly Sighting[], Partial<Flow>, string, string | null]>([
    [
      'a first packet passes it',
      all('>', '>', '>', ''),
      across,
      'n1',
      'request: target-card → target-pod (target-node)',
    ],
    [
      'a ping may not be the first',
      all('>', '>', '>', ''),
      icmp,
      'n1',
      'null: target-card → target-pod (target-node, target-pod)',
    ],
    [
      'a reply never is',
      all('>', '><', '><', '><'),
      across,
      from ?? '',
      'reply: source-card → sender (source-node, source-pod)',
    ],
    [
      'what the pod sends always passes it',
      all('>', '>', '>', '>'),
      across,
      'n1',
      'reply: target-pod → target-pod (target-pod)',
    ],
  ])('%s', async (_, points, flow, node, stop) => {
    expect(stopOf(await passageOf(points, 'none', flow, {}, onEbpf(node)))).toBe(stop);
  });
});

describe('where the flow stops', () => {
  test.each<[string, readonly Sighting[], string | null]>([
    ['in the source pod', all('', '', '', ''), 'request: sender → source-pod (source-pod)'],
    ["on the source's node", all('>', '', '', ''), 'request: source-pod → source-card (source-node)'],
    ['between the nodes', all('>', '>', '', ''), 'request: source-card → target-card (underlay)'],
    ["on the target's node", all('>', '>', '>', ''), 'request: target-card → target-pod (target-node)'],
    ['in the pod', all('>', '>', '>', '>'), 'reply: target-pod → target-pod (target-pod)'],
    ["the reply on the target's node", all('>', '>', '>', '><'), 'reply: target-pod → target-card (target-node)'],
    ['the reply between the nodes', all('>', '>', '><', '><'), 'reply: target-card → source-card (underlay)'],
    ["the reply on the source's node", all('>', '><', '><', '><'), 'reply: source-card → source-pod (source-node)'],
    ['the reply in the source pod', all('><', '><', '><', '><'), 'reply: source-pod → sender (source-pod)'],
    [
      'behind the tunnel',
      [...all('>', '>', '>', ''), sightingAt('target-tunnel', '>')],
      'request: target-tunnel → target-pod (target-node)',
    ],
    [
      'before the tunnel',
      [...all('>', '>', '>', ''), sightingAt('target-tunnel', '')],
      'request: target-card → target-tunnel (target-node)',
    ],
  ])('%s', async (_, points, stop) => {
    expect(stopOf(await passageOf(points))).toBe(stop);
  });

  test('nothing was captured: the request or its reply, anywhere', async () => {
    expect(stopOf(await passageOf([]))).toBe(
      'null: sender → sender (source-pod, source-node, underlay, target-node, target-pod)',
    );
  });
  test('a capture that cannot say that nothing came is passed over', async () => {
    for (const doubt of [
      { control: 0 },
      { droppedByKernel: 2 },
      { droppedByKernel: null },
      { trouble: 'full' },
      { sent: 0 },
    ]) {
      const lost = await passageOf([sightingAt('source-card', '>'), sightingAt('target-card', '', doubt)]);
      expect(stopOf(lost)).toBe('null: source-card → source-card (underlay, target-node, target-pod)');
      expect(lost.marks.find(({ point }) => point === 'target-card')).toMatchObject({ state: 'not-looked' });
      const further = all('>', '>', '>', '>').with(2, sightingAt('target-card', '', doubt));
      expect(stopOf(await passageOf(further))).toBe('reply: target-pod → target-pod (target-pod)');
    }
  });
  test('an address that nobody answers for on the interface is as good as a control packet', async () => {
    const points = all('>', '>', '>', '').with(3, sightingAt('target-pod', '', { control: 0, silent: ['10.244.1.5'] }));
    expect(stopOf(await passageOf(points))).toBe('request: target-card → target-pod (target-node)');
  });
  test('answers to other requests leave open whether the reply passed', async () => {
    const points = all('>', '>', '>', '>').with(3, sightingAt('target-pod', '>', { strays: 1 }));
    const found = await passageOf(points);
    expect(stopOf(found)).toBe('reply: target-pod → target-card (target-pod, target-node)');
    expect(stopOf(await passageOf(all('>', '>', '', '').with(2, sightingAt('target-card', '', { strays: 1 }))))).toBe(
      'request: source-card → target-card (underlay)',
    );
  });
  test('what was seen further on was not lost before', async () => {
    const found = await passageOf(all('>', '', '', '>'));
    expect([stopOf(found), marks(found).slice(1, 5)]).toEqual([
      'reply: target-pod → target-pod (target-pod)',
      ['>source-pod seen', '>source-card passed', '>target-card passed', '>target-pod seen'],
    ]);
  });
  test('one of several captures at a point saw it', async () => {
    const found = await passageOf([sightingAt('target-pod', ''), sightingAt('target-pod', '>')]);
    expect(stopOf(found)).toBe('reply: target-pod → target-pod (target-pod)');
  });
});

test('a flow that works passes everywhere, and tells only the points that were captured', async () => {
  const found = await passageOf([sightingAt('source-card', '><'), sightingAt('target-card', '>')], 'reply');
  expect([marks(found), found.stop]).toEqual([
    [
      '>sender seen',
      '>source-card seen',
      '>target-card seen',
      '>pod passed',
      '<target-card passed',
      '<source-card seen',
      '<sender seen',
    ],
    null,
  ]);
});
test('a refusal is an answer: nothing is lost', async () => {
  expect((await passageOf([], 'refused')).stop).toBeNull();
});
test('silence after a datagram does not show that an answer is lost, but a missing datagram is', async () => {
  const udp = { port: { protocol: 'udp', number: 53 } } as const;
  expect(stopOf(await passageOf([], 'none', { ...across, ...udp }, udp))).toBeNull();
  const lost = [sightingAt('source-card', '>'), sightingAt('target-card', '')];
  expect(stopOf(await passageOf(lost, 'none', { ...across, ...udp }, udp))).toBe(
    'request: source-card → target-card (underlay)',
  );
});
test('within one node there is one part of the way', async () => {
  const points = [sightingAt('source-pod', '>'), sightingAt('target-pod', '')];
  expect(stopOf(await passageOf(points, 'none', {}))).toBe('request: source-pod → target-pod (target-node)');
});
test('nodes and hostNetwork pods have no interface of their own on the way', async () => {
  const flow = {
    source: { ...end, interface: null },
    destination: { ...end, node: 'n1', interface: null },
  };
  expect(marks(await passageOf([], 'none', flow)).map((mark) => mark.split(' ')[0])).toEqual([
    '>sender',
    '>source-card',
    '>target-card',
    '>pod',
    '<target-card',
    '<source-card',
    '<sender',
  ]);
});
test('nothing was sent: there is no reply, and nothing was seen', async () => {
  const facts = { flow: observed(flowWith(across)), reachability: unavailable('not-supported', 'from outside') };
  const found = await derive({ ...facts, sightings: unavailable('not-supported', 'from outside') }, passage);
  if (found?.status !== 'observed') throw new Error('no passage');
  const { marks: all, stop } = found.value as Passage;
  expect([new Set(all.map(({ state }) => state)), new Set(all.map(({ direction }) => direction)), stop]).toEqual([
    new Set(['not-looked']),
    new Set(['request']),
    null,
  ]);
});

test('whatever the captures say, the stop lies behind all that was seen', async () => {
  const sighting = fc
    .record({ point: fc.constantFrom(...wayPoints), what: fc.constantFrom('', '>', '<', '><'), control: fc.nat(1) })
    .map(({ point, what, control }) => sightingAt(point, what, { control }));
  await fc.assert(
    fc.asyncProperty(fc.array(sighting, { maxLength: 8 }), async (points) => {
      const { marks: all, stop } = await passageOf(points);
      const last = all.findLastIndex(({ state }) => state === 'seen');
      expect([stop?.lastSeen, all[stop?.missing ?? -1]?.state]).toEqual([last, 'not-seen']);
      expect(stop?.missing).toBeGreaterThan(last);
      expect(all.slice(0, last).every(({ state }) => state === 'seen' || state === 'passed')).toBe(true);
    }),
  );
});
