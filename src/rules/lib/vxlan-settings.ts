import type { Fact } from '../../model/evidence.ts';
import type { Link, VxlanSettings } from '../../model/network.ts';

/** A node with its interfaces, as they were read. */
export interface NodeLinks {
  readonly node: string | null;
  readonly links: Fact<readonly Link[]>;
}

/**
 * Returns how the VXLAN devices of two nodes differ, in words; null: they do not, or not both were printed. A device
 * takes only packets of its own UDP port and of its own network number.
 */
export function unlikeVxlan(device: string, one: NodeLinks, other: NodeLinks): string | null {
  const [its, theirs] = [settingsOf(device, one.links), settingsOf(device, other.links)];
  if (!its || !theirs) return null;
  const differences = [
    ...(its.port === theirs.port ? [] : [words('UDP port', its.port, theirs.port, one, other)]),
    ...(its.id === theirs.id ? [] : [words('network number (VNI)', its.id, theirs.id, one, other)]),
  ];
  return differences.length === 0 ? null : differences.join('; ');
}

function settingsOf(device: string, links: Fact<readonly Link[]>): VxlanSettings | undefined {
  return links.status === 'observed' ? links.value.find(({ name }) => name === device)?.vxlan : undefined;
}

function words(what: string, its: number, theirs: number, one: NodeLinks, other: NodeLinks): string {
  return `${what} ${its} on ${one.node ?? '?'}, ${theirs} on ${other.node ?? '?'}`;
}
