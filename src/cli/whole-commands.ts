/** Commands in a line of prose, for a terminal that folds it: a person copies each in one piece. */

const programs =
  'apt-get|calico-chatops|calicoctl|chmod|conntrack|curl|dnf|docker|export|ip|iptables|iptables-save|kubectl|nc|nft|' +
  'node|npm|redis-cli|sha256sum|ss|ssh|ssh-keygen|ssh-keyscan|sudo|systemctl|tcpdump|unset|uptime';

/** What stands before a command: `Run` before any, other words where a program or a path follows. */
const begins = new RegExp(
  String.raw`\b[Rr]un |(?:^\d{1,2}\. |\b(?:then|and|or|Compare) |: )(?=(?:${programs}) |\.{0,2}/)`,
  'g',
);

/** Words of ours behind a command. */
const prose = /^(?:again|as|for|from|here|if|in an?|in the|on|or|there|to|where) /;

/** It cannot be in a line of ours: no control character leaves the program. */
const joint = '\0';

/** Returns the line with another character for each space that is inside a command. */
export function commandsKept(line: string): string {
  let text = '';
  for (const begin of line.matchAll(begins)) {
    const start = begin.index + begin[0].length;
    if (start < text.length) continue;
    const end = endOf(line, start);
    text += line.slice(text.length, start) + line.slice(start, end).replaceAll(' ', joint);
  }
  return text + line.slice(text.length);
}

/** The line as it was. */
export function commandsShown(line: string): string {
  return line.replaceAll(joint, ' ');
}

/** A command ends where its sentence, its part of the sentence, or the line does. What is in quotes ends nothing. */
function endOf(line: string, start: number): number {
  let quote: string | null = null;
  for (let at = start; at < line.length; at++) {
    const [one = '', next = ' '] = [line[at], line[at + 1]];
    if (quote !== null) quote = one === quote ? null : quote;
    else if (one === "'" || one === '"') quote = one;
    else if (next === ' ' && ',.:?'.includes(one)) return at;
    else if (one === ' ' && next === '(') return at;
    else if (one === ' ' && prose.test(line.slice(at + 1))) return at;
  }
  return line.length;
}
