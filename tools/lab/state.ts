import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { LabPaths } from './paths.ts';
import { topologySchema, type Topology } from './topology.ts';

/** What a lab keeps on disk about itself, read by every verb and by the supervisor. */

const brokenFaultSchema = z.object({
  name: z.string(),
  /** The fault that it is a part of, when it was broken as one. */
  partOf: z.string().nullable(),
  parameters: z.record(z.string(), z.string()),
  /** Every step of the break was done; where not, a heal does what it can. */
  isWhole: z.boolean(),
  /** What breaking took away, for the heal. */
  saved: z.record(z.string(), z.unknown()),
});

/** A fault that was broken and not healed yet. */
export type BrokenFault = z.infer<typeof brokenFaultSchema>;

/** Written beside and renamed, so that no reader sees half a file. */
function write(file: string, value: unknown): void {
  writeFileSync(`${file}.new`, JSON.stringify(value, null, 1));
  renameSync(`${file}.new`, file);
}

export function writeTopology(paths: LabPaths, topology: Topology): void {
  write(paths.topology, topology);
}

export function readTopology(paths: LabPaths): Topology {
  return topologySchema.parse(JSON.parse(readFileSync(paths.topology, 'utf8')));
}

/** The topology of a lab that is up, or null. */
export function currentTopology(paths: LabPaths): Topology | null {
  return existsSync(paths.clusterReady) ? readTopology(paths) : null;
}

/** The faults that are broken now, oldest first. */
export function brokenFaults(paths: LabPaths): BrokenFault[] {
  return z.array(brokenFaultSchema).parse(JSON.parse(readFileSync(paths.faults, 'utf8')));
}

export function writeBrokenFaults(paths: LabPaths, faults: BrokenFault[]): void {
  write(paths.faults, faults);
}
