/** What a log is read for: what its component was refused or could not do. Every other line may hold anything. */
const telling = [
  /forbidden|unauthorized/i,
  /\bstatus(?: code:|=) ?401\b|'code': 401\b/,
  // The policy controller of Calico 2.x: an answer that it could not read, and one that it could.
  /JSONDecodeError: Expecting value|Unhandled exception killed \w{1,30} manager|Done syncing \w{1,30}\(s\)/,
  // Felix and the node's rules, and that it is over its trouble.
  /tables-restore|tables(?:-\w{1,6})?-save|program iptables|incompatible|xtables lock|Succeeded after retry/,
  /\bTypha\b/,
  // What Felix calls its node.
  /FelixHostname:/,
];
const longestLine = 2000;

/** The lines of a component's log that say what was refused; how many lines there were, where none does. */
export function keptLogLines(log: string): string {
  const lines = log.split('\n').filter((line) => line !== '');
  const kept = lines
    .filter((line) => telling.some((one) => one.test(line)))
    .map((line) => (line.length > longestLine ? `${line.slice(0, longestLine)}…` : line));
  return kept.join('\n') || `(${lines.length} lines, none of them about a fault)`;
}
