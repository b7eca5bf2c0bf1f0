import {
  tcpdump6Bare,
  tcpdump6Flow,
  tcpdump6UdpFlow,
  tcpdumpBare,
  tcpdumpFlow,
  tcpdumpUdpFlow,
} from '../../commands/tcpdump.ts';
import { addressValue, familyOf, type AddressFamily } from '../../model/addresses.ts';
import type { FlowPort } from '../../model/target.ts';

export const captureCommands = [tcpdumpFlow, tcpdumpUdpFlow, tcpdump6Flow, tcpdump6UdpFlow] as const;
export type CaptureCommand = (typeof captureCommands)[number]['id'];
export const sizeCaptureCommands = [tcpdumpFlow, tcpdump6Flow] as const;
export type SizeCaptureCommand = (typeof sizeCaptureCommands)[number]['id'];
export const bareCaptureCommands = [tcpdumpBare, tcpdump6Bare] as const;

type Values = Readonly<Record<string, string>>;

/** Addresses by which packets of a flow are known on the way between its nodes. */
export interface CapturedEnds {
  readonly source: string;
  /** That with which the source's node itself sends to the destination. */
  readonly tunnel: string;
  readonly destination: string;
  readonly sourceNode: string;
  readonly targetNode: string;
}

/** Returns the capture of pings and TCP between two nodes, of the family of the ends, and its values. */
export function sizeCapture(ends: CapturedEnds): {
  readonly command: (typeof sizeCaptureCommands)[number];
  readonly params: Values;
} {
  const command = familyOf(ends.destination) === 6 ? tcpdump6Flow : tcpdumpFlow;
  return { command, params: paramsOf(ends) };
}

/** Returns the capture of a flow between its nodes, and its values. */
export function flowCapture(
  port: FlowPort,
  ends: CapturedEnds,
): { readonly command: (typeof captureCommands)[number]; readonly params: Values } {
  if (port.protocol !== 'udp') return sizeCapture(ends);
  const command = familyOf(ends.destination) === 6 ? tcpdump6UdpFlow : tcpdumpUdpFlow;
  return { command, params: { ...paramsOf(ends), port: String(port.number) } };
}

/** Returns the capture of packets as they are, of the family. */
export function bareCapture(family: AddressFamily): (typeof bareCaptureCommands)[number] {
  return family === 6 ? tcpdump6Bare : tcpdumpBare;
}

function paramsOf({ tunnel, ...ends }: CapturedEnds): Values {
  return {
    ...ends,
    ...bytesOf('source', ends.source),
    ...bytesOf('tunnel', tunnel),
    ...bytesOf('destination', ends.destination),
  };
}

/** Returns the values for the placeholders of an address that a filter compares byte by byte. */
export function bytesOf(name: string, address: string): Values {
  const hex = hexAddress(address);
  return familyOf(address) === 6
    ? { [`${name}High`]: hex.slice(-16, -8), [`${name}Low`]: hex.slice(-8) }
    : { [`${name}Hex`]: hex };
}

/** Returns the bytes of an address as hex digits. */
export function hexAddress(address: string): string {
  const { width, value } = addressValue(address) ?? { width: 32, value: 0n };
  return value.toString(16).padStart(width / 4, '0');
}
