/** How a target is written, in Slack and on the command line alike: text to data, and back. */
import { addressValue, formatAddress, type AddressFamily } from './addresses.ts';
import type { FlowPort, FlowSource } from './target.ts';

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

export interface PodName {
  readonly namespace: string;
  readonly pod: string;
}

const label = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const octet = '(?:0|[1-9]\\d?|1\\d\\d|2[0-4]\\d|25[0-5])';
const ipv4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`);

export const isNamespace = (text: string) => label.test(text);
/** Names of pods and nodes (DNS-1123 subdomain). */
export const isObjectName = (text: string) => text.length <= 253 && subdomain.test(text);

/** `NS/POD`, by the names that Kubernetes allows. */
export function parsePodName(text: string): Parsed<PodName> {
  const [namespace = '', pod = '', ...rest] = text.split('/');
  if (namespace === '' || pod === '' || rest.length > 0)
    return { ok: false, problem: `${quoted(text)} is not NAMESPACE/POD` };
  if (!isNamespace(namespace)) return invalidName(namespace, 'namespace');
  if (!isObjectName(pod)) return invalidName(pod, 'pod');
  return { ok: true, value: { namespace, pod } };
}

/** A bare name, or `node:NAME`. */
export function parseNodeName(text: string): Parsed<string> {
  const name = text.replace(/^node[:/]/, '');
  return isObjectName(name) ? { ok: true, value: name } : invalidName(text, 'node');
}

function invalidName(text: string, what: 'namespace' | 'pod' | 'node'): Parsed<never> {
  const why = isObjectName(text.toLowerCase()) ? ': names have no capitals' : '';
  return { ok: false, problem: `${quoted(text)} is not a valid ${what} name${why}` };
}

/** `pod:NS/NAME` (also bare `NS/NAME`), `node:NAME` or `outside:ADDRESS`. */
export function parseSource(text: string): Parsed<FlowSource> {
  const [, word, name = text] = /^([a-z]+):(.*)$/s.exec(text) ?? [];
  const kind = word ?? 'pod';
  if (word === undefined && addressIn(text) !== null)
    return { ok: false, problem: `${text} is an address: write outside:${text}, or the pod or node that has it` };
  if (word === undefined && !text.includes('/')) return { ok: false, problem: notASource(text) };
  if (kind === 'pod') {
    const pod = parsePodName(name);
    return pod.ok ? { ok: true, value: { kind, namespace: pod.value.namespace, name: pod.value.pod } } : pod;
  }
  if (kind === 'node') return isObjectName(name) ? { ok: true, value: { kind, name } } : invalidName(name, 'node');
  if (kind === 'outside') {
    const address = addressIn(name);
    return address === null
      ? { ok: false, problem: `${quoted(name)} is not an IP address` }
      : { ok: true, value: { kind, address } };
  }
  return { ok: false, problem: notASource(text) };
}

const notASource = (text: string) =>
  `${quoted(text)} is not a source: use pod:NAMESPACE/NAME, node:NAME or outside:ADDRESS`;

/** An address of either family, in its shortest form; null: it is none that another machine can have. */
export const addressIn = (text: string) => (ipv4.test(text) ? text : ipv6Of(text));

/** In its shortest form, also where it stands in brackets; null: it is none that another machine can have. */
function ipv6Of(text: string): string | null {
  const found = text.includes('%') ? null : addressValue(/^\[(.{1,45})\]$/s.exec(text)?.[1] ?? text);
  return found?.width === 128 && found.value > 1n ? formatAddress(found) : null;
}

/** `8080/tcp`, `53/udp`, `icmp`, or a number alone, which is TCP. */
export function parsePort(text: string): Parsed<FlowPort> {
  if (text === 'icmp') return { ok: true, value: { protocol: 'icmp' } };
  const [, digits, protocol = 'tcp'] = /^([1-9]\d{0,4})(?:\/(tcp|udp))?$/.exec(text) ?? [];
  const number = Number(digits);
  if (digits === undefined || number > 65_535 || (protocol !== 'tcp' && protocol !== 'udp')) {
    return { ok: false, problem: `${quoted(text)} is not a port: use a number such as 8080/tcp, or icmp` };
  }
  return { ok: true, value: { protocol, number } };
}

/** In seconds. */
export const longestWait = 300;

/** A number of seconds. */
export function parseWait(text: string): Parsed<number> {
  const seconds = /^[1-9]\d{0,2}s?$/.test(text) ? Number.parseInt(text, 10) : 0;
  return seconds > 0 && seconds <= longestWait
    ? { ok: true, value: seconds }
    : { ok: false, problem: `${quoted(text)} is not a number of seconds from 1 to ${longestWait}` };
}

/** `ipv4` or `ipv6`. */
export function parseFamily(text: string): Parsed<AddressFamily> {
  const [, digit] = /^(?:ip)?v?([46])$/i.exec(text) ?? [];
  return digit === undefined
    ? { ok: false, problem: `${quoted(text)} is not a family of addresses: use ipv4 or ipv6` }
    : { ok: true, value: digit === '6' ? 6 : 4 };
}

/** `8080/tcp`, `53/udp` or `icmp`. */
export function describePort(port: FlowPort): string {
  return port.protocol === 'icmp' ? 'icmp' : `${port.number}/${port.protocol}`;
}

/** `pod:NS/NAME`, `node:NAME` or `outside:ADDRESS`. */
export function describeSource(source: FlowSource): string {
  if (source.kind === 'pod') return `pod:${source.namespace}/${source.name}`;
  return source.kind === 'node' ? `node:${source.name}` : `outside:${source.address}`;
}

const quotedCharacters = 60;

/** What somebody typed, fit for one line: without control characters, and cut. */
export function quoted(text: string): string {
  const line = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ');
  return `"${line.length > quotedCharacters ? `${line.slice(0, quotedCharacters)}…` : line}"`;
}
