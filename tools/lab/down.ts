import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { labNamespaces } from './network.ts';
import { labPaths, labsFolder } from './paths.ts';
import { attempt, run, until } from './run.ts';

/** Network namespace of a process, as the inode that /proc shows; null once the process is gone. */
function namespaceOf(pid: string): number | null {
  try {
    return Number(/\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/ns/net`))?.[1] ?? Number.NaN);
  } catch {
    return null;
  }
}

/** Processes in the given network namespaces; nobody but the lab starts any there. */
function processesIn(namespaces: Set<number>): number[] {
  return readdirSync('/proc')
    .filter((one) => /^\d+$/.test(one) && namespaces.has(namespaceOf(one) ?? Number.NaN))
    .map(Number);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone already
  }
}

/** Ends a lab and leaves nothing: no process, namespace, mount or file. One that is not there is no error. */
export async function down(name: string): Promise<void> {
  const paths = labPaths(name);
  const namespaces = await labNamespaces(name);
  const inodes = new Set(namespaces.map((one) => statSync(`/run/netns/${one}`).ino));
  // The supervisor first (it would start the others again), then whoever lives in the lab's networks:
  // an SSH server as process 1 of its node survives the end of whoever made the node.
  for (const file of [paths.supervisorPid, paths.pageForwarderPid]) {
    try {
      const pid = Number(readFileSync(file, 'utf8'));
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (command.includes(import.meta.dirname)) kill(pid);
    } catch {
      // never started, or gone already
    }
  }
  // A busy machine needs its time for a hundred processes.
  await until('the lab’s processes to end', 60, async () => {
    const left = processesIn(inodes);
    for (const pid of left) kill(pid);
    return left.length === 0 ? true : null;
  });
  for (const namespace of namespaces) await run(['ip', 'netns', 'delete', namespace]);
  await attempt(['umount', paths.root]);
  await rm(paths.root, { recursive: true, force: true });
  await attempt(['rmdir', '--ignore-fail-on-non-empty', labsFolder]);
}

/** Ends every lab whose name begins so. */
export async function downAll(prefix: string): Promise<void> {
  const labs = existsSync(labsFolder) ? readdirSync(labsFolder) : [];
  for (const name of labs.filter((one) => one.startsWith(prefix))) await down(name);
}
