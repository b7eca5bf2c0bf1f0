import type { Flow } from '../../model/flow.ts';
import type { JudgedWay } from '../../model/judged-way.ts';
import { defineRule, fail, notApplicable, type Advice, type RawFinding } from '../../model/rule.ts';
import { soleAddress } from '../../model/resource.ts';
import { routeText } from '../../model/routes.ts';
import { isCrossNode } from '../../model/flow-place.ts';
import { poolOf } from '../../calico/pool-of.ts';
import { noneOf, packetWords, takenWords, waysOfClass, wayOfLeg } from '../lib/wrong-ways.ts';

export const poolOverlapsAnotherNetwork = defineRule({
  id: 'pool-overlaps-another-network',
  description:
    "A network of a node that is not Calico's (a bridge of Docker, a VPN) covers an address of the pool, and its " +
    'route wins.',
  step: 'routes',
  requires: ['flow', 'judged-ways'],
  considers: ['flow-outcome', 'path-capture', 'pools'],
  lacks: ['soleAddress'],
  withholds: ['way'],
  advice: {
    who: 'the owner of node {node}',
    commands: [
      'ip -d addr show dev {device}   # whose network is it?',
      'ip route get {address}',
      'calicoctl get ippool -o wide   # give the other network a range outside every pool (for docker0: "bip" ' +
        'in /etc/docker/daemon.json)',
    ],
  },
  messages: {
    overlaps: {
      title: 'A network on {device} of {node} covers {covered}',
      detail:
        '{node} sends {packet} by "{taken}" and not to the other node. The route of Calico is {expected}. ' +
        'The address belongs to pool {pool}.',
    },
    drops: {
      title: 'The route "{taken}" of {node} drops packets to {covered}',
      detail:
        '{node} drops {packet} and does not send it to the other node. The route of Calico is {expected}, and ' +
        'the other one comes before it. The address belongs to pool {pool}.',
    },
  },
  judge({ flow, 'judged-ways': judged }, { 'flow-outcome': outcome, 'path-capture': capture, pools }) {
    if (!isCrossNode(flow)) return notApplicable('source and pod are on one node');
    const findings = waysOfClass(judged, 'overlapped', { outcome, capture }).map(
      (one): RawFinding<'overlaps' | 'drops'> => {
        const pool = pools.status === 'observed' ? poolOf(pools.value, one.way.destination) : null;
        return {
          message: one.device === null ? 'drops' : 'overlaps',
          data: {
            node: one.way.node,
            packet: packetWords(one),
            covered: `${isOfTunnel(one, flow) ? 'the tunnel address' : 'the pod address'} ${one.way.destination}`,
            address: one.way.destination,
            device: one.device ?? '',
            taken: takenWords(one),
            expected: one.expected ? `"${routeText(one.expected)}"` : 'not in the table',
            pool: pool?.spec.cidr ?? 'not known',
          },
          subject: { kind: 'Route', name: one.taken?.destination ?? one.way.destination },
          node: one.way.node,
          proof: 'read',
          evidence: one.way.evidence,
          stopsFlow: true,
          lacks: [soleAddress(one.way.node, one.way.destination)],
          withholds: [wayOfLeg(one)],
          ...(one.device === null ? { advice: ofNoDevice } : {}),
        };
      },
    );
    return findings.length > 0
      ? fail(...findings)
      : noneOf(judged, 'no other network takes packets for the addresses of the flow');
  },
});

/** Packets of a node itself have the address of its tunnel device, and that is what their answers are sent to. */
function isOfTunnel({ role, toNode }: JudgedWay, { source }: Flow): boolean {
  return role === 'peer' && source.interface === null && toNode === source.node;
}

/** A route such as a blackhole leads to no device that could be shown. */
const ofNoDevice: Advice = {
  who: 'the owner of node {node}',
  commands: [
    'ip -d route show match {address}   # the protocol says which program added the route',
    'ip route get {address}',
  ],
};
