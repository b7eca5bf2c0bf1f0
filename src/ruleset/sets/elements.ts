import { own } from '../../model/own.ts';
import type { SetElement, SetPart } from '../../model/ruleset/sets.ts';
import { addressRange, addressValue } from '../../model/addresses.ts';
import { icmpNames } from '../icmp-names.ts';
import { protocolNumber } from '../../model/protocols.ts';

/** The parts that elements of an ipset type have: `hash:ip,port` → ip, port. */
export function dimensions(type: string): string[] {
  return type.slice(type.indexOf(':') + 1).split(',');
}

/**
 * Parses one element as `ipset` writes it, `10.0.0.0/8,tcp:80`.
 * @param netmask of sets made with `netmask N`: an address then stands for its whole net; NaN where there is none
 */
export function parseElement(type: string, text: string, exception: boolean, netmask = Number.NaN): SetElement {
  if (type.startsWith('list:')) return { parts: [{ kind: 'set', name: text }], exception };
  const words = text.split(',');
  return { parts: dimensions(type).map((dimension, at) => parsePart(dimension, words[at] ?? '', netmask)), exception };
}

function parsePart(dimension: string, text: string, netmask: number): SetPart {
  const other: SetPart = { kind: 'other', text };
  switch (dimension) {
    case 'ip':
    case 'net': {
      const masked = Number.isNaN(netmask) || text.includes('/') || text.includes('-') ? text : `${text}/${netmask}`;
      const range = addressRange(masked);
      return range ? { kind: 'net', ...range, prefix: prefixOf(masked) } : other;
    }
    case 'port':
      return parsePort(text) ?? other;
    case 'iface':
      return text.startsWith('physdev:') ? other : { kind: 'interface', name: text };
    case 'mark':
      return { kind: 'mark', value: Number(text) >>> 0, mask: 0xffffffff };
    default:
      return other;
  }
}

function prefixOf(text: string): number | null {
  const [address = '', prefix] = text.split('/');
  const value = addressValue(address);
  return value ? Number(prefix ?? value.width) : null;
}

/**
 * `80`, `tcp:80-90`, `icmp:8/0`, `icmp:echo-request`; ICMP's type and code stand in for a port as type × 256 + code.
 */
function parsePort(text: string): SetPart | null {
  const [name, ports] = text.includes(':') ? text.split(':') : [null, text];
  const protocol = name === null || name === undefined ? null : protocolNumber(name);
  if (name !== null && protocol === null) return null;
  if (protocol === 1 || protocol === 58) {
    const [type = Number.NaN, code = 0] = (own(icmpNames, ports ?? '') ?? ports ?? '').split('/').map(Number);
    return Number.isNaN(type) ? null : { kind: 'port', protocol, from: type * 256 + code, to: type * 256 + code };
  }
  const [from = Number.NaN, to = from] = (ports ?? '').split('-').map(Number);
  return Number.isNaN(from) || Number.isNaN(to) ? null : { kind: 'port', protocol, from, to };
}
