import { familyOf } from '../../model/addresses.ts';
import { picking } from '../../model/evidence.ts';
import type { NodeInterface } from '../../model/fix-inputs.ts';
import type { FlowEnd } from '../../model/flow.ts';
import type { Link } from '../../model/network.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type RawFinding } from '../../model/rule.ts';
import { tunnel } from '../../model/resource.ts';
import { isCrossNode } from '../../model/flow-place.ts';
import { poolOf } from '../../calico/pool-of.ts';
import { shareSubnet } from '../../calico/shared-subnet.ts';
import { tunnelBetween } from '../../tunnels/registry.ts';

export const tunnelDeviceDown = defineRule({
  id: 'tunnel-device-down',
  description: 'On one of the nodes, the tunnel device of an encapsulated pool is missing, is down, or has no address.',
  step: 'routes',
  sharedBy: 'node',
  requires: ['flow', 'links@target', 'links@source', 'pools'],
  withholds: ['tunnel'],
  fix: 'bring-up-tunnel-device',
  advice: {
    who: 'the owner of node {node}',
    commands: [
      'ip -d link show {device}',
      'ip link set dev {device} up',
      'ip route show dev {device}   # {restorer} restores the routes; if it does not, restart it',
    ],
  },
  messages: {
    missing: {
      title: 'Tunnel device {device} is missing on {node}',
      detail: 'Pool {pool} uses {tunnel}. Without the device, the node neither sends nor receives tunnel packets.',
    },
    down: {
      title: 'Tunnel device {device} is down on {node}',
      detail:
        'Pool {pool} uses {tunnel}. The kernel removed the routes through the device when it went down. ' +
        '{restorer} restores them, the kernel does not.',
    },
    addressless: {
      title: 'Tunnel device {device} on {node} has no address',
      detail: 'Packets that the node itself sends through the tunnel lack a source address of pool {pool}.',
    },
  },
  judge({ flow, 'links@target': targetLinks, 'links@source': sourceLinks, pools }, _considered, evidence) {
    if (!isCrossNode(flow)) return notApplicable('source and pod are on one node');
    const pool = poolOf(pools, flow.destination.address);
    if (!pool) return notApplicable('no pool holds the address');
    const carrier = tunnelBetween(pool, shareSubnet(sourceLinks, flow.source, flow.destination));
    if (!carrier) return inconclusive('it is not known whether the nodes share a subnet, which decides for this pool');
    if (carrier.device === null) return notApplicable('between these nodes the pool is not encapsulated');
    const { name: device, routesFrom } = carrier.device;
    const ends: readonly { end: FlowEnd; links: readonly Link[]; key: 'links@target' | 'links@source' }[] = [
      { end: flow.source, links: sourceLinks, key: 'links@source' },
      { end: flow.destination, links: targetLinks, key: 'links@target' },
    ];
    const findings = ends.flatMap(({ end, links, key }): RawFinding<State, NodeInterface>[] => {
      const { node } = end;
      const message = stateOf(links.find((link) => link.name === device));
      if (!message || !node) return [];
      return [
        {
          message,
          data: { device, node, pool: pool.spec.cidr, tunnel: carrier.name, restorer: routesFrom },
          subject: { kind: 'Interface', name: device },
          node,
          proof: 'read',
          evidence: picking(evidence(key), (line) => line.includes(device)),
          // Forwarded packets need no address on the device, only the node's own do.
          stopsFlow: message !== 'addressless' || flow.source.interface === null,
          withholds: [tunnel(node)],
          ...buttonFor(end, device, message),
        },
      ];
    });
    return findings.length > 0 ? fail(...findings) : pass(`${device} is up on both nodes`);
  },
});

type State = 'missing' | 'down' | 'addressless';

/** Felix makes the device, and gives it its address: it would undo what somebody else makes. */
function buttonFor(
  { node, nodeAddress, address }: FlowEnd,
  device: string,
  state: State,
): Pick<RawFinding<State, NodeInterface>, 'fixInput' | 'noFix'> {
  if (state !== 'down') return { noFix: `Felix makes ${device} and sets its address` };
  if (familyOf(address) === 6) return { noFix: 'the fix is for tunnels of IPv4 alone' };
  if (node === null || nodeAddress === null) return { noFix: 'the address of the node is not known' };
  return { fixInput: { node, nodeAddress, interface: device } };
}

function stateOf(link: Link | undefined): State | null {
  if (!link) return 'missing';
  if (!link.flags.includes('UP')) return 'down';
  return link.addresses.length === 0 ? 'addressless' : null;
}
