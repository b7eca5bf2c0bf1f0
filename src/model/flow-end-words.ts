import type { FlowEnd } from './flow.ts';

/** `NS/NAME`, `node NAME` or `ADDRESS`, for people. */
export function describeEnd(end: FlowEnd): string {
  return end.kind === 'pod' ? `${end.namespace}/${end.name}` : end.kind === 'node' ? `node ${end.name}` : end.address;
}
