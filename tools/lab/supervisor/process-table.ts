import { spawn } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { keptCompilation } from '../kept-compilation.ts';
import type { LabPaths } from '../paths.ts';
import { isStopped, readProcess, type ProcessEntry } from '../processes.ts';

/** At most one start of the same program a second: a program that cannot live must not eat the machine. */
const pauseBetweenStarts = 1000;

/** Keeps the described programs running: call `tick` often; it starts what is missing. */
export function processTable(paths: LabPaths) {
  const running = new Set<string>();
  const startedAt = new Map<string, number>();

  function start(name: string, entry: ProcessEntry): void {
    if (existsSync(entry.log)) {
      if (entry.earlierLog !== null) copyFileSync(entry.log, entry.earlierLog);
      truncateSync(entry.log);
    }
    const log = openSync(entry.log, 'a');
    const [program = '', ...args] = entry.argv;
    const child = spawn(program, args, {
      env: { PATH: process.env['PATH'], ...keptCompilation(), ...entry.env },
      stdio: ['ignore', log, log],
      detached: true,
      cwd: '/',
    });
    closeSync(log);
    running.add(name);
    startedAt.set(name, Date.now());
    if (child.pid !== undefined) writeFileSync(`${paths.pids}/${name}`, String(child.pid));
    const ended = () => {
      running.delete(name);
      rmSync(`${paths.pids}/${name}`, { force: true });
    };
    child.on('exit', ended);
    child.on('error', (problem) => {
      console.error(`${name}: ${problem.message}`);
      ended();
    });
  }

  function tick(): void {
    for (const file of readdirSync(paths.processes)) {
      if (!file.endsWith('.json')) continue;
      const name = file.slice(0, -'.json'.length);
      if (running.has(name)) continue;
      if (isStopped(paths, name)) {
        startedAt.delete(name); // stopped on purpose: its next start is a first one
        continue;
      }
      const last = startedAt.get(name);
      if (last !== undefined && Date.now() - last < pauseBetweenStarts) continue;
      let entry: ProcessEntry;
      try {
        entry = readProcess(paths, name);
      } catch {
        continue; // removed between the listing and the read
      }
      if (last !== undefined && !entry.restart) continue;
      start(name, entry);
    }
  }

  return { tick };
}
