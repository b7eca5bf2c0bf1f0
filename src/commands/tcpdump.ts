import { defineCommand } from '../model/command.ts';
import { endsWith, pingsOrOpening6 } from '../tunnels/filters6.ts';
import { tunnels, tunnels6 } from '../tunnels/registry.ts';
import type { Tunnel } from '../tunnels/contract.ts';

/** Packets after which a capture ends by itself. */
export const captureLimit = 80;

/**
 * Headers of a captured packet, in bytes: Ethernet with a VLAN tag, IPv4, then TCP or UDP; and what the largest tunnel
 * adds.
 */
const headers = { tcp: 14 + 4 + 20 + 20, udp: 14 + 4 + 20 + 8 };
const tunnelBytes = mostBytes(tunnels);
/** The same of IPv6. */
const headers6 = { tcp: 14 + 4 + 40 + 20, udp: 14 + 4 + 40 + 8 };
const tunnelBytes6 = mostBytes(tunnels6);

function mostBytes(all: readonly Tunnel[]): number {
  return Math.max(...all.map(({ headerBytes }) => headerBytes));
}

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
const nodes = 'host {sourceNode:address} and host {targetNode:address}';
const betweenNodes = `(icmp and ${nodes})`;
const betweenNodes6 = `(icmp6 and ${nodes})`;

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

export const tcpdump6Flow = defineCommand({
  id: 'tcpdump-6-flow',
  ...onInterface(headers6.tcp + tunnelBytes6, [...tunnels6.map(({ captureFilter }) => captureFilter), betweenNodes6]),
});

export const tcpdump6UdpFlow = defineCommand({
  id: 'tcpdump-6-udp-flow',
  ...onInterface(headers6.udp + tunnelBytes6, [...tunnels6.map(({ datagramFilter }) => datagramFilter), betweenNodes6]),
});

const pair =
  'host {destination:address} and (host {source:address} or host {tunnel:address} or host {sourceNode:address})';

/**
 * On an interface on which packets travel as they are, of a pod or of a tunnel: the asked flow, also where its node
 * gave it an address of its own; the control, pings of one length; and who asks for the address of whom. `udpPort` is 0
 * for no UDP.
 */
export const tcpdumpBare = defineCommand({
  id: 'tcpdump-bare',
  ...onInterface(headers.tcp, [
    `(${pair} and (icmp or tcp[13] & 6 != 0 or (udp and port {udpPort:number})))`,
    '(icmp and host {control:address} and ip[2:2] = {controlLength:number})',
    '(arp and host {owner:address})',
  ]),
});

/** Bytes of a question for a neighbour behind the header, with an option that holds an Ethernet address. */
const neighbourBytes = 24 + 8;
/** Where in its packet the address begins that is asked for. */
const neighbourAt = 40 + 8;
/** The same of IPv6, where neighbours ask for each other in packets of their own (RFC 4861, types 135 and 136). */
export const tcpdump6Bare = defineCommand({
  id: 'tcpdump-6-bare',
  ...onInterface(14 + 4 + 40 + neighbourBytes, [
    `(${pair} and (${pingsOrOpening6} or (ip6 and udp and port {udpPort:number})))`,
    '(icmp6 and host {control:address} and ip6[4:2] + 40 = {controlLength:number})',
    `(icmp6 and (ip6[40] = 135 or ip6[40] = 136) and ${endsWith(neighbourAt, 'owner')})`,
  ]),
});
