/** A megabyte of the worst, and what reading it costs. */
import type { RuleSet } from '../../src/model/ruleset/rules.ts';
import { ownerOf } from '../../src/ruleset/felix/chain-owner.ts';
import { authenticateChain } from '../../src/ruleset/felix/rule-tags.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { walkHook } from '../../src/ruleset/walk/walk-hook.ts';
import { anyTcp } from './rules-of.ts';

const megabyte = 1_000_000;
export const fill = (piece: string) => piece.repeat(Math.ceil(megabyte / piece.length));
export const many = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join('\n');

/** Milliseconds of processor time. */
const spent = (work: () => void) => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};
/** Another order of growth takes thousands of times as much. */
export const mostTimes = 16;
const rounds = 4;

/** What an ordinary save of a megabyte costs just now. */
const ordinary = () => {
  const rules = many(
    14_000,
    (at) => `-A FORWARD -s 10.0.${(at >> 8) & 255}.${at & 255}/32 -p tcp --dport ${at + 1} -j DROP`,
  );
  const text = `*filter\n:FORWARD ACCEPT [0:0]\n${rules}\nCOMMIT\n`;
  return spent(() => through(parseIptablesSave(text)));
};
let yardstick = Infinity;

/**
 * Returns how many times as much processor time the work takes as reading an ordinary save of a megabyte does in the
 * same run. What is more than `mostTimes` is measured again, beside the save: a stall of the machine passes.
 */
export function cost(work: () => void): number {
  if (yardstick === Infinity) yardstick = Math.min(ordinary(), ordinary(), ordinary());
  let times = spent(work) / yardstick;
  for (let round = 1; times > mostTimes && round < rounds; round += 1) {
    const now = ordinary();
    times = Math.min(times, spent(work) / now);
  }
  return times;
}

/** Everything that a diagnosis asks of rule sets: parse, walk, know the owner, check the tags. */
export function through(ruleSet: RuleSet): void {
  const { rule } = walkHook([ruleSet], anyTcp, 'FORWARD');
  const [table] = ruleSet.tables;
  if (!table) return;
  for (const name of [rule?.chain ?? 'FORWARD', 'cali-tw-x', 'cali-pi-x', 'cali-gi-x']) ownerOf(table, name);
  const chain = table.chains.find(({ name }) => name === (rule?.chain ?? 'FORWARD'));
  if (chain) authenticateChain(ruleSet.backend, table.name, chain);
}
