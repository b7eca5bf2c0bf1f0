import { linesOf, type ChannelMessage } from '../slack-workspace/client.ts';

const isTerminal = process.stdout.isTTY;
const dim = (text: string) => (isTerminal ? `\u001B[2m${text}\u001B[0m` : text);
const emoji: Readonly<Record<string, string>> = {
  red_circle: '🔴',
  large_green_circle: '🟢',
  white_circle: '⚪',
  wrench: '🔧',
  hourglass_flowing_sand: '⏳',
  hourglass: '⏳',
  white_check_mark: '✅',
  x: '❌',
  heavy_check_mark: '✔',
  no_entry: '⛔',
  warning: '⚠',
  mag: '🔍',
};

/**
 * Prints a channel in the terminal as it grows: a new message whole, of an edited one the lines that it did not have.
 */
export function terminalThread(): (messages: readonly ChannelMessage[]) => void {
  const printed = new Map<string, readonly string[]>();
  return (messages) => {
    for (const message of messages) {
      const lines = linesOf(message);
      const known = printed.get(message.ts);
      printed.set(message.ts, lines);
      const indent = message.thread_ts && message.thread_ts !== message.ts ? '    │ ' : '  ';
      for (const line of lines.filter((one) => !known?.includes(one))) console.log(`${dim(indent)}${readable(line)}`);
    }
  };
}

/** Emoji and people as a terminal shows them. */
function readable(line: string): string {
  return line
    .replaceAll(/:([a-z_]+):/g, (whole, name: string) => emoji[name] ?? whole)
    .replaceAll(/@U0([A-Z]+)/g, (_, name: string) => `@${name.toLowerCase()}`);
}
