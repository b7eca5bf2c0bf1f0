import type { NeighbourEntry } from '../../model/network.ts';

/**
 * Parses `ip neigh show`: `ADDRESS dev DEVICE [lladdr ADDRESS] [router] STATE`. Nothing printed: the node has not
 * talked to the address. Lines of another shape are left out: nothing rests on a missing entry.
 */
export function parseNeighbours(text: string, node: string): readonly NeighbourEntry[] {
  return text.split('\n').flatMap((line) => {
    const [, address, device, linkAddress = null, state] =
      /^(\S+) dev (\S+)(?: lladdr (\S+))?(?: \w+)*? ([A-Z]+)\s*$/.exec(line) ?? [];
    return address === undefined || device === undefined || state === undefined
      ? []
      : [{ node, address, device, linkAddress, state }];
  });
}

/**
 * Parses `ip -s neigh show to ADDRESS`: seconds since the neighbour answered for the last time, where the kernel still
 * counts on that (`REACHABLE`); else null.
 */
export function parseNeighbourAge(text: string): number | null {
  const [, age] = /\bused \d{1,12}\/(\d{1,12})\/\d{1,12}[^\n]{0,200}\bREACHABLE\b/.exec(text) ?? [];
  return age === undefined ? null : Number(age);
}
