import type { CommandTemplate } from '../../model/command.ts';

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

/**
 * The packets of a flow's beginning, its refusal and of pings: 6 is TCP's flags SYN and RST. What an established
 * connection carries is left out, so nobody's payload is shown. Inside IP in IP, tcpdump has names for neither.
 */
const bare = '(icmp or tcp[13] & 6 != 0)';
const insideTunnel = '(ip[29] = 1 or (ip[29] = 6 and ip[53] & 6 != 0))';

/** Beside them captures on one named interface, never promiscuous, with a narrow filter. */
export const markedFlowCommands = {
  ...sendCommands,
  capture: {
    argv: [
      // 78 bytes of headers: Ethernet with a VLAN tag, two of IPv4, TCP.
      'tcpdump', '-i', '{interface:interface}', '-p', '-n', '-l', '-S', '-c', String(captureLimit), '-s', '78',
      // Inside IP in IP: the asked pair of addresses, or the source node's own tunnel address and the pod.
      `(ip proto 4 and ${insideTunnel}` +
        ' and ((ip[36:4] = 0x{destinationHex:hex} and (ip[32:4] = 0x{sourceHex:hex} or ip[32:4] = 0x{tunnelHex:hex}))' +
        ' or (ip[32:4] = 0x{destinationHex:hex} and (ip[36:4] = 0x{sourceHex:hex} or ip[36:4] = 0x{tunnelHex:hex}))))' +
        ` or (host {source:address} and host {destination:address} and ${bare})` +
        ' or (icmp and host {sourceNode:address} and host {targetNode:address})',
    ],
    timeoutSeconds: 10,
    maxBytes: 200_000,
    readyWhen: 'listening on',
  },
} as const satisfies Readonly<Record<string, CommandTemplate>>;
export type MarkedFlowCommand = keyof typeof markedFlowCommands;
