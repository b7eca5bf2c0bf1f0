import { z } from 'zod';
import type { LabPaths } from './paths.ts';
import { podPart } from './paths.ts';
import { addressesOf, ipv6Of, isDual, podGateway6, podMtu, prefixLength6 } from './dual-stack.ts';
import { networkOf } from './encapsulation.ts';
import { attempt, run } from './run.ts';
import { readTopology } from './state.ts';
import { addresses, type LabNode, type LabPod, type Topology } from './topology.ts';

/**
 * The wires: a bridge in its own namespace, and everything else on it by veth. Commands go to
 * `ip -batch`, one process for many.
 */

type Station = { part: string; address: string; defaultRoute: boolean };

const prefix = addresses.prefixLength;

function stations(topology: Topology): Station[] {
  return [
    { part: 'control', address: addresses.controlPlane, defaultRoute: false },
    { part: 'ops', address: addresses.operations, defaultRoute: false },
    { part: 'outside', address: addresses.outside, defaultRoute: true },
    // A node without a default route does not answer a pod's ARP for 169.254.1.1.
    ...topology.nodes.map((node) => ({ part: node.name, address: node.address, defaultRoute: true })),
  ];
}

/** Makes the underlay and puts every node, the control plane, operations and `outside` on it. */
export async function layUnderlay(paths: LabPaths, topology: Topology): Promise<void> {
  const all = stations(topology);
  const networks = [...new Set(all.map((one) => networkOf(one.address).network))];
  const gateways = [...new Set(all.map((one) => networkOf(one.address).gateway))];
  const bridge = paths.namespace('underlay');
  await run(
    ['ip', '-batch', '-'],
    [bridge, ...all.map((one) => paths.namespace(one.part))].map((one) => `netns add ${one}`).join('\n'),
  );
  await run(
    ['ip', '-n', bridge, '-batch', '-'],
    [
      'link add br0 type bridge forward_delay 0 mcast_snooping 0',
      ...gateways.map((gateway) => `addr add ${gateway}/${prefix} dev br0`),
      'link set lo up',
      'link set br0 up',
      ...(isDual(topology) ? [`addr add ${ipv6Of(addresses.gateway)}/${prefixLength6} dev br0 nodad`] : []),
      ...all.flatMap((one) => [
        `link add ${one.part} type veth peer name eth0 netns ${paths.namespace(one.part)}`,
        `link set ${one.part} master br0`,
        `link set ${one.part} up`,
      ]),
    ].join('\n'),
  );
  await Promise.all(
    all.map((one) =>
      run(
        ['ip', '-n', paths.namespace(one.part), '-batch', '-'],
        [
          'link set lo up',
          `addr add ${one.address}/${prefix} dev eth0`,
          'link set eth0 up',
          ...(isDual(topology) ? underlay6(one) : []),
          ...(one.defaultRoute
            ? [`route add default via ${networkOf(one.address).gateway}`]
            : networks
                .filter((network) => network !== networkOf(one.address).network)
                .map((network) => `route add ${network} via ${networkOf(one.address).gateway}`)),
        ].join('\n'),
      ),
    ),
  );
  if (networks.length > 1) await routeBetweenNetworks(paths);
}

function underlay6({ address, defaultRoute }: Station): string[] {
  return [
    // Nobody else has it: there is no need to wait for an answer.
    `addr add ${ipv6Of(address)}/${prefixLength6} dev eth0 nodad`,
    ...(defaultRoute ? [`route add default via ${ipv6Of(addresses.gateway)}`] : []),
  ];
}

/** The bridge's own namespace plays the router between the nodes' networks. It shows nobody a shorter way. */
async function routeBetweenNetworks(paths: LabPaths): Promise<void> {
  await run([
    'nsenter',
    `--net=${paths.namespaceFile('underlay')}`,
    'sysctl',
    '-q',
    '-w',
    'net.ipv4.conf.all.send_redirects=0',
    'net.ipv4.conf.br0.send_redirects=0',
    'net.ipv4.ip_forward=1',
  ]);
}

/** What the kernel of a node is told before Calico comes: it forwards, and filters no reverse paths. */
export async function setNodeKernel(paths: LabPaths, node: LabNode): Promise<void> {
  await run([
    'nsenter',
    `--net=${paths.namespaceFile(node.name)}`,
    'sysctl',
    '-q',
    '-w',
    'net.ipv4.ip_forward=1',
    'net.ipv6.conf.all.forwarding=1',
    'net.ipv4.conf.all.rp_filter=0',
    'net.ipv4.conf.default.rp_filter=0',
  ]);
}

/**
 * Wires one pod as Calico's CNI plugin does: a veth, a /32, the gateway that nobody owns, and the
 * host's route to it.
 */
export async function wirePod(paths: LabPaths, pod: LabPod): Promise<void> {
  const inside = paths.namespace(podPart(pod.namespace, pod.name));
  const node = paths.namespace(pod.node);
  const topology = readTopology(paths);
  const mtu = podMtu(topology);
  await run(['ip', 'netns', 'add', inside]);
  await run([
    'ip',
    '-n',
    node,
    'link',
    'add',
    pod.interface,
    'address',
    'ee:ee:ee:ee:ee:ee',
    'mtu',
    mtu,
    'type',
    'veth',
    'peer',
    'name',
    'eth0',
    'mtu',
    mtu,
    'netns',
    inside,
  ]);
  await run(
    ['ip', '-n', inside, '-batch', '-'],
    [
      'link set lo up',
      `addr add ${pod.ip}/32 dev eth0`,
      'link set eth0 up',
      'route add 169.254.1.1 dev eth0 scope link',
      'route add default via 169.254.1.1 dev eth0',
    ].join('\n'),
  );
  await run([
    'nsenter',
    `--net=${paths.namespaceFile(pod.node)}`,
    'sysctl',
    '-q',
    '-w',
    `net.ipv4.conf.${pod.interface}.proxy_arp=1`,
    `net.ipv4.neigh.${pod.interface}.proxy_delay=0`,
    `net.ipv4.conf.${pod.interface}.route_localnet=1`,
    `net.ipv4.conf.${pod.interface}.forwarding=1`,
  ]);
  await run(
    ['ip', '-n', node, '-batch', '-'],
    [`link set ${pod.interface} up`, `route add ${pod.ip} dev ${pod.interface} scope link`].join('\n'),
  );
  if (isDual(topology)) await wirePod6(paths, topology, pod);
}

/** The same for IPv6: the gateway is the link-local address of the host's end, which also answers for others. */
async function wirePod6(paths: LabPaths, topology: Topology, pod: LabPod): Promise<void> {
  const [, address = ''] = addressesOf(topology, pod);
  await run([
    'nsenter',
    `--net=${paths.namespaceFile(pod.node)}`,
    'sysctl',
    '-q',
    '-w',
    `net.ipv6.conf.${pod.interface}.accept_dad=0`,
    `net.ipv6.conf.${pod.interface}.accept_ra=0`,
    `net.ipv6.conf.${pod.interface}.proxy_ndp=1`,
    `net.ipv6.conf.${pod.interface}.forwarding=1`,
  ]);
  await run(
    ['ip', '-n', paths.namespace(podPart(pod.namespace, pod.name)), '-batch', '-'],
    [`addr add ${address}/128 dev eth0 nodad`, `route add default via ${podGateway6} dev eth0`].join('\n'),
  );
  await run(['ip', '-n', paths.namespace(pod.node), 'route', 'add', address, 'dev', pod.interface]);
}

/** Names of the lab's network namespaces that exist now. */
export async function labNamespaces(
  name: string,
  parts: RegExp = /^(underlay|control|ops|outside|node-[a-z]|pod-[a-z0-9-]+\.[a-z0-9.-]+)$/,
): Promise<string[]> {
  const listed = await attempt(['ip', '-j', 'netns', 'list']);
  const all =
    listed.stdout.trim() === '' ? [] : z.array(z.object({ name: z.string() })).parse(JSON.parse(listed.stdout));
  return all
    .map((one) => one.name)
    .filter((one) => one.startsWith(`${name}-`) && parts.test(one.slice(name.length + 1)));
}
