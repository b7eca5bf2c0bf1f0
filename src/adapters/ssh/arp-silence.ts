import { readFileSync } from 'node:fs';

/** Linux: ATF_COM, the entry has a hardware address. */
const complete = 0x2;

/**
 * Returns whether this machine asked for an address by ARP, and nobody answered, although another neighbour on the same
 * interface answers: without one, the machine itself may be cut off. An address behind a router is not in the table:
 * what is said of it, the router or something beyond it says.
 * @param table `/proc/net/arp`: address, hardware type, flags, hardware address, mask and device, one entry a line
 */
export function isSilentToArp(table: string, address: string): boolean {
  const entries = table.split('\n').map((line) => {
    const [of, , flags, , , device] = line.trim().split(/\s+/);
    return { of, device, answers: (Number(flags) & complete) !== 0 };
  });
  const asked = entries.filter(({ of }) => of === address);
  return (
    asked.length > 0 &&
    asked.every(({ answers, device }) => !answers && entries.some((one) => one.answers && one.device === device))
  );
}

/** The table of this machine; empty where it has none, which says nothing of anybody. */
export function arpTable(): string {
  try {
    return readFileSync('/proc/net/arp', 'utf8');
  } catch {
    return '';
  }
}
