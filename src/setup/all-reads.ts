/** Every read of the API server that something declares. */
import type { ApiRead } from '../model/api-reads.ts';
import { probes } from '../probes/registry.ts';
import { preflightReads } from '../runs/preflight.ts';

/** Of the check of the set-up itself. */
export const setupReads: readonly ApiRead[] = [
  { verb: 'list', apiVersion: 'v1', kind: 'Node', where: 'cluster' },
  { verb: 'get', apiVersion: 'v1', kind: 'Namespace', where: 'cluster' },
];

export const allReads: readonly ApiRead[] = [
  ...probes.flatMap((probe) => probe.reads ?? []),
  ...preflightReads,
  ...setupReads,
];
