/** A draft of an incident report as Markdown, from the events of a run alone. What people know is left to fill in. */
import { victimWords } from './alert-message.ts';
import { headlineOf } from '../../model/headline.ts';
import { oneLine, visible } from '../../model/plain-text.ts';
import type { CleanEvent } from '../../model/runs.ts';
import { describePort, describeSource } from '../../model/target-grammar.ts';
import type { Finding, Verdict } from '../../model/verdict.ts';
import { runState, type RunState } from './run-state.ts';
import { proofs, shortVerdict } from './verdict-words.ts';

const shownLines = 30;
/** Of one text of others. */
const longestText = 4000;

/** @param link address of its thread, as Slack gave it @returns null for a run that has not started */
export function reportText(run: string, events: readonly CleanEvent[], link: string | null = null): string | null {
  const state = runState(run, events);
  if (!state) return null;
  const { verdict, target } = state;
  const asked = [
    target.from ? ` from ${describeSource(target.from)}` : '',
    target.port ? ` on ${describePort(target.port)}` : '',
  ].join('');
  return `${[
    `# Incident: ${inline(`${target.namespace}/${target.pod}`)}${inline(asked)}`,
    `Draft, made from run ${inline(run)}. Lines with TODO need a person.`,
    ...(link !== null && /^https?:\/\/[!-~]{1,1000}$/.test(link) ? [`Thread: <${link.replaceAll(/[<>]/g, '')}>`] : []),
    '## Summary',
    verdict ? inline(shortVerdict(verdict)) : 'There is no verdict.',
    '- Impact: TODO (who was affected, from when to when)',
    '- Noticed by: TODO',
    '## Timeline (UTC)',
    timeline(events),
    ...(verdict ? causeSections(verdict) : []),
    '## What was changed',
    changes(state),
    '## What was not checked',
    verdict && verdict.blindSpots.length > 0
      ? verdict.blindSpots
          .map(({ probe, node, reason }) => `- ${inline(`${probe}${node ? ` on ${node}` : ''}: ${reason}`)}`)
          .join('\n')
      : 'Nothing that was needed.',
    '## Follow-up',
    '- TODO: what prevents it the next time',
    '- TODO: what makes it noticed sooner',
  ].join('\n\n')}\n`;
}

function causeSections(verdict: Verdict): readonly string[] {
  const { roots, consequences, latent } = verdict;
  const parts = [
    ...(roots.length > 0
      ? ['## Cause', ...roots.flatMap(findingText)]
      : ['## Cause', inline(headlineOf(verdict).text)]),
    ...(consequences.length > 0 ? ['## Consequences', bullets(consequences)] : []),
    ...(latent.length > 0 ? ['## Other faults', bullets(latent)] : []),
  ];
  return parts;
}

function findingText({ title, detail, proof, evidence, advice }: Finding): readonly string[] {
  const [first] = evidence;
  const lines = visible((first?.excerpt ?? '').slice(0, longestText)).split('\n');
  return [
    `### ${inline(title)}`,
    `${inline(detail)} ${proofs[proof]}`,
    ...(first
      ? [
          `${inline(first.node ?? 'API server')}, ${inline(first.at)}: ${inline(first.command)}`,
          [...lines.slice(0, shownLines), ...(lines.length > shownLines ? ['…'] : [])]
            .map((line) => `    ${line}`)
            .join('\n'),
        ]
      : []),
    ...(advice ? [`To do, by ${inline(advice.who)}:`, advice.commands.map((line) => indented(line)).join('\n')] : []),
  ];
}

function bullets(findings: readonly Finding[]): string {
  return findings.map(({ title, detail }) => `- ${inline(title)}: ${inline(detail)}`).join('\n');
}

function changes({ plans }: RunState): string {
  const done = plans.filter(({ record }) => record.approver !== null || record.state !== 'proposed');
  if (done.length === 0) return 'Nothing by the bot.';
  return done
    .map(({ record: { plan, state, approver }, note, at }) => {
      const by = approver ? `, approved by ${approver}` : '';
      return `- ${inline(at)} ${inline(plan.title)}: ${state}${inline(by)}. ${inline(note ?? '')}`.trimEnd();
    })
    .join('\n');
}

function timeline(events: readonly CleanEvent[]): string {
  return events
    .flatMap((event) => {
      const words = timelineWords(event);
      return words === null ? [] : [`- ${event.at.slice(0, 19)} ${inline(words)}`];
    })
    .join('\n');
}

function timelineWords(event: CleanEvent): string | null {
  switch (event.type) {
    case 'started':
      return `${event.requester} asked for a diagnosis`;
    case 'alert':
      return `alert ${event.alert.name} ${event.status}`;
    case 'victim':
      return `alert ${event.victim.alert} for ${event.victim.target}: ${victimWords[event.victim.state]}`;
    case 'attention':
      return `${event.by}: ${event.what}${event.until === null ? '' : ` until ${event.until}`}`;
    case 'called':
      return `the people on call were mentioned, ${event.minutes} min after the first verdict`;
    case 'placed':
      return 'told, after another alert';
    case 'verdict':
      return shortVerdict(event.verdict);
    case 'plan':
      return `${event.record.plan.title}: ${event.record.state}`;
    case 'follow-up':
      return event.changed;
    case 'approval-wanted':
      return `${event.by} asked the approvers to decide`;
    case 'plan-unread':
      return `the worker could not read the approved plan (${event.action})`;
    case 'cancelled':
      return `${event.by} cancelled it`;
    case 'failed':
      return `the diagnosis failed: ${event.message}`;
    default:
      return null;
  }
}

/** Text of others in a line of Markdown: nothing in it is markup. */
function inline(text: string): string {
  return oneLine(text.slice(0, longestText)).replaceAll(/[\\`*_[\]<>#|~!]/g, String.raw`\$&`);
}

function indented(text: string): string {
  return visible(text.slice(0, longestText))
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
