/**
 * What is kept of a command's output where it may hold more than anybody reads: command lines of processes,
 * annotations.
 */
import type { CommandTemplate } from '../../model/command.ts';

/** @returns the output as it is parsed, stored and shown */
export function keptOutput({ argv }: CommandTemplate, stdout: string): string {
  const program = argv.find((token) => token === 'pgrep' || token === 'calicoctl');
  if (program === 'pgrep') return withoutArguments(stdout);
  if (program !== 'calicoctl') return stdout;
  return argv.includes('json') ? withoutJsonAnnotations(stdout) : withoutYamlAnnotations(stdout);
}

/** How pgrep shows a process that has ended and that nobody has waited for. */
const ended = '<defunct>';

/** `PID PROGRAM` a line: arguments are words of the program that started it. */
function withoutArguments(processes: string): string {
  return processes
    .split('\n')
    .map((line) => {
      const [pid = '', program = ''] = line.slice(0, 4096).trimStart().split(' ', 2);
      if (!program) return pid;
      return `${pid} ${program}${line.endsWith(ended) && program !== ended ? ` ${ended}` : ''}`;
    })
    .join('\n');
}

/** Whole objects may stand in annotations, as they were applied. */
function withoutYamlAnnotations(yaml: string): string {
  if (!yaml.includes('annotations:')) return yaml;
  const kept: string[] = [];
  /** Columns before the key whose block is left out; -1: none. */
  let leftOut = -1;
  for (const line of yaml.split('\n')) {
    const indent = line.length - line.trimStart().length;
    if (leftOut >= 0 && (line.trim() === '' || indent > leftOut)) continue;
    // With a value on its line it is a label of that name.
    leftOut = line.trim() === 'annotations:' ? indent : -1;
    if (leftOut < 0) kept.push(line);
  }
  const text = kept.join('\n');
  return yaml.endsWith('\n') && !text.endsWith('\n') ? `${text}\n` : text;
}

function withoutJsonAnnotations(json: string): string {
  if (!json.includes('"annotations"')) return json;
  try {
    return JSON.stringify(
      JSON.parse(json, (key, value: unknown) =>
        key === 'annotations' && typeof value === 'object' ? undefined : value,
      ),
    );
  } catch {
    return '(not JSON)'; // nor would its parser have taken it
  }
}
