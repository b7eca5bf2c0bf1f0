/**
 * Reads the save in the file named, walks a packet through it, and prints what that took, as JSON. A program of its
 * own, so that its memory is nobody else's. Run: node --expose-gc test/ruleset/iptables/reader-cost.ts FILE
 */
import { readFileSync } from 'node:fs';
import { parseIptablesSave } from '../../../src/ruleset/iptables/save.ts';
import { packetOf } from '../../../src/ruleset/walk/packet.ts';
import { forwarded, walkFlow } from '../../../src/ruleset/walk/walk-hook.ts';

const text = readFileSync(process.argv[2] ?? '', 'utf8');
const packet = packetOf({
  source: '10.0.0.1',
  destination: '10.0.0.2',
  protocol: 6,
  sourcePort: 40000,
  destinationPort: 61_000,
});
globalThis.gc?.();
const resident = process.memoryUsage().rss;
const began = performance.now();
const ruleSet = parseIptablesSave(text);
const read = performance.now();
const { decision } = walkFlow([ruleSet], packet, forwarded('eth0', 'eth1'));
const walked = performance.now();
// The text itself is in memory before.
const memory = (process.memoryUsage().rss - resident + text.length) / text.length;
console.log(JSON.stringify({ decision, readMs: read - began, walkMs: walked - read, memory }));
