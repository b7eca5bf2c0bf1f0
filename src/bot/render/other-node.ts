import type { Verdict } from '../../model/verdict.ts';

/**
 * Returns a node from which the same pod can be tried in another way: one that the run met, that is not the pod's own
 * (policies do not judge what a node sends to its own pods), and that was not the sender. Null: the run met none.
 */
export function otherNode({ target, setup, path, blindSpots }: Verdict): string | null {
  const blind = new Set(blindSpots.map(({ node }) => node));
  const met = [
    ...(setup?.pair ? [setup.pair.source] : []),
    ...(setup?.dataplanes.map(({ node }) => node) ?? []),
    ...path.flatMap(({ node }) => node ?? []),
  ];
  const left = met.filter((node) => node !== target.node && `node:${node}` !== target.from);
  return left.find((node) => !blind.has(node)) ?? null;
}
