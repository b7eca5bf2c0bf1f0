import type { Packet } from '../../src/model/ruleset/packet.ts';
import type { RuleSet } from '../../src/model/ruleset/rules.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { packetOf } from '../../src/ruleset/walk/packet.ts';

/**
 * A filter table with these lines (`:chain policy` and `-A …`), the chains of the kernel added where they are not
 * given.
 */
export function filterTable(
  lines: readonly string[],
  backend: 'iptables-legacy' | 'iptables-nft' = 'iptables-legacy',
): RuleSet {
  const given = lines.filter((line) => line.startsWith(':')).map((line) => line.split(' ')[0]);
  const kernel = ['INPUT', 'FORWARD', 'OUTPUT']
    .filter((chain) => !given.includes(`:${chain}`))
    .map((chain) => `:${chain} ACCEPT [0:0]`);
  return parseIptablesSave(['*filter', ...kernel, ...lines, 'COMMIT', ''].join('\n'), { backend });
}

export const anyTcp: Packet = packetOf({
  source: '10.0.0.1',
  destination: '10.0.0.2',
  protocol: 6,
  sourcePort: 40000,
  destinationPort: 80,
  inInterface: 'eth0',
  outInterface: 'eth1',
});
