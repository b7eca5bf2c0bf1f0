import { defineCommand } from '../model/command.ts';
import { tunnels } from '../tunnels/registry.ts';

/** Packets after which a capture ends by itself. */
export const captureLimit = 80;

/**
 * Headers of a captured packet, in bytes: Ethernet with a VLAN tag, IPv4, then TCP or UDP; and what the largest tunnel
 * adds.
 */
const headers = { tcp: 14 + 4 + 20 + 20, udp: 14 + 4 + 20 + 8 };
const tunnelBytes = Math.max(...tunnels.map(({ headerBytes }) => headerBytes));

/** A capture on one named interface, never promiscuous, with a narrow filter, of the first bytes of each packet. */
function onInterface(bytes: number, filter: readonly string[]) {
  return {
    argv: [
      'tcpdump',
      '-i',
      '{interface:interface}',
      '-p',
      '-n',
      '-l',
      '-S',
      // Otherwise the last second's packets are not printed where the capture is ended: "0 captured", "6 received by
      // filter".
      '--immediate-mode',
      '-c',
      String(captureLimit),
      '-s',
      String(bytes),
      filter.join(' or '),
    ],
    timeoutSeconds: 10,
    maxBytes: 200_000,
    readyWhen: 'listening on',
  };
}

/** Pings between the nodes: what a capture on their network interfaces must see. */
const betweenNodes = '(icmp and host {sourceNode:address} and host {targetNode:address})';

/** The asked flow, whichever tunnel carries it, and the control. */
export const tcpdumpFlow = defineCommand({
  id: 'tcpdump-flow',
  ...onInterface(headers.tcp + tunnelBytes, [...tunnels.map(({ captureFilter }) => captureFilter), betweenNodes]),
});

/** The same for a UDP flow. */
export const tcpdumpUdpFlow = defineCommand({
  id: 'tcpdump-udp-flow',
  ...onInterface(headers.udp + tunnelBytes, [...tunnels.map(({ datagramFilter }) => datagramFilter), betweenNodes]),
});

/**
 * On an interface on which packets travel as they are, of a pod or of a tunnel: the asked flow, also where its node
 * gave it an address of its own; the control, pings of one length; and who asks for the address of whom. `udpPort` is 0
 * for no UDP.
 */
export const tcpdumpBare = defineCommand({
  id: 'tcpdump-bare',
  ...onInterface(headers.tcp, [
    '(host {destination:address} and (host {source:address} or host {tunnel:address} or host {sourceNode:address})' +
      ' and (icmp or tcp[13] & 6 != 0 or (udp and port {udpPort:number})))',
    '(icmp and host {control:address} and ip[2:2] = {controlLength:number})',
    '(arp and host {owner:address})',
  ]),
});
