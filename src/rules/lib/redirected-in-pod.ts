import type { PodWalk } from '../../model/flow-walk.ts';

/** Returns the port to which the pod itself sends a request that arrived, as proxies do; null: to none other. */
export function redirectedTo({ end, packet, asked, result }: PodWalk): number | null {
  const { destinationPort } = result.packet;
  if (end !== 'destination' || packet !== 'request' || destinationPort === asked.destinationPort) return null;
  return destinationPort ?? null;
}
