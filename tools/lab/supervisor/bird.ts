import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { LabPaths } from '../paths.ts';
import { attempt } from '../run.ts';
import type { LabNode, Topology } from '../topology.ts';

/** A real BIRD scans the kernel's routes again after at most this long. */
const scanMilliseconds = 5000;

/** A node's interface that a fault holds down, whoever brings it up: the file's name. */
export const heldDown = (paths: LabPaths, node: string) => `${paths.root}/held-down-${node}`;

const routeRows = z.array(z.object({ dst: z.string() }));
const linkRows = z.array(z.object({ flags: z.array(z.string()).default([]) }));

/** What a listing of `ip -j` printed; nothing where it failed. */
async function listed(argv: string[]): Promise<unknown> {
  const answer = await attempt(argv);
  return answer.status === 0 && answer.stdout.trim() !== '' ? JSON.parse(answer.stdout) : [];
}

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
  let wanted = true;
  let busy = false;
  const settle = async () => {
    if (busy) return;
    busy = true;
    while (wanted) {
      wanted = false;
      await reconcile(paths, topology, node);
    }
    busy = false;
  };
  const again = () => {
    wanted = true;
    void settle();
  };
  const monitor = spawn('ip', ['-n', paths.namespace(node.name), 'monitor', 'link', 'route'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  monitor.stdout.on('data', again);
  monitor.on('error', (problem) => console.error(`ip monitor of ${node.name}: ${problem.message}`));
  setInterval(again, scanMilliseconds);
  again();
}
