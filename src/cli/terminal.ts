/** Text of ours for a terminal: folded to its width, and coloured by how our lines begin. */
import { commandsKept, commandsShown } from './whole-commands.ts';
import type { Terminal } from './output.ts';

const code = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;
type Style = keyof typeof code;

/** What others wrote never begins a line of ours, so a line is known by its beginning. */
const styles: readonly (readonly [RegExp, readonly Style[]])[] = [
  [/^(?:ok {2}|healthy|All is well)/, ['green']],
  [/^(?:FAIL|BROKEN|Not usable)/, ['red', 'bold']],
  [/^(?:warn|\? {3}|Usable)/, ['yellow']],
  [/^REACHABLE[^\n]*/, ['green', 'bold']],
  [/^UNREACHABLE[^\n]*/, ['red', 'bold']],
  [/^NOT KNOWN[^\n]*/, ['yellow', 'bold']],
  [/^(?:Causes|Consequences|Not checked|Other faults[^\n]*|Where it stops|Examples|[A-Z]\w*:)$/, ['bold']],
  [/^\* [^\n]*/, ['bold']],
  [/^ {4}\| [^\n]*/, ['dim']],
];

/** Lines that a person copies, or that are quoted, keep their length: commands and what programs printed. */
const isVerbatim = /^ {4}|^\s*(?:[\w.-]+\$|>) /;
const fewest = 40;

/** Returns the text as a terminal shows it best. */
export function forTerminal(text: string, { columns, colours }: Terminal): string {
  return text
    .split('\n')
    .flatMap((line) => (isVerbatim.test(line) ? [line] : folded(line, Math.max(columns, fewest))))
    .map((line) => (colours ? coloured(line) : line))
    .join('\n');
}

/**
 * Later lines of one are indented as its first, and two columns more. A command stays in one piece, for a person copies
 * it: a line that has a longer one is longer than the terminal, which wraps it without a break in what is copied.
 */
function folded(line: string, columns: number): readonly string[] {
  if (line.length <= columns) return [line];
  const margin = `${/^ */.exec(line)?.[0] ?? ''}  `;
  const lines: string[] = [];
  let rest = commandsKept(line);
  while (rest.length > columns) {
    const before = rest.lastIndexOf(' ', columns);
    const at = before > margin.length ? before : rest.indexOf(' ', Math.max(columns, margin.length + 1));
    if (at < 0) break;
    lines.push(rest.slice(0, at));
    rest = margin + rest.slice(at + 1);
  }
  return [...lines, rest].map(commandsShown);
}

function coloured(line: string): string {
  const found = styles.find(([begin]) => begin.test(line));
  if (!found) return line;
  const [begin, used] = found;
  return line.replace(begin, (part) => `\u001B[${used.map((style) => code[style]).join(';')}m${part}\u001B[0m`);
}
