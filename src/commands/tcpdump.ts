import { defineCommand } from '../model/command.ts';

/** Packets after which a capture ends by itself. */
export const captureLimit = 80;

/**
 * The packets of a flow's beginning, its refusal and of pings: 6 is TCP's flags SYN and RST. What an established
 * connection carries is left out, so nobody's payload is shown. Inside IP in IP, tcpdump has names for neither.
 */
const bare = '(icmp or tcp[13] & 6 != 0)';
const insideTunnel = '(ip[29] = 1 or (ip[29] = 6 and ip[53] & 6 != 0))';

/** On one named interface, never promiscuous, with a narrow filter. */
export const tcpdumpFlow = defineCommand({
  id: 'tcpdump-flow',
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
});
