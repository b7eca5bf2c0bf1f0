/** What a log is read for: what the API server or the datastore refused. Every other line may hold anything. */
const tellsRefusal = /forbidden|unauthorized/i;
const longestLine = 2000;

/** The lines of a component's log that say what was refused; how many lines there were, where none does. */
export function keptLogLines(log: string): string {
  const lines = log.split('\n').filter((line) => line !== '');
  const kept = lines
    .filter((line) => tellsRefusal.test(line))
    .map((line) => (line.length > longestLine ? `${line.slice(0, longestLine)}…` : line));
  return kept.join('\n') || `(${lines.length} lines, none of them about missing rights)`;
}
