/** A flow that was followed so far, and what is said of it. */
import { beforeAll } from '@jest/globals';
import { passage as passageFact } from '../../src/computed/passage.ts';
import { stopOf } from '../../src/engine/stop.ts';
import { observed } from '../../src/model/evidence.ts';
import type { KernelWay, WayOf } from '../../src/model/kernel-way.ts';
import type { Flow } from '../../src/model/flow.ts';
import type { Passage } from '../../src/model/passage.ts';
import type { Sighting, WayPoint } from '../../src/model/sightings.ts';
import type { FlowStop } from '../../src/model/verdict.ts';
import { captured, changed, derive, factOf, failing, valueOf, type Facts } from '../support/facts.ts';
import { fullSizes } from '../support/sizes.ts';
import { sightingAt } from '../support/sightings.ts';

export const way = (of: WayOf, change: Partial<KernelWay> = {}): KernelWay => ({
  of,
  node: 'n1',
  destination: '10.244.1.5',
  source: null,
  inInterface: null,
  mark: 0,
  answer: { kind: 'route', type: 'unicast', device: 'cali1', gateway: null, table: 'main', preferredSource: null },
  doubt: null,
  evidence: [],
  ...change,
});
/** What the kernels and the pods were asked; its content does not matter here. */
export const asked = (ways: readonly KernelWay[]): Facts =>
  Object.fromEntries(
    [
      ...['routing', 'interface-settings'].flatMap((key) => [`${key}@target`, `${key}@source`]),
      'pod-neighbours',
      'pod-network',
      'source-pod-network',
      'pod-rulesets',
      'source-pod-rulesets',
    ]
      .map((key) => [key, observed<unknown>({}) as never] as const)
      .concat([
        ['kernel-ways', observed<unknown>(ways) as never],
        ['judged-ways', observed<unknown>({ ways: [], unasked: [] }) as never],
        ['pod-walks', observed<unknown>({ walks: [], unread: [] }) as never],
        ['path-sizes', observed<unknown>(fullSizes) as never],
        ['dataplanes', observed<unknown>([]) as never],
        ['queue-counts', observed<unknown>({ taken: [], unread: [] }) as never],
      ]),
  );
const ethernet = '0a:00:00:00:00:02';
const entry = (node: string | null, address: string | null) => ({
  node: node ?? '',
  address: address ?? '',
  device: 'eth0',
  linkAddress: ethernet,
  state: 'REACHABLE',
});
/** The facts in which each node has the right entry for the other one. */
function knowingEachOther(of: Facts): Facts {
  const { source, destination } = valueOf(of, 'flow');
  const links = (key: 'links@source' | 'links@target', address: string | null) =>
    valueOf(of, key).map((link) =>
      link.addresses.some((one) => one.address === address) ? { ...link, linkAddress: ethernet } : link,
    );
  return changed(of, {
    'links@source': links('links@source', source.nodeAddress),
    'links@target': links('links@target', destination.nodeAddress),
    'node-neighbours': [entry(destination.node, source.nodeAddress), entry(source.node, destination.nodeAddress)],
  });
}
export let facts: Facts;

beforeAll(async () => {
  const captures = failing(await captured('healthy-legacy'));
  facts = knowingEachOther({ ...captures, ...asked([way('target-ingress'), way('target-gateway')]) });
});

export const points = (whats: Partial<Readonly<Record<WayPoint, string>>>): readonly Sighting[] =>
  Object.entries(whats).map(([point, what]) =>
    sightingAt(point as WayPoint, what, {
      interface: point.endsWith('card') ? 'eth0' : point === 'target-tunnel' ? 'tunl0' : `cali-${point}`,
    }),
  );
export async function passageWith(
  whats: Partial<Readonly<Record<WayPoint, string>>>,
  of: Facts = facts,
): Promise<Passage> {
  const found = await derive(changed(of, { sightings: { points: points(whats) } }), passageFact);
  if (found?.status !== 'observed') throw new Error('no passage');
  return found.value as Passage;
}
export async function stopAt(
  whats: Partial<Readonly<Record<WayPoint, string>>>,
  of: Facts = facts,
  flow: Partial<Flow> = {},
): Promise<FlowStop> {
  const stop = await stopOf(
    await passageWith(whats, of),
    { ...valueOf(of, 'flow'), ...flow },
    {
      fact: (key) => factOf(of, key),
    },
  );
  if (!stop) throw new Error('it does not stop');
  return stop;
}
export const arrived = { 'source-card': '>', 'target-card': '>', 'target-pod': '>' } as const;
export const onTarget = { 'source-card': '>', 'target-card': '>', 'target-pod': '' } as const;
export const commandsOnTarget = async (of: Facts) =>
  (await stopAt(onTarget, of)).notChecked.map(({ command }) => command);
