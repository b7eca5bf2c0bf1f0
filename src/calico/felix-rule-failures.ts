/**
 * How Felix tells in its log that it cannot read or write the node's rules. Sources: felix/iptables/table.go and what
 * the tools print, which Felix quotes.
 */

/**
 * - `lock`: another program holds the lock of iptables. `incompatible`: rules that iptables cannot show.
 * - `sets`: ipset of calico-node does not know the kernel's sets. `read`, `write`: any other reason.
 */
export type RuleFailureKind = 'lock' | 'incompatible' | 'sets' | 'read' | 'write';

const failedSave = /ip6?tables(?:-nft|-legacy)?-save command failed|iptables save failed/;
/** What a failed read of the rules prints first. */
const incompatible = /incompatible nft rules in the table|is incompatible, use 'nft' tool/;
/** Felix reads four times, then ends. A read that succeeds meanwhile prints nothing. */
const gaveUpReading = /-save command failed after retries/;

/** In this order: what a tool says tells more than which tool failed. */
const phrases: readonly (readonly [RuleFailureKind, RegExp])[] = [
  ['lock', /holding the xtables lock/],
  ['incompatible', incompatible],
  ['sets', /Kernel and userspace incompatible: settype|Kernel support protocol versions/],
  ['read', failedSave],
  ['write', /Failed to execute ip\(6\)tables-restore command|Failed to program iptables, /],
];
/** The second one is of a Felix that started anew. Source: felix/dataplane/linux/int_dataplane.go. */
const recovered = /Succeeded after retry\.|Completed first update to dataplane/;

export interface RuleFailure {
  readonly kind: RuleFailureKind;
  /** The last such line. */
  readonly line: string;
}

/** Returns the last failure that no success followed; null: there is none. */
export function ruleFailureIn(log: readonly string[]): RuleFailure | null {
  const since = log.slice(log.findLastIndex((line) => recovered.test(line)) + 1);
  const readUntil = since.findLastIndex((line) => gaveUpReading.test(line));
  const failures = since.flatMap((line, at): RuleFailure[] => {
    if (at > readUntil && (failedSave.test(line) || incompatible.test(line))) return [];
    const found = phrases.find(([, phrase]) => phrase.test(line));
    return found ? [{ kind: found[0], line }] : [];
  });
  const last = failures.at(-1);
  // The lines of one try: the first says what the tool printed, the last that Felix gives up.
  const telling = failures.findLast(({ kind }) => kind !== 'read' && kind !== 'write');
  return last ? { kind: telling?.kind ?? last.kind, line: (telling ?? last).line } : null;
}
