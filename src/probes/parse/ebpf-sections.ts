import { LookError } from '../../model/look-error.ts';

/** What one program printed, to whichever stream, and its exit status; null: it was cut off. */
interface EbpfSection {
  readonly text: string;
  readonly exit: number | null;
}

/** By name. Nothing that the commands run prints such headings. */
function sectionsOf(stdout: string): ReadonlyMap<string, EbpfSection> {
  const sections = new Map<string, EbpfSection>();
  let name: string | null = null;
  let lines: string[] = [];
  for (const line of stdout.split('\n')) {
    const end = /^# end (\d{1,3})$/.exec(line)?.[1];
    if (end !== undefined && name !== null) {
      sections.set(name, { text: lines.join('\n'), exit: Number(end) });
      name = null;
    } else if (/^# [a-z]{1,20}$/.test(line)) {
      name = line.slice(2);
      lines = [];
    } else {
      lines.push(line);
    }
  }
  if (name !== null) sections.set(name, { text: lines.join('\n'), exit: null });
  return sections;
}

/**
 * Returns what one program printed among those that the commands of `bash-ebpf` run, without the lines of Calico's log.
 * Those of an error count, because Calico's dumps exit 0 even then.
 * @throws LookError command-failed, timeout or not-parsed, with what was said instead
 */
export function dumpOf(stdout: string, name: string): string {
  const section = sectionsOf(stdout).get(name);
  if (!section || section.exit === null) throw new LookError('not-parsed', `the answer ends before its ${name}`);
  const lines = section.text.split('\n');
  const said = lines.find((line) => isTrouble(line));
  if (said !== undefined) throw new LookError('command-failed', `${name}: ${troubleWords(said)}`);
  if (section.exit === 124) throw new LookError('timeout', `${name}: no answer in time`);
  if (section.exit !== 0)
    throw new LookError('command-failed', `${name}: exit ${section.exit}: ${lastLine(lines).slice(0, 200)}`);
  return lines.filter((line) => !isLog(line)).join('\n');
}

function isLog(line: string): boolean {
  return line.startsWith('time="');
}

function isTrouble(line: string): boolean {
  return isLog(line) && /^time="[^"]{0,40}" level=(?:error|fatal|panic) /.test(line);
}

/** The error of a log line, else its message. */
function troubleWords(line: string): string {
  const error = / error="((?:[^"\\]|\\.){1,300})"/.exec(line)?.[1];
  return error ?? / msg="((?:[^"\\]|\\.){1,300})"/.exec(line)?.[1] ?? line.slice(0, 300);
}

function lastLine(lines: readonly string[]): string {
  return lines.findLast((line) => line.trim() !== '') ?? '';
}
