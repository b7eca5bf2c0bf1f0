import { spawn } from 'node:child_process';
import type { LabPaths } from '../paths.ts';
import { attempt } from '../run.ts';
import type { LabNode } from '../topology.ts';

/** Real programs scan the kernel's routes again after at most this long. */
const scanMilliseconds = 5000;

/** Calls `settle`, one at a time, now, whenever a link or a route of the node changes, and now and then. */
export function followNode(paths: LabPaths, node: LabNode, settle: () => Promise<void>): void {
  let wanted = true;
  let busy = false;
  const work = async () => {
    if (busy) return;
    busy = true;
    while (wanted) {
      wanted = false;
      await settle();
    }
    busy = false;
  };
  const again = () => {
    wanted = true;
    void work();
  };
  const monitor = spawn('ip', ['-n', paths.namespace(node.name), 'monitor', 'link', 'route'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  monitor.stdout.on('data', again);
  monitor.on('error', (problem) => console.error(`ip monitor of ${node.name}: ${problem.message}`));
  setInterval(again, scanMilliseconds);
  again();
}

/** What a listing of `ip -j` printed; nothing where it failed. */
export async function listed(argv: string[]): Promise<unknown> {
  const answer = await attempt(argv);
  return answer.status === 0 && answer.stdout.trim() !== '' ? JSON.parse(answer.stdout) : [];
}
