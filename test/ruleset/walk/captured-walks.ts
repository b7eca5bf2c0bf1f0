import type { RuleSet } from '../../../src/model/ruleset/rules.ts';
import { packetOf } from '../../../src/ruleset/walk/packet.ts';
import { forwarded, walkFlow } from '../../../src/ruleset/walk/walk-hook.ts';
import { mypod } from '../captured.ts';

/** What is known of node n1 of the captures. */
export const known = {
  node: {
    reversePath: 'valid',
    localAddresses: [
      { address: '10.250.0.11', interface: 'eth0' },
      { address: '10.244.1.0', interface: 'tunl0' },
    ],
  },
} as const;

export function toMypod(source: string, protocol: number, destinationPort: number | null = null) {
  return packetOf({ source, destination: mypod.address, protocol, sourcePort: 40000, destinationPort });
}

/** Walks packets to and from default/mypod through the rules of its node. */
export function walksOf(ruleSet: RuleSet) {
  return {
    asked: (source: string, protocol: number, port: number | null = null) =>
      walkFlow([ruleSet], toMypod(source, protocol, port), forwarded('tunl0', mypod.interface), known),
    leaving: (destination: string, protocol: number, destinationPort: number, by = 'tunl0') =>
      walkFlow(
        [ruleSet],
        packetOf({ source: mypod.address, destination, protocol, sourcePort: 40000, destinationPort }),
        forwarded(mypod.interface, by),
        known,
      ),
  };
}
