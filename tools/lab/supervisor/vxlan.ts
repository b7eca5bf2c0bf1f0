import { existsSync } from 'node:fs';
import { isBare, vxlanMac } from '../encapsulation.ts';
import type { LabPaths } from '../paths.ts';
import { attempt } from '../run.ts';
import type { LabNode, Topology } from '../topology.ts';
import { heldDown, linkRows, routeRows } from './bird.ts';
import { followNode, listed } from './follow-node.ts';

const device = 'vxlan.calico';
/** Felix's protocol of routes that do not lead into its device. */
const protocol = ['proto', '80'];

/**
 * Plays what Felix does for VXLAN on a node: the device, the entries by which it finds the other nodes' devices, and
 * the routes. Routes are put back when they go; the entries only when the device comes up, as by a Felix whose refresh
 * is far.
 */
export function playVxlan(paths: LabPaths, topology: Topology, node: LabNode): void {
  const ip = ['ip', '-n', paths.namespace(node.name)];
  const peers = topology.nodes.filter(({ name }) => name !== node.name);
  const tunnelled = peers.filter((peer) => !isBare(topology, node, peer));
  let wasUp = false;

  async function makeDevice(): Promise<void> {
    const vxlan = [
      'type',
      'vxlan',
      'id',
      '4096',
      'local',
      node.address,
      'dev',
      'eth0',
      'dstport',
      '4789',
      'nolearning',
    ];
    await attempt([...ip, 'link', 'add', device, 'address', vxlanMac(node), 'mtu', '1450', ...vxlan]);
    await attempt([...ip, 'addr', 'add', `${node.tunnelAddress}/32`, 'dev', device]);
    await attempt([...ip, 'link', 'set', device, 'up']);
  }

  async function meetPeers(): Promise<void> {
    for (const peer of tunnelled) {
      const mac = vxlanMac(peer);
      await attempt([...ip, 'neigh', 'replace', peer.tunnelAddress, 'lladdr', mac, 'dev', device, 'nud', 'permanent']);
      await attempt([
        'bridge',
        '-n',
        paths.namespace(node.name),
        'fdb',
        'replace',
        mac,
        'dev',
        device,
        'dst',
        peer.address,
      ]);
    }
  }

  async function reconcile(): Promise<void> {
    const [link] = linkRows.parse(await listed([...ip, '-j', 'link', 'show', device]));
    if (!link) await makeDevice();
    const isUp = link?.flags.includes('UP') ?? true;
    if (isUp && existsSync(heldDown(paths, node.name))) {
      await attempt([...ip, 'link', 'set', device, 'down']);
      wasUp = false;
      return;
    }
    const routes = routeRows.parse(await listed([...ip, '-j', 'route']));
    const lacks = ({ block }: LabNode) => !routes.some(({ dst }) => dst === block);
    if (lacks(node)) await attempt([...ip, 'route', 'add', 'blackhole', node.block, ...protocol]);
    for (const peer of peers.filter((one) => lacks(one) && !tunnelled.includes(one)))
      await attempt([...ip, 'route', 'add', peer.block, 'via', peer.address, 'dev', 'eth0', ...protocol]);
    if (isUp && !wasUp) await meetPeers();
    wasUp = isUp;
    if (!isUp) return;
    for (const peer of tunnelled.filter(lacks))
      await attempt([
        ...ip,
        'route',
        'add',
        peer.block,
        'via',
        peer.tunnelAddress,
        'dev',
        device,
        'onlink',
        'mtu',
        '1450',
      ]);
  }

  followNode(paths, node, reconcile);
}
