import { addressValue, formatAddress } from '../../model/addresses.ts';
import type { RealServer, VirtualServer } from '../../model/ipvs.ts';
import { LookError } from '../../model/look-error.ts';

const virtualLine = /^(TCP|UDP|SCTP) {1,3}([0-9A-F]{8}|\[[0-9a-f:]{39}\]):([0-9A-F]{4}) /;
const realLine = /^ {2}-> ([0-9A-F]{8}|\[[0-9a-f:]{39}\]):([0-9A-F]{4}) {1,12}\S{1,10} {1,12}(-?\d{1,10}) /;

/**
 * Parses `/proc/net/ip_vs`: a line for each virtual server, and below it `->` for each of its real ones. Addresses of
 * IPv4 and ports are hexadecimal (net/netfilter/ipvs/ip_vs_ctl.c, ip_vs_info_seq_show). What is balanced by a mark has
 * no address, and is left out.
 * @throws LookError not-parsed where the heading is another one
 */
export function parseIpVs(text: string): readonly VirtualServer[] {
  if (!text.startsWith('IP Virtual Server version '))
    throw new LookError('not-parsed', '/proc/net/ip_vs has no heading of IPVS');
  const found: { server: VirtualServer; servers: RealServer[] }[] = [];
  for (const line of text.split('\n')) {
    if (/^(?:TCP|UDP|SCTP|FWM) /.test(line)) {
      const [, protocol = '', address = '', port = ''] = virtualLine.exec(line) ?? [];
      const servers: RealServer[] = [];
      found.push({ server: { protocol: protocol.toLowerCase(), ...at(address, port), servers }, servers });
    }
    const [, address, port = '', weight = ''] = realLine.exec(line) ?? [];
    if (address !== undefined) found.at(-1)?.servers.push({ ...at(address, port), weight: Number(weight) });
  }
  return found.map(({ server }) => server).filter(({ address }) => address !== '');
}

function at(address: string, port: string): { readonly address: string; readonly port: number } {
  return { address: addressOf(address), port: Number.parseInt(port, 16) };
}

function addressOf(printed: string): string {
  const six = /^\[(.+)\]$/.exec(printed)?.[1];
  if (six !== undefined) {
    const value = addressValue(six);
    return value ? formatAddress(value) : '';
  }
  return printed === '' ? '' : formatAddress({ width: 32, value: BigInt(`0x${printed}`) });
}
