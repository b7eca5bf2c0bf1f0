import type { CommandTemplate } from '../model/command.ts';
import { tunnels } from '../tunnels/registry.ts';

const tries = { timeoutSeconds: 4, maxBytes: 20_000 };
const inPod = ['ip', 'netns', 'exec', '{netns:netns}'];
/** Below one second a SYN is sent once. */
const connect = ['timeout', '0.9', 'bash', '-c', 'exec 3<>/dev/tcp/{address:address}/{port:number}'];
const ping = ['ping', '-n', '-c', '1', '-W', '1', '-s', '{size:number}', '-p', '{nonce:hex}', '{address:address}'];

/** Packets after which a capture ends by itself. */
export const captureLimit = 80;

/** Few, marked packets, bounded in count and time. */
export const sendCommands = {
  'connect-from-pod': { argv: [...inPod, ...connect], ...tries },
  'connect-from-node': { argv: connect, ...tries },
  'ping-from-pod': { argv: [...inPod, ...ping], ...tries },
  'ping-from-node': { argv: ping, ...tries },
} as const satisfies Readonly<Record<string, CommandTemplate>>;
export type SendCommand = keyof typeof sendCommands;

/** Headers of a captured packet, in bytes: Ethernet with a VLAN tag, IPv4, TCP; and what the largest tunnel adds. */
const capturedBytes = 14 + 4 + 20 + 20 + Math.max(...tunnels.map(({ headerBytes }) => headerBytes));

/** Beside them captures on one named interface, never promiscuous, with a narrow filter. */
export const markedFlowCommands = {
  ...sendCommands,
  capture: {
    argv: [
      'tcpdump', '-i', '{interface:interface}', '-p', '-n', '-l', '-S', '-c', String(captureLimit), '-s', String(capturedBytes),
      // The asked flow, whichever tunnel carries it, and the control: pings between the nodes.
      [...tunnels.map(({ captureFilter }) => captureFilter), '(icmp and host {sourceNode:address} and host {targetNode:address})'].join(' or '),
    ],
    timeoutSeconds: 10,
    maxBytes: 200_000,
    readyWhen: 'listening on',
  },
} as const satisfies Readonly<Record<string, CommandTemplate>>;
export type MarkedFlowCommand = keyof typeof markedFlowCommands;
