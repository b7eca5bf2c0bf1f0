import type { AddressFamily } from '../../model/addresses.ts';
import type { Transcript } from '../../model/command.ts';
import type { FlowEnd } from '../../model/flow.ts';
import { LookError } from '../../model/look-error.ts';
import type { Link } from '../../model/network.ts';
import type { NodeLook } from '../../model/probe.ts';
import type { FlowPort } from '../../model/target.ts';
import {
  bashDnsAsk,
  bashDnsAskInPod,
  bashTcpConnect,
  bashTcpConnectInPod,
  bashUdpAsk,
  bashUdpAskInPod,
  dnsQuestionBytes,
} from '../../commands/bash.ts';
import { ping, pingInPod } from '../../commands/ping.ts';
import { isOnNodeNetwork } from '../../flow-walks/ends.ts';
import { ipHeaderBytes, synLength } from '../../flow-walks/packets.ts';
import { namespaceOf } from './pod-namespace.ts';

/** Few, marked packets, bounded in count and time. */
export const sendCommands = [
  bashTcpConnectInPod,
  bashTcpConnect,
  bashUdpAskInPod,
  bashUdpAsk,
  bashDnsAskInPod,
  bashDnsAsk,
  pingInPod,
  ping,
] as const;
export type SendCommand = (typeof sendCommands)[number]['id'];

export interface Sender {
  readonly node: NodeLook<SendCommand>;
  readonly end: FlowEnd;
  readonly links: readonly Link[];
}

interface One {
  readonly address: string;
  readonly port: FlowPort;
  readonly size: number;
  readonly nonce: string;
}

/** One connect, one datagram or one ping. @throws LookError when the sender's namespace is not known. */
export async function sendOne(sender: Sender, one: One): Promise<Transcript> {
  const { command, params } = tryOf(sender, one);
  return sender.node.run(command, params);
}

/** Returns whether one was sent: not where the node cannot be asked, or the sender's namespace is not known. */
export async function tryOne(sender: Sender, one: One): Promise<boolean> {
  try {
    await sendOne(sender, one);
    return true;
  } catch (error) {
    if (!(error instanceof LookError)) throw error;
    return false;
  }
}

function tryOf({ end, links }: Sender, { address, port, size, nonce }: One) {
  const inPod = !isOnNodeNetwork(end);
  const netns: Readonly<Record<string, string>> = inPod ? { netns: namespaceOf(end, links) } : {};
  const to = { ...netns, address };
  if (port.protocol === 'icmp')
    return { command: inPod ? pingInPod : ping, params: { ...to, size: String(size), nonce } };
  const number = String(port.number);
  if (isDns(port)) return { command: inPod ? bashDnsAskInPod : bashDnsAsk, params: { ...to, port: number } };
  return port.protocol === 'tcp'
    ? { command: inPod ? bashTcpConnectInPod : bashTcpConnect, params: { ...to, port: number } }
    : { command: inPod ? bashUdpAskInPod : bashUdpAsk, params: { ...to, port: number, size: String(size) } };
}

/** What listens on this port answers what it understands alone. */
export function isDns(port: FlowPort): boolean {
  return port.protocol === 'udp' && port.number === 53;
}

/** Of ICMP; that of UDP is as long. */
const headerBytes = 8;

/** Returns the IP length in bytes of what `sendOne` sends with a payload of this size. */
export function sentLength(port: FlowPort, size: number, family: AddressFamily): number {
  if (port.protocol === 'tcp') return synLength(family);
  return ipHeaderBytes(family) + headerBytes + (isDns(port) ? dnsQuestionBytes : size);
}
