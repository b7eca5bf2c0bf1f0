/** A run as its events tell it. */
import { callsAs } from '../../model/approval.ts';
import type { PlanRecord } from '../../model/fix.ts';
import { attentionOf, type Attention } from '../../model/attention.ts';
import { endOf, withPlans } from '../../model/run-life.ts';
import { isEarlier } from '../../model/told-plan.ts';
import { alertLife, victimsOf } from '../../model/alert-life.ts';
import type { CleanEvent, CleanEventOf, RunAlert, RunOrigin, StormVictim } from '../../model/runs.ts';
import type { Target } from '../../model/target.ts';
import type { Consequence, Finding, FoundFinding, SettledStep, Verdict } from '../../model/verdict.ts';

export interface RunState {
  readonly run: string;
  readonly target: Target;
  readonly requester: string;
  readonly origin: RunOrigin;
  readonly settled: ReadonlyMap<string, SettledStep>;
  /** As the verdict has them where there is one: classified, and with their plans. */
  readonly findings: readonly ShownFinding[];
  readonly verdict: Verdict | null;
  readonly plans: readonly ShownPlan[];
  /** Plans about which somebody asked the approvers to decide; each once. */
  readonly wanted: readonly Pick<CleanEventOf<'approval-wanted'>, 'plan' | 'by' | 'approvers'>[];
  /** Plans that were approved, and that the worker could not read; each once. */
  readonly unread: readonly Pick<CleanEventOf<'plan-unread'>, 'plan' | 'action'>[];
  readonly followUps: readonly FollowUp[];
  /** What a re-check in the same thread said. */
  readonly recheck: LaterLook | null;
  /** The alerts that asked for it, the first one first. */
  readonly alerts: readonly RunAlert[];
  /** Runs that were held for this one. */
  readonly victims: readonly StormVictim[];
  readonly resolvedAt: string | null;
  /** It is a line in the list of another run: that one's thread tells it. */
  readonly isInStorm: boolean;
  readonly attention: Attention;
  /** When the people on call were mentioned. */
  readonly called: CleanEventOf<'called'> | null;
  readonly cancelledBy: string | null;
  readonly failure: { readonly message: string; readonly next: string } | null;
}

export interface ShownFinding {
  readonly finding: FoundFinding;
  /** `open`: the verdict is not there yet. */
  readonly role: 'root' | 'consequence' | 'latent' | 'open';
  /** Title of the cause of a consequence. */
  readonly because: string | null;
  /** No longer held when the verdict was made (a run that was begun anew). */
  readonly withdrawn: boolean;
}

export interface ShownPlan {
  readonly record: PlanRecord;
  readonly note: string | null;
  readonly at: string;
}

export interface LaterLook {
  readonly verdict: Verdict;
  readonly at: string;
}

export interface FollowUp extends LaterLook {
  readonly minutes: number;
  readonly changed: string | null;
}

/** @returns null before the run has started. */
export function runState(
  run: string,
  events: readonly CleanEvent[],
  recheck: LaterLook | null = null,
): RunState | null {
  const all = <T extends CleanEvent['type']>(type: T) =>
    events.filter((event): event is CleanEventOf<T> => event.type === type);
  const [started] = all('started');
  if (!started) return null;
  const end = endOf(events);
  const verdict = end?.type === 'verdict' ? withPlans(end.verdict, events) : null;
  const { alerts, resolvedAt } = alertLife(events);
  return {
    run,
    target: started.target,
    requester: started.requester,
    origin: started.origin,
    settled: new Map(all('step-settled').map(({ step }) => [step.id, step])),
    findings: findingsOf(
      all('finding').map(({ finding }) => finding),
      verdict,
    ),
    verdict,
    plans: plansOf(all('plan')),
    wanted: [...new Map(all('approval-wanted').map((wish) => [`${wish.plan} ${wish.by === callsAs}`, wish])).values()],
    unread: [...new Map(all('plan-unread').map((one) => [`${one.plan}.${one.action}`, one])).values()],
    followUps: all('follow-up'),
    recheck,
    alerts,
    victims: victimsOf(events),
    resolvedAt,
    isInStorm: all('placed')[0]?.where === 'storm',
    attention: attentionOf(events),
    called: all('called')[0] ?? null,
    cancelledBy: end?.type === 'cancelled' ? end.by : null,
    failure: end?.type === 'failed' ? { message: end.message, next: end.next } : null,
  };
}

/** What a finding is about: the same in its event and in the verdict. */
function findingKey({ rule, node, subject }: FoundFinding): string {
  return [rule, subject.kind, subject.name, node ?? ''].join('.');
}

function findingsOf(told: readonly FoundFinding[], verdict: Verdict | null): readonly ShownFinding[] {
  const shown = new Map<string, ShownFinding>(
    told.map((finding) => [findingKey(finding), { finding, role: 'open', because: null, withdrawn: verdict !== null }]),
  );
  if (verdict) {
    const add = (finding: Finding, role: ShownFinding['role'], because: string | null = null) =>
      shown.set(findingKey(finding), { finding, role, because, withdrawn: false });
    for (const finding of verdict.roots) add(finding, 'root');
    for (const finding of verdict.consequences) add(finding, 'consequence', causeOf(finding, verdict));
    for (const finding of verdict.latent) add(finding, 'latent');
  }
  return [...shown.values()];
}

/** Title of the finding that explains a consequence. */
function causeOf({ because }: Consequence, { roots, consequences, latent }: Verdict): string {
  return [...roots, ...latent, ...consequences].find(({ id }) => id === because.id)?.title ?? because.rule;
}

/**
 * The last word on each plan, in the order in which they were proposed. Who moved a plan on may tell it after another
 * process has moved it further: what is told last need not be what happened last.
 */
function plansOf(events: readonly CleanEventOf<'plan'>[]): readonly ShownPlan[] {
  const plans = new Map<string, ShownPlan>();
  for (const { record, note, at } of events) {
    const before = plans.get(record.plan.id);
    if (before && isEarlier(record, before.record)) continue;
    plans.set(record.plan.id, { record, note: note ?? before?.note ?? null, at });
  }
  return [...plans.values()];
}
