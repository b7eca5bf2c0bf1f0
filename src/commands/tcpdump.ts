import { defineCommand } from '../model/command.ts';
import { tunnels } from '../tunnels/registry.ts';

/** Packets after which a capture ends by itself. */
export const captureLimit = 80;

/** Headers of a captured packet, in bytes: Ethernet with a VLAN tag, IPv4, TCP; and what the largest tunnel adds. */
const capturedBytes = 14 + 4 + 20 + 20 + Math.max(...tunnels.map(({ headerBytes }) => headerBytes));

/** On one named interface, never promiscuous, with a narrow filter. */
export const tcpdumpFlow = defineCommand({
  id: 'tcpdump-flow',
  argv: [
    'tcpdump',
    '-i',
    '{interface:interface}',
    '-p',
    '-n',
    '-l',
    '-S',
    '-c',
    String(captureLimit),
    '-s',
    String(capturedBytes),
    // The asked flow, whichever tunnel carries it, and the control: pings between the nodes.
    [
      ...tunnels.map(({ captureFilter }) => captureFilter),
      '(icmp and host {sourceNode:address} and host {targetNode:address})',
    ].join(' or '),
  ],
  timeoutSeconds: 10,
  maxBytes: 200_000,
  readyWhen: 'listening on',
});
