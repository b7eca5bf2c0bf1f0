import { expect, test } from '@jest/globals';
import type { NeighbourEntry, Route } from '../../../src/model/network.ts';
import type { CapturePlace } from '../../../src/model/path-capture.ts';
import { neighbourEntryWrong as rule } from '../../../src/rules/routes/neighbour-entry-wrong.ts';
import { toFinding } from '../../../src/engine/finding.ts';
import { findingsOf } from '../../../src/engine/evaluate.ts';
import { blind, captured, changed, evaluated, valueOf, type Facts } from '../../support/facts.ts';
import { lost, rerouted } from '../../support/ways.ts';

/*
 * The recorded cluster, where the node of one end takes a router at eth0 as the next hop to the pod of the other. No
 * packet of the flow left that node, and nobody answers for the router.
 */
const recorded = lost(await captured('healthy-legacy'));
const { source, destination } = valueOf(recorded, 'flow');
const router = '198.51.100.99';
const dead: NeighbourEntry = { node: 'n2', address: router, device: 'eth0', linkAddress: null, state: 'FAILED' };
const hopTo = (address: string): Route => ({
  destination: `${address}/32`,
  type: 'unicast',
  device: 'eth0',
  gateway: router,
  protocol: 'bird',
  metric: 0,
  flags: [],
  nextHops: [],
});
const seenAt = (all: Partial<Record<CapturePlace['hop'], 'requests' | 'both'>>) => ({
  'path-capture': {
    ...valueOf(recorded, 'path-capture'),
    places: valueOf(recorded, 'path-capture').places.map((place) => ({
      ...place,
      requests: all[place.hop] ? ['a'] : [],
      replies: all[place.hop] === 'both' ? ['a'] : [],
    })),
  },
});
const towards = (key: 'routes@source' | 'routes@target', address: string) =>
  rerouted(recorded, { [key]: [hopTo(address), ...valueOf(recorded, key)] });
const request = changed(towards('routes@source', destination.address), seenAt({}));
const reply = changed(
  towards('routes@target', source.address),
  seenAt({ 'source-card': 'requests', 'target-card': 'requests' }),
);
const told = async (of: Facts, entry: Partial<NeighbourEntry> = {}) => {
  const found = findingsOf(await evaluated(rule, changed(of, { 'node-neighbours': [{ ...dead, ...entry }] })));
  return found.map((finding) => toFinding({ rule, finding }).title);
};

test('nobody answers for the next hop of the request, or of the reply', async () => {
  expect(await told(request)).toEqual([`Node n2 sends packets for n1 to ${router}, which does not answer`]);
  expect(await told(request, { state: 'INCOMPLETE' })).toHaveLength(1);
  expect(await told(reply, { node: 'n1' })).toEqual([
    `Node n1 sends packets for n2 to ${router}, which does not answer`,
  ]);
});

test('an entry is not blamed where it answers, is of another way, or was not needed', async () => {
  expect(await told(request, { linkAddress: '0a:00:00:00:00:01', state: 'STALE' })).toEqual([]);
  expect(await told(request, { linkAddress: null, state: 'NOARP' })).toEqual([]);
  expect(await told(request, { address: '198.51.100.98' })).toEqual([]);
  expect(await told(request, { device: 'eth1' })).toEqual([]);
  expect(await told(request, { node: 'n1' })).toEqual([]);
});

test('an old entry is not blamed where packets of the flow left the node, or were not looked for', async () => {
  expect(await told(changed(request, seenAt({ 'source-card': 'requests' })))).toEqual([]);
  expect(await told(changed(request, seenAt({ 'target-card': 'requests' })))).toEqual([]);
  expect(await told(changed(reply, seenAt({ 'target-card': 'both' })), { node: 'n1' })).toEqual([]);
  expect(await told(changed(reply, seenAt({})), { node: 'n1' })).toEqual([]);
  expect(await told(blind(request, ['path-capture']))).toEqual([]);
});

test('where a tunnel carries the packets, the route to the other node is asked for', async () => {
  const { nodeAddress } = destination;
  const outer = changed(towards('routes@source', nodeAddress ?? ''), seenAt({}));
  const [finding] = findingsOf(await evaluated(rule, changed(outer, { 'node-neighbours': [dead] })));
  const commands = finding && toFinding({ rule, finding }).advice?.commands;
  expect(commands?.[0]).toContain(`ip route show to match ${nodeAddress}`);
});
