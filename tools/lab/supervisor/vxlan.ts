import { existsSync } from 'node:fs';
import { z } from 'zod';
import { block6, device6, ipv6Of, isDual, mtu6, tunnelAddress6, vxlanMac6 } from '../dual-stack.ts';
import { isBare, vxlanMac } from '../encapsulation.ts';
import type { LabPaths } from '../paths.ts';
import { attempt } from '../run.ts';
import type { LabNode, Topology } from '../topology.ts';
import { heldDown, linkRows, routeRows } from './bird.ts';
import { followNode, listed } from './follow-node.ts';

/** Felix's protocol of routes that do not lead into its device. */
const protocol = ['proto', '80'];

/** What Felix has for the packets of one family. */
interface Family {
  readonly option: '-4' | '-6';
  readonly device: string;
  readonly mtu: number;
  readonly of: (node: LabNode) => {
    readonly address: string;
    readonly tunnelAddress: string;
    readonly block: string;
    readonly mac: string;
  };
}

const ipv4: Family = {
  option: '-4',
  device: 'vxlan.calico',
  mtu: 1450,
  of: (node) => ({ ...node, mac: vxlanMac(node) }),
};
const ipv6: Family = {
  option: '-6',
  device: device6,
  mtu: mtu6,
  of: (node) => ({
    address: ipv6Of(node.address),
    tunnelAddress: tunnelAddress6(node),
    block: block6(node),
    mac: vxlanMac6(node),
  }),
};

const addressRows = z.array(z.object({ addr_info: z.array(z.object({ local: z.string().optional() })).default([]) }));

/**
 * Plays what Felix does for VXLAN on a node: the device of each family, the entries by which it finds the other nodes'
 * devices, and the routes. Routes are put back when they go; the entries only when the device comes up, as by a Felix
 * whose refresh is far.
 */
export function playVxlan(paths: LabPaths, topology: Topology, node: LabNode): void {
  const families = isDual(topology) ? [ipv4, ipv6] : [ipv4];
  const settle = families.map((family) => familyOfNode(paths, topology, node, family));
  followNode(paths, node, async () => {
    for (const one of settle) await one();
  });
}

function familyOfNode(paths: LabPaths, topology: Topology, node: LabNode, family: Family): () => Promise<void> {
  const { option, device, mtu } = family;
  const ip = ['ip', option, '-n', paths.namespace(node.name)];
  const own = family.of(node);
  const peers = topology.nodes
    .filter(({ name }) => name !== node.name)
    .map((peer) => ({ ...family.of(peer), isTunnelled: !isBare(topology, node, peer) }));
  const tunnelled = peers.filter((peer) => peer.isTunnelled);
  let wasUp = false;

  async function makeDevice(): Promise<void> {
    const vxlan = ['type', 'vxlan', 'id', '4096', 'local', own.address, 'dev', 'eth0', 'dstport', '4789', 'nolearning'];
    await attempt([...ip, 'link', 'add', device, 'address', own.mac, 'mtu', String(mtu), ...vxlan]);
    await attempt([...ip, 'link', 'set', device, 'up']);
  }

  /** The kernel takes addresses of IPv6 away with the link. */
  async function keepAddress(): Promise<void> {
    const [addressed] = addressRows.parse(await listed([...ip, '-j', 'addr', 'show', 'dev', device]));
    if (addressed?.addr_info.some(({ local }) => local === own.tunnelAddress)) return;
    const whole = option === '-6' ? ['128', 'nodad'] : ['32'];
    const [length = '', ...rest] = whole;
    await attempt([...ip, 'addr', 'add', `${own.tunnelAddress}/${length}`, 'dev', device, ...rest]);
  }

  async function meetPeers(): Promise<void> {
    for (const { tunnelAddress, mac, address } of tunnelled) {
      await attempt([...ip, 'neigh', 'replace', tunnelAddress, 'lladdr', mac, 'dev', device, 'nud', 'permanent']);
      const bridge = ['bridge', '-n', paths.namespace(node.name), 'fdb', 'replace'];
      await attempt([...bridge, mac, 'dev', device, 'dst', address]);
    }
  }

  return async () => {
    const [link] = linkRows.parse(await listed([...ip, '-j', 'link', 'show', device]));
    if (!link) await makeDevice();
    const isUp = link?.flags.includes('UP') ?? true;
    if (isUp && existsSync(heldDown(paths, node.name))) {
      await attempt([...ip, 'link', 'set', device, 'down']);
      wasUp = false;
      return;
    }
    if (isUp) await keepAddress();
    const routes = routeRows.parse(await listed([...ip, '-j', 'route']));
    const lacks = ({ block }: { readonly block: string }) => !routes.some(({ dst }) => dst === block);
    if (lacks(own)) await attempt([...ip, 'route', 'add', 'blackhole', own.block, ...protocol]);
    for (const { block, address } of peers.filter((one) => lacks(one) && !one.isTunnelled))
      await attempt([...ip, 'route', 'add', block, 'via', address, 'dev', 'eth0', ...protocol]);
    if (isUp && !wasUp) await meetPeers();
    wasUp = isUp;
    if (!isUp) return;
    for (const { block, tunnelAddress } of tunnelled.filter(lacks)) {
      const into = ['dev', device, 'onlink', 'mtu', String(mtu)];
      await attempt([...ip, 'route', 'add', block, 'via', tunnelAddress, ...into]);
    }
  };
}
