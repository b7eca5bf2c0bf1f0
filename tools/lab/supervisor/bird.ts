import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { LabPaths } from '../paths.ts';
import { attempt } from '../run.ts';
import type { LabNode, Topology } from '../topology.ts';
import { followNode, listed } from './follow-node.ts';

/** A node's interface that a fault holds down, whoever brings it up: the file's name. */
export const heldDown = (paths: LabPaths, node: string) => `${paths.root}/held-down-${node}`;

export const routeRows = z.array(z.object({ dst: z.string() }));
export const linkRows = z.array(z.object({ flags: z.array(z.string()).default([]) }));

async function reconcile(paths: LabPaths, topology: Topology, node: LabNode): Promise<void> {
  const ip = ['ip', '-n', paths.namespace(node.name)];
  const [tunnel] = linkRows.parse(await listed([...ip, '-j', 'link', 'show', 'tunl0']));
  const isUp = tunnel?.flags.includes('UP') ?? false;
  if (isUp && existsSync(heldDown(paths, node.name))) {
    await attempt([...ip, 'link', 'set', 'tunl0', 'down']);
    return;
  }
  const routes = routeRows.parse(await listed([...ip, '-j', 'route']));
  if (!routes.some((route) => route.dst === node.block))
    await attempt([...ip, 'route', 'add', 'blackhole', node.block, 'proto', 'bird']);
  if (!isUp) return;
  for (const peer of topology.nodes) {
    if (peer.name === node.name || routes.some((route) => route.dst === peer.block)) continue;
    await attempt([...ip, 'route', 'add', peer.block, 'via', peer.address, 'dev', 'tunl0', 'proto', 'bird', 'onlink']);
  }
}

/**
 * Plays BIRD on a node: the routes to every block, put back when they go (Felix rewrites the tunnel
 * device now and then, which drops the routes through it).
 */
export function playBird(paths: LabPaths, topology: Topology, node: LabNode): void {
  followNode(paths, node, () => reconcile(paths, topology, node));
}
