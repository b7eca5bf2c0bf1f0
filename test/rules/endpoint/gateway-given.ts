import type { KernelWay, WayAnswer, WayOf } from '../../../src/model/kernel-way.ts';
import { captured, changed, failing, valueOf, type Facts } from '../../support/facts.ts';
import { withPodNetwork, withPodNetworks, withSetting, withSettings } from '../../support/network-facts.ts';
export const base = failing(withPodNetworks(withSettings(await captured('healthy-legacy'))));
export const flow = valueOf(base, 'flow');
export const [own, clients] = [flow.destination.interface ?? '', flow.source.interface ?? ''];
export const byCard = {
  kind: 'route',
  type: 'unicast',
  device: 'eth0',
  gateway: '10.250.0.1',
  table: 'main',
  preferredSource: null,
} as const satisfies WayAnswer;
const way = (of: WayOf, node: string, inInterface: string, answer: WayAnswer = byCard): KernelWay => ({
  of,
  node,
  destination: '169.254.1.1',
  source: null,
  inInterface,
  mark: 0,
  answer,
  doubt: null,
  evidence: [],
});
export const ways = (target: WayAnswer, source: WayAnswer = byCard) => ({
  'kernel-ways': [way('target-gateway', 'n1', own, target), way('source-gateway', 'n2', clients, source)],
});
export const healthy = changed(base, ways(byCard));
export const unreachable = {
  kind: 'refused',
  error: 'network-unreachable',
  words: 'Network is unreachable',
} as const satisfies WayAnswer;
export const prohibited = {
  kind: 'refused',
  error: 'permission-denied',
  words: 'Permission denied',
} as const satisfies WayAnswer;
export const entry = (facts: Facts, key: 'pod-network' | 'source-pod-network', state: string | null) =>
  withPodNetwork(facts, key, {
    neighbours:
      state === null ? [] : [{ node: 'n1', address: '169.254.1.1', device: 'eth0', linkAddress: null, state }],
  });
export const silent = (state: string | null) =>
  entry(withSetting(healthy, 'target', own, { proxyArp: false }), 'pod-network', state);

/** The pod takes the other end for a neighbour, and has this entry of it. */
export const beside = (state: string | null, facts: Facts) =>
  withPodNetwork(facts, 'pod-network', {
    way: { ...byCard, gateway: null },
    neighbours:
      state === null ? [] : [{ node: 'n1', address: flow.source.address, device: 'eth0', linkAddress: null, state }],
  });

/** No pod has asked for its gateway yet. */
export const unasked = entry(entry(healthy, 'pod-network', null), 'source-pod-network', null);
