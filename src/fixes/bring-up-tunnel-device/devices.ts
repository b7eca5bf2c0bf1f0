/** The tunnel devices of Calico, each with the commands that change it. */
import { ipLinkSetIpipDown, ipLinkSetIpipUp, ipLinkSetVxlanDown, ipLinkSetVxlanUp } from '../../commands/ip-link.ts';
import { nodeFrameTunnelAnnotation, nodeTunnelAnnotation } from '../../model/calico-annotations.ts';
import type { Command } from '../../model/command.ts';

export interface TunnelCommands {
  readonly up: Command;
  readonly down: Command;
  /** Where Calico keeps the address of the device: a node's annotation, and the field of Calico's own node object. */
  readonly annotation: string;
  readonly field: string;
}

const devices: readonly TunnelCommands[] = [
  {
    up: ipLinkSetIpipUp,
    down: ipLinkSetIpipDown,
    annotation: nodeTunnelAnnotation,
    field: 'ipv4IPIPTunnelAddr',
  },
  {
    up: ipLinkSetVxlanUp,
    down: ipLinkSetVxlanDown,
    annotation: nodeFrameTunnelAnnotation,
    field: 'ipv4VXLANTunnelAddr',
  },
];

export const deviceCommands: readonly Command[] = devices.flatMap(({ up, down }) => [up, down]);

/** Returns the commands for the device of this name; null: it is not a tunnel device of Calico. */
export function tunnelCommands(device: string): TunnelCommands | null {
  return devices.find(({ up }) => up.argv.includes(device)) ?? null;
}
