/** How far a run is, from its events alone. */
import { planRecord } from './stored.ts';
import type { RunEvent, RunEventOf } from './runs.ts';
import type { Finding, Verdict } from './verdict.ts';

export type RunEnding = RunEventOf<'verdict' | 'cancelled' | 'failed'>;

/**
 * Returns the event that ended a run, or null while it runs. The first one decides: a verdict that comes after a
 * cancellation is not told. An earlier version told its verdict a second time, with plans: then it is the last one.
 */
export function endOf(events: readonly RunEvent[]): RunEnding | null {
  const first = events.find(isEnding) ?? null;
  return first?.type === 'verdict' ? (events.findLast(isVerdict) ?? first) : first;
}

/**
 * Returns the verdict with what its run's events tell of each finding: the newest plan that was proposed for it, or
 * the reason why no button is offered, with the advice that takes its place.
 */
export function withPlans(verdict: Verdict, events: readonly RunEvent[]): Verdict {
  const plans = new Map<string, string>();
  const without = new Map<string, RunEventOf<'no-plan'>>();
  for (const event of events) {
    if (event.type === 'no-plan') without.set(event.finding, event);
    if (event.type !== 'plan') continue;
    // Others may have written into the store.
    const record = planRecord.safeParse(event.record).data;
    if (record?.state === 'proposed') plans.set(record.plan.finding, record.plan.id);
  }
  const join = <F extends Finding>(finding: F): F => {
    if (!finding.fix) return finding;
    const plan = plans.get(finding.id);
    if (plan !== undefined) return { ...finding, fix: { ...finding.fix, plan } };
    const reason = without.get(finding.id);
    return reason ? withoutFix(finding, reason) : finding;
  };
  const { roots, consequences, latent } = verdict;
  return { ...verdict, roots: roots.map(join), consequences: consequences.map(join), latent: latent.map(join) };
}

/** Returns the findings that have a fix, and neither a plan nor a reason why there is none. */
export function withoutAnswer(verdict: Verdict, events: readonly RunEvent[]): readonly Finding[] {
  const { roots, consequences, latent } = withPlans(verdict, events);
  return [...roots, ...consequences, ...latent].filter(({ fix }) => fix !== null && fix.plan === null);
}

function withoutFix<F extends Finding>(finding: F, { why, advice }: RunEventOf<'no-plan'>): F {
  const before = finding.advice ?? { who: 'a cluster administrator', commands: [] };
  return {
    ...finding,
    fix: null,
    detail: `${finding.detail} No button: ${why}.`,
    advice: { who: before.who, commands: [...advice, ...before.commands] },
  };
}

function isEnding(event: RunEvent): event is RunEnding {
  return event.type === 'verdict' || event.type === 'cancelled' || event.type === 'failed';
}

function isVerdict(event: RunEvent): event is RunEventOf<'verdict'> {
  return event.type === 'verdict';
}
