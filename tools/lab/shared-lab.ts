import { afterAll, beforeAll } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { isAsBefore } from './as-before.ts';
import { down, downAll } from './down.ts';
import { healFaults } from './faults/apply.ts';
import { labCommand, mustSucceed } from './lab-command.ts';
import { endResident } from './operations/resident.ts';
import { labPaths } from './paths.ts';
import { snapshot, type Snapshot } from './snapshot.ts';
import { readTopology } from './state.ts';

/** Of this process of Jest. Jest's global set-up chooses the first part, and its counterpart ends the labs. */
const ownPrefix = () => `${process.env['SHARED_LABS']}-${process.env['JEST_WORKER_ID']}-`;

/** How it was when it was new. */
const newState = (name: string) => `${labPaths(name).root}/new-state.json`;

/**
 * The name of a lab that suites with the same flags of `up` use in turn, for the suite that is being declared: it is up
 * before the suite's own `beforeAll`. A process of Jest keeps one such lab. A suite must leave it as new: what Calico,
 * nodes, pods and the API server hold is compared, and a difference fails the suite and ends the lab.
 */
export function sharedLab(...flags: string[]): string {
  const prefix = ownPrefix();
  const name = `${prefix}${flags.map((flag) => flag.replace(/^--(?:dataplane)?/, '')).join('')}`;
  beforeAll(async () => {
    if (!existsSync(labPaths(name).root)) await downAll(prefix);
    await mustSucceed(labCommand(name))('up', ...flags);
    if (!existsSync(newState(name)))
      await writeFile(newState(name), JSON.stringify(await snapshot(readTopology(labPaths(name)))));
  }, 180_000);
  afterAll(async () => {
    endResident(name);
    await handOn(name);
  }, 180_000);
  return name;
}

async function handOn(name: string): Promise<void> {
  const paths = labPaths(name);
  await healFaults(readTopology(paths), null);
  await rm(`${paths.operations}/state`, { recursive: true, force: true });
  const wanted: Snapshot = JSON.parse(readFileSync(newState(name), 'utf8'));
  await isAsBefore(name, wanted).catch(async (problem: unknown) => {
    await down(name);
    throw problem;
  });
}
