import { readFileSync } from 'node:fs';

/** Linux: ATF_COM, the entry has a hardware address. */
const complete = 0x2;

/**
 * Returns whether this machine asked for an address by ARP, and nobody answered. An address behind a router is not
 * in the table: what is said of it, the router or something beyond it says.
 * @param table `/proc/net/arp`: address, hardware type, flags, hardware address, mask and device, one entry a line
 */
export function isSilentToArp(table: string, address: string): boolean {
  const entries = table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([first]) => first === address);
  return entries.length > 0 && entries.every(([, , flags]) => (Number(flags) & complete) === 0);
}

/** The table of this machine; empty where it has none, which says nothing of anybody. */
export function arpTable(): string {
  try {
    return readFileSync('/proc/net/arp', 'utf8');
  } catch {
    return '';
  }
}
