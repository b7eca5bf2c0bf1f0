import { picking, type Fact } from '../../model/evidence.ts';
import type { FlowEnd } from '../../model/flow.ts';
import type { ManagedInterface } from '../../model/host-managers.ts';
import type { Link } from '../../model/network.ts';
import { podLink } from '../../model/pod-link.ts';
import { nodeNetworking } from '../../model/resource.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type Advice, type RawFinding } from '../../model/rule.ts';
import { ipip } from '../../tunnels/ipip.ts';
import { vxlan, vxlan6 } from '../../tunnels/vxlan.ts';

const owner = 'the owner of node {node}';
const flush = 'ip addr flush dev {interface}   # on {node}; Felix restores the route to the pod within 90 s';
/** Names of the interfaces that are Calico's. */
const calicos = ['cali*', ...[ipip, vxlan, vxlan6].flatMap(({ device }) => device?.name ?? [])];
const dropIns: Readonly<Record<ManagedInterface['manager'], Advice>> = {
  NetworkManager: {
    who: owner,
    commands: [
      `printf '[keyfile]\\nunmanaged-devices=${calicos.map((name) => `interface-name:${name}`).join(';')}\\n' ` +
        '> /etc/NetworkManager/conf.d/calico.conf && systemctl reload NetworkManager   # on {node}',
      flush,
    ],
  },
  'systemd-networkd': {
    who: owner,
    commands: [
      `printf '[Match]\\nName=${calicos.join(' ')}\\n[Link]\\nUnmanaged=yes\\n' ` +
        '> /etc/systemd/network/00-calico.network && networkctl reload   # on {node}',
      flush,
    ],
  },
};

export const hostManagerInterferes = defineRule({
  id: 'host-manager-interferes',
  description: "A network manager of the node changes a pod's interface, so that its routes are lost.",
  step: 'routes',
  requires: ['flow', 'links@target'],
  considers: ['links@source', 'host-managers'],
  withholds: ['nodeNetworking'],
  advice: {
    who: owner,
    commands: [
      'nmcli device; networkctl list; pgrep -a dhcpcd   # on {node}: which of them manages {interface}?',
      'journalctl --since -1h | grep {interface}   # on {node}: who changed it?',
      flush,
    ],
  },
  messages: {
    managed: {
      title: '{manager} manages {interface} of pod {pod} on {node}',
      detail:
        "It says that the interface is {state}. Interfaces of pods are Calico's. When another program sets one up " +
        'anew, the kernel removes the route to the pod.{held}',
    },
    address: {
      title: 'Something other than Calico gave {interface} of pod {pod} on {node} an address',
      detail:
        '{interface} has {address}, and Calico gives interfaces of pods no address. When the address goes, the ' +
        'kernel removes the route to the pod with it.',
    },
  },
  judge({ flow, 'links@target': target }, { 'links@source': source, 'host-managers': managers }, evidence) {
    const ends: readonly (readonly [FlowEnd, Fact<readonly Link[]>, 'links@target' | 'links@source'])[] = [
      [flow.destination, { status: 'observed', value: target, evidence: [] }, 'links@target'],
      [flow.source, source, 'links@source'],
    ];
    const unread: string[] = [];
    const findings = ends.flatMap(([end, links, key]): RawFinding<'managed' | 'address'>[] => {
      if (end.kind !== 'pod' || end.interface === null || end.node === null) return [];
      if (links.status === 'unavailable') {
        unread.push(`${end.node}: ${links.reason}`);
        return [];
      }
      const link = podLink(links.value, end);
      if (link?.name !== end.interface) return [];
      const managed =
        managers.status === 'observed'
          ? managers.value.find((one) => one.node === end.node && one.interface === link.name)
          : undefined;
      const [held] = link.addresses;
      if (!managed && !held) return [];
      const address = held ? `${held.address}/${held.prefixLength}` : '';
      return [
        {
          message: managed ? 'managed' : 'address',
          data: {
            node: end.node,
            pod: `${end.namespace}/${end.name}`,
            interface: link.name,
            address,
            manager: managed?.manager ?? '',
            state: managed?.state ?? '',
            held: held ? ` It has ${address}, which Calico does not give it.` : '',
          },
          subject: { kind: 'Interface', name: link.name },
          node: end.node,
          proof: 'read',
          evidence: [
            ...evidence('host-managers').filter(({ node }) => node === end.node),
            ...picking(evidence(key), (line) => line.includes(link.name)),
          ],
          stopsFlow: false,
          withholds: [nodeNetworking(end.node)],
          ...(managed ? { advice: dropIns[managed.manager] } : {}),
        },
      ];
    });
    if (findings.length > 0) return fail(...findings);
    if (flow.destination.interface === null) return notApplicable('the pod is on the host network');
    if (unread.length > 0) return inconclusive(`the interfaces of a node were not read: ${unread.join('; ')}`);
    return managers.status === 'unavailable' && managers.code !== 'not-applicable'
      ? inconclusive(`the network managers were not asked: ${managers.reason}`)
      : pass('no program but Calico gave the interfaces of the pods an address');
  },
});
