/** Where a rule gives the asked packets another source address, captures may not know them. */
import { expect, test } from '@jest/globals';
import { passage } from '../../src/computed/passage.ts';
import { observed } from '../../src/model/evidence.ts';
import type { PodNetwork } from '../../src/model/network.ts';
import type { PacketWalk, PodWalk } from '../../src/model/flow-walk.ts';
import type { Passage } from '../../src/model/passage.ts';
import type { Sighting } from '../../src/model/sightings.ts';
import { end, flowWith, tried } from '../support/attempts.ts';
import { captured, derive, valueOf } from '../support/facts.ts';
import { sightingAt } from '../support/sightings.ts';

const links = valueOf(await captured('healthy-legacy'), 'links@source');
const tunnel = links.find(({ name }) => name === 'tunl0')?.addresses[0]?.address ?? '';
const flow = flowWith({
  destination: { ...end, name: 'mypod', address: '10.244.1.5', node: 'n1', nodeAddress: '10.0.0.1', interface: 'c1' },
});
const nodeAddress = flow.source.nodeAddress ?? '';

async function seenWith(
  now: string | null,
  points: readonly Sighting[],
  own = flow.source.address,
  inPod = flow.source.address,
) {
  const way = { kind: 'route', device: 'eth0', gateway: '169.254.1.1', preferredSource: own };
  const rewritten = now && { asked: flow.source.address, now, by: null, decisionAsAsked: 'accept' };
  const found = await derive(
    {
      flow: observed(flow),
      reachability: observed({ attempts: [tried('flow', 8080, 'none')] }),
      sightings: observed({ points }),
      dataplanes: observed([]),
      walks: observed([{ rewritten } as unknown as PacketWalk]),
      'links@source': observed(links),
      'source-pod-network': observed({ way } as unknown as PodNetwork),
      'pod-walks': observed({ walks: [sentFrom(inPod)], unread: [] }),
    },
    passage,
  );
  if (found?.status !== 'observed') throw new Error('no passage');
  const { marks, stop } = found.value as Passage;
  return {
    stop: stop && `${marks[stop.lastSeen]?.point} → ${marks[stop.missing]?.point} (${stop.areas.join(', ')})`,
    why: marks.find(({ point }) => point === 'target-card')?.why,
  };
}

/** What rules inside the sending pod make of the request. */
const sentFrom = (source: string) =>
  ({
    end: 'source',
    packet: 'request',
    asked: { source: flow.source.address },
    result: { packet: { source } },
  }) as unknown as PodWalk;

const all = (target: string) => [
  sightingAt('source-pod', '>'),
  sightingAt('source-card', ''),
  sightingAt('target-card', ''),
  sightingAt('target-pod', target),
];

test.each<[string, string | null, string | null]>([
  ['the packets keep their address', null, 'source-pod → source-card (source-node)'],
  ["they get the tunnel's, which captures look for", tunnel, 'source-pod → source-card (source-node)'],
  [
    "they get their node's, which captures look for at pods alone",
    nodeAddress,
    'source-pod → target-pod (source-node, underlay, target-node)',
  ],
  [
    'they get one that no capture looks for',
    '192.0.2.9',
    'source-pod → source-pod (source-node, underlay, target-node, target-pod)',
  ],
])('the stop is told only by captures that know the packets: %s', async (_, now, stop) => {
  const { stop: told } = await seenWith(now, all(''));
  expect(told).toContain(stop);
});

test('the point says why its capture tells nothing', async () => {
  const { why } = await seenWith('192.0.2.9', all(''));
  expect(why).toBe(
    `${flow.source.node} gives the packets the source address 192.0.2.9, which the capture does not look for`,
  );
});

test('what a capture saw counts as before', async () => {
  const { stop } = await seenWith(nodeAddress, all('>'));
  expect(stop).toBe('target-pod → target-pod (target-pod)');
});

test('nothing tells where a packet stops that its pod sends from another address than its own', async () => {
  const nowhere = [sightingAt('source-pod', ''), ...all('').slice(1)];
  expect((await seenWith(null, nowhere)).stop).toContain('sender → source-pod');
  for (const byWhom of [
    ['10.244.2.99', flow.source.address],
    [flow.source.address, '10.244.2.99'],
  ] as const) {
    const { stop, why } = await seenWith(null, nowhere, ...byWhom);
    expect(stop).not.toContain('→ source-pod');
    expect(why).toContain('sends the packets from 10.244.2.99, which the capture does not look for');
  }
});
