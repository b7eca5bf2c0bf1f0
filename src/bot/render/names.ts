/** Names of people and targets as messages show them. */
import { describePort, describeSource } from '../../model/target-grammar.ts';
import type { Target } from '../../model/target.ts';
import type { Verdict } from '../../model/verdict.ts';
import { escape } from './blocks.ts';

/** A Slack user as a mention, anyone else by name. */
export function person(name: string): string {
  return /^[UW][A-Z0-9]{4,}$/.test(name) ? `<@${name}>` : escape(name);
}

/** The asked flow, beside the pod's name. */
export function flowOf({ from, port }: Target): string {
  return flowWords(from && describeSource(from), port && describePort(port));
}

/** The flow that was judged in the end. */
export function judgedFlow({ target: { from, port } }: Verdict): string {
  return flowWords(from, port);
}

function flowWords(from: string | null, port: string | null): string {
  return [from ? ` from ${escape(from)}` : '', port ? ` on ${escape(port)}` : ''].join('');
}

/** `14:03 UTC` as Slack shows it in the reader's own time zone. */
export function clockTime(at: string): string {
  return `<!date^${Math.floor(Date.parse(at) / 1000)}^{time}|${at.slice(11, 16)} UTC>`;
}
