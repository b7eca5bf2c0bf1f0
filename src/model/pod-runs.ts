import type { Pod } from './kubernetes.ts';

/** Whether the pod has begun to run, and one of its containers does. */
export function runsInPart({ status }: Pod): boolean {
  const { phase, containerStatuses = [] } = status ?? {};
  return phase === 'Running' && containerStatuses.some(({ state }) => state?.running !== undefined);
}
