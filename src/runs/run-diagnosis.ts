/** The one life of a run, for the command line and for workers alike. */
import type { DiagnosisRequest } from '../model/job-catalogue.ts';
import type { ComputedFact } from '../model/computed.ts';
import type { ClusterAccess, OpenCluster } from '../model/cluster-access.ts';
import type { TargetMemory } from '../model/ports.ts';
import type { Probe } from '../model/probe.ts';
import type { Rule } from '../model/rule.ts';
import { firingKey } from '../model/alert-life.ts';
import { endOf, withoutAnswer, withPlans } from '../model/run-life.ts';
import type { RunPlans } from '../model/run-plans.ts';
import type { Cleaned, RunAlert, RunEvent, RunEventBody } from '../model/runs.ts';
import type { Target } from '../model/target.ts';
import type { Verdict } from '../model/verdict.ts';
import { diagnose } from '../engine/diagnose.ts';
import { readingOf } from '../engine/reading.ts';
import { parsePodName } from '../model/target-grammar.ts';
import { describeError, ProgramError, type ErrorCode } from '../errors.ts';
import { cancelOnWish, neverStopped, type Cancelling, type RunStop } from './cancel-run.ts';
import { noSuchPod, type UnknownPart } from './known-names.ts';
import { answeredSoon, checkTarget, type CheckedTarget } from './preflight.ts';
import { createTargetMemory } from './target-memory.ts';
import { tell, type TellDeps } from './tell.ts';

export interface RunDeps extends TellDeps {
  readonly probes: readonly Probe[];
  readonly computed: readonly ComputedFact[];
  readonly rules: readonly Rule[];
  readonly open: OpenCluster;
  readonly plans: RunPlans;
  /** Called with each event once it is stored. */
  readonly onEvent?: (event: RunEventBody & Cleaned) => void;
  /** Saves what the diagnosis reads. Not given: nothing is saved. */
  readonly record?: (ports: RecordedPorts, target: Target) => Promise<RecordedPorts & { finish(): Promise<void> }>;
}

/** What a diagnosis reads through. */
type RecordedPorts = Pick<ClusterAccess, 'cluster' | 'shells'> & { readonly memory: TargetMemory };

/** `earlier`: it had ended before; its events say how. */
export type RunEnd =
  | { readonly end: 'verdict'; readonly verdict: Verdict }
  | { readonly end: 'failed'; readonly code: ErrorCode; readonly message: string }
  | { readonly end: 'cancelled'; readonly by: string }
  | { readonly end: 'earlier' };

/** How long a cancelled diagnosis may take to clean up before the run ends without it. */
const cleanUpMs = 1000;

/**
 * One run from its first event to its plans, each event stored before anything is told. A run that has ended is not
 * repeated when its job is delivered again. One that was cut off begins anew, and its later events take the place of
 * the earlier ones. One that was cut off between verdict and plans gets its plans.
 * @returns how it ended; the verdict names its plans
 * @throws when the process has to stop, or for an error that a later delivery of the job may not meet
 */
export async function runDiagnosis(
  deps: RunDeps,
  request: DiagnosisRequest,
  stop: RunStop = neverStopped,
): Promise<RunEnd> {
  const { run, target, requester, origin, alert } = request;
  const before = await deps.store.events(run);
  const known = verdictOf(before);
  if (endOf(before) && !(known && withoutAnswer(known, before).length > 0)) return { end: 'earlier' };

  const emit: Emit = async (body) => {
    const event = await tell(deps, run, body);
    deps.onEvent?.(event);
    return event;
  };
  if (!before.some(({ type }) => type === 'started')) await emit({ type: 'started', target, requester, origin });
  if (alert && !isTold(before, alert)) {
    await emit({ type: 'alert', alert, status: 'firing' });
  }

  const cancelling = cancelOnWish(deps, run, stop);
  try {
    await endsWith(live({ deps, request, known, cancelling, emit }), cancelling.signal, deps);
    const events = await deps.store.events(run);
    const verdict = verdictOf(events);
    if (!verdict) throw new Error(`the verdict of ${run} is not in the store`);
    return { end: 'verdict', verdict: withPlans(verdict, events) };
  } catch (error) {
    if (cancelling.signal.aborted) {
      const cancelled = await cancelling.cancelled();
      if (!cancelled) throw error;
      if (!cancelled.told) await emit({ type: 'cancelled', by: cancelled.by });
      return { end: 'cancelled', by: cancelled.by };
    }
    const { code, message, next, retryable } = describeError(error);
    if (retryable) throw error;
    if (code === 'internal') deps.warn(`run ${run} failed`, error);
    await emit({ type: 'failed', code, message, next });
    return { end: 'failed', code, message };
  } finally {
    cancelling.end();
  }
}

/** Tells an event, and returns it as it was told. */
type Emit = <B extends RunEventBody>(body: B) => Promise<B & Cleaned>;

interface Life {
  readonly deps: RunDeps;
  readonly request: DiagnosisRequest;
  /** The verdict that an earlier process stored. */
  readonly known: Verdict | null;
  readonly cancelling: Cancelling;
  readonly emit: Emit;
}

async function live(life: Life): Promise<void> {
  const {
    deps,
    request: { target },
    known,
    cancelling,
    emit,
  } = life;
  const access = await deps.open(target.cluster);
  try {
    cancelling.signal.throwIfAborted();
    const verdict = known ?? (await findOut(life, access));
    await cancelling.cancelled();
    cancelling.signal.throwIfAborted();
    const told = known ?? (await emit({ type: 'verdict', verdict })).verdict;
    await plan(life, access, told);
  } finally {
    await access.close();
  }
}

/** The verdict stands without its plans. They come with the next delivery of the job, where that can help. */
async function plan(
  { deps, request: { target: asked, requester } }: Life,
  access: ClusterAccess,
  verdict: Verdict,
): Promise<void> {
  const target = judgedTarget(asked, verdict);
  try {
    await deps.plans.offer(access, verdict, { target, requester });
    await deps.plans.retire(target, verdict);
  } catch (error) {
    if (describeError(error).retryable) throw error;
    deps.warn('no fix can be offered', error);
  }
}

/** A plan is verified at the pod that was judged, whichever one the same words would name later. */
function judgedTarget(asked: Target, { target: { pod: judged } }: Verdict): Target {
  const { kind: _kind, ...rest } = asked;
  const named = parsePodName(judged);
  return named.ok ? { ...rest, ...named.value } : asked;
}

/** @throws ProgramError for a target that is not there, whenever that becomes known */
async function findOut(life: Life, access: ClusterAccess): Promise<Verdict> {
  const {
    request: { target },
    cancelling,
  } = life;
  const asking = checkTarget(access.cluster, target);
  // It is waited for below; the look may fail before.
  asking.catch(() => undefined);
  const known = thereOrNot(await answeredSoon(asking, target));
  cancelling.signal.throwIfAborted();
  const verdict = await look(life, access, known.target);
  const asked = thereOrNot(await asking);
  if (asked.code === 'not-answered' && !cancelling.signal.aborted && verdict.verdict !== 'healthy') {
    thereOrNot(await checkTarget(access.cluster, target));
  }
  if (verdict.blindSpots.some(({ probe, code }) => probe === 'pod' && code === 'api-not-found')) {
    thereOrNot(noSuchPod(target.namespace, target.pod));
  }
  return verdict;
}

function thereOrNot(part: UnknownPart | CheckedTarget): CheckedTarget {
  if ('message' in part) throw new ProgramError(part.code, part.message);
  return part;
}

async function look(
  { deps, request: { run }, cancelling: { signal }, emit }: Life,
  access: ClusterAccess,
  target: Target,
): Promise<Verdict> {
  const { rules, record } = deps;
  const { cluster, shells } = access;
  const ports: RecordedPorts = { cluster, shells, memory: createTargetMemory(deps, target.cluster, access.server) };
  const recorded = record ? await record(ports, target) : null;
  const engine = { ...readingOf(deps, access), rules, ...(recorded ?? ports) };
  // What comes after a cancellation would be told as if it were known.
  const verdict = await diagnose(
    engine,
    { run, target },
    async (event) => {
      if (!signal.aborted) await emit(event);
    },
    signal,
  );
  await recorded?.finish();
  return verdict;
}

/**
 * Settles as the work does. Once the signal aborts the work has a moment to clean up; then it is no longer waited for.
 */
async function endsWith(work: Promise<void>, signal: AbortSignal, { clock }: Pick<RunDeps, 'clock'>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const end = () => void clock.sleep(cleanUpMs).then(() => late.reject(signal.reason), late.reject);
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  try {
    await Promise.race([work, late.promise]);
  } finally {
    signal.removeEventListener('abort', end);
    // Nobody waits for it any more.
    late.promise.catch(() => undefined);
  }
}

/** Other alerts may have joined the run before it began. */
function isTold(events: readonly RunEvent[], alert: RunAlert): boolean {
  const key = firingKey(alert);
  return events.some((event) => event.type === 'alert' && event.status === 'firing' && firingKey(event.alert) === key);
}

function verdictOf(events: readonly RunEvent[]): Verdict | null {
  const end = endOf(events);
  return end?.type === 'verdict' ? end.verdict : null;
}
