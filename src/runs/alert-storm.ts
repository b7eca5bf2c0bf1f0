/** A storm: many alerts of one cause become one message, in which the list of those that it hits grows. */
import { alertLife, causeTitles, firingVictims, isOpen, victimsOf } from '../model/alert-life.ts';
import { describeTarget } from '../model/asked-flow.ts';
import { endOf } from '../model/run-life.ts';
import { subjectName } from '../model/rule.ts';
import type { HeldPlace, RunEvent, RunOrigin, StormVictim } from '../model/runs.ts';
import type { Verdict } from '../model/verdict.ts';
import { alertKeys, keptSeconds } from './alert-keys.ts';
import { tell, type TellDeps } from './tell.ts';

type StormDeps = Pick<TellDeps, 'store' | 'clock' | 'queues' | 'warn' | 'background'>;

/**
 * Returns the open run that has the key, which is `run` where none has it.
 * @param isHeld whether a run with these events keeps the key
 */
export async function openHolder(
  deps: StormDeps,
  key: string,
  run: string,
  seconds = keptSeconds,
  isHeld: (events: readonly RunEvent[]) => boolean = (events) => isOpen(events, deps.clock.now()),
): Promise<string> {
  const { store } = deps;
  const holder = await store.keepFirst(key, run, seconds);
  if (holder === run || isHeld(await store.events(holder))) return holder;
  return store.keepFirst(key, run, seconds, holder);
}

/** Tells in the run that leads a storm what became of another one, which it knows. Told again, it changes nothing. */
export async function tellVictim(
  deps: StormDeps,
  lead: string,
  change: Pick<StormVictim, 'run' | 'state'> & Partial<StormVictim>,
): Promise<void> {
  const known = await victimIn(deps, lead, change.run);
  if (known === null || known.state === change.state) return;
  await tell(deps, lead, { type: 'victim', victim: { ...known, ...change } });
}

async function victimIn({ store }: StormDeps, lead: string, run: string): Promise<StormVictim | null> {
  return victimsOf(await store.events(lead)).find((victim) => victim.run === run) ?? null;
}

/** Returns the run in whose list a run stands; itself where it stands in none. */
async function listerOf({ store }: StormDeps, run: string): Promise<string> {
  return (await store.recall(alertKeys.storm(run))) ?? run;
}

/** The open run for which another one is held. */
export interface Lead {
  readonly run: string;
  readonly held: 'group' | 'channel';
  /** The runs in its list. */
  readonly listed: ReadonlySet<string>;
}

/** How long the first alert of a cluster in a channel leads those of other groups. */
const stormSeconds = 600;

/**
 * Returns the open run for which this one is held; null: nothing is going on.
 * @param looksAfter whether a run with these events looks after its own target
 */
export async function leadOf(
  deps: StormDeps,
  group: string,
  run: string,
  { channel, cluster }: { readonly channel: string; readonly cluster: string },
  looksAfter: (events: readonly RunEvent[]) => boolean,
): Promise<Lead | null> {
  const isHeld = (events: readonly RunEvent[]) => firingVictims(victimsOf(events)) > 0 || looksAfter(events);
  const places = [
    ['group', alertKeys.group(channel, `${cluster} ${group}`), keptSeconds],
    ['channel', alertKeys.lead(channel, cluster), stormSeconds],
  ] as const;
  for (const [held, key, seconds] of places) {
    const lead = await openHolder(deps, key, run, seconds, isHeld);
    if (lead === run) continue;
    const leads = await listerOf(deps, lead);
    const victims = victimsOf(await deps.store.events(leads));
    return {
      run: leads,
      held,
      listed: new Set(victims.filter(({ state }) => state !== 'undiagnosed').map((victim) => victim.run)),
    };
  }
  return null;
}

/** A run that leads, and has no verdict after so long, will have none: the others are told on their own. */
const stuckMs = 300_000;
/** Threads that alerts may begin in a channel: what comes above it goes into the thread of the storm. */
const threadsOf = { holds: 5, everyMs: 12_000 } as const;

/**
 * Decides where a run of an alert is told, once it has ended: by its causes, not by its labels.
 * @returns null for a run that was not held: it has its thread
 */
export async function placeRun(deps: StormDeps, run: string): Promise<HeldPlace | null> {
  const events = await deps.store.events(run);
  const started = events.find((event) => event.type === 'started');
  if (started?.origin.kind !== 'alert') return null;
  const { channel, held, joins } = started.origin;
  const end = endOf(events);
  const causes = end?.type === 'verdict' ? causesOf(end.verdict) : [];
  const claim = (cause: string, claimant: string) => openHolder(deps, alertKeys.cause(channel, cause), claimant);
  if (held === undefined || joins === null) {
    await Promise.all(causes.map((cause) => claim(cause, run)));
    return null;
  }
  const before = events.find((event) => event.type === 'placed');
  if (before) return before.where;

  // Of two deliveries at once, one may be held for a run that the other is about to hold for the first one.
  const lead = await listerOf(deps, joins);
  const leadEvents = await deps.store.events(lead);
  const leadState = stateOf(leadEvents, deps.clock.now());
  // A run that leads has the first word on a cause, while it is not done and on those that it found: else two threads
  // would tell it. It may have a verdict and not be placed yet.
  const leadEnd = endOf(leadEvents);
  const found = leadEnd?.type === 'verdict' && isOpen(leadEvents, deps.clock.now()) ? causesOf(leadEnd.verdict) : [];
  const holders = await Promise.all(
    causes.map((cause) => claim(cause, leadState === 'runs' || found.includes(cause) ? lead : run)),
  );
  const [first = leadState === 'stuck' ? run : lead] = holders;
  const isOne = holders.every((holder) => holder === first) && first !== run;
  // The run for which it was held has no thread if that one is held itself.
  const where = isOne ? 'storm' : await ownPlace(deps, started.origin, leadState === 'stuck' || lead !== joins);
  const into = isOne ? first : lead;
  for (const list of new Set([joins, lead]))
    if (into !== list || !isOne) await tellVictim(deps, list, { run, state: 'other' });
  if (isOne) {
    const victim = { run, target: describeTarget(started.target), ...victimOf(events) };
    if ((await victimIn(deps, into, run))?.state !== victim.state) await tell(deps, into, { type: 'victim', victim });
  }
  await (isOne
    ? deps.store.remember(alertKeys.storm(run), into, keptSeconds)
    : deps.store.forget(alertKeys.storm(run)));
  const threads = events.flatMap((event) =>
    event.type === 'alert' ? [alertKeys.thread(event.alert.fingerprint, started.target.cluster)] : [],
  );
  const home = where === 'channel' ? run : into;
  await Promise.all(threads.map((key) => deps.store.remember(key, home, keptSeconds)));
  await tell(deps, run, { type: 'placed', where });
  return where;
}

/** Says in the storm that a run which was held for it could not be diagnosed. Another attempt may correct it. */
export async function tellFailedVictim(deps: StormDeps, run: string): Promise<void> {
  const lead = await deps.store.recall(alertKeys.storm(run));
  if (lead !== null) await tellVictim(deps, lead, { run, state: 'failed' });
}

async function ownPlace(deps: StormDeps, { held, channel, thread }: RunOrigin, isAlone: boolean): Promise<HeldPlace> {
  // Below the message of its own alert it begins no thread that would not be there.
  if (isAlone || thread !== null) return 'channel';
  if (held === 'group') return 'thread';
  return (await deps.store.takeToken(`alert-threads.${channel ?? ''}`, threadsOf)) === 0 ? 'channel' : 'thread';
}

/** A cause as another run finds it again: what is wrong, and with which element. */
function causesOf({ cluster, roots }: Verdict): readonly string[] {
  return roots.map(({ rule, node, subject }) => `${cluster} ${rule} ${node ?? ''} ${subjectName(subject)}`);
}

function stateOf(events: readonly RunEvent[], now: Date): 'runs' | 'ended' | 'stuck' {
  if (endOf(events)) return 'ended';
  const began = events.find(({ type }) => type === 'started' || type === 'victim')?.at;
  return began !== undefined && now.getTime() - Date.parse(began) > stuckMs ? 'stuck' : 'runs';
}

/** What the list of a storm says of a run that has ended. */
function victimOf(events: readonly RunEvent[]): Pick<StormVictim, 'alert' | 'state' | 'cause'> {
  const { alerts, resolvedAt } = alertLife(events);
  const end = endOf(events);
  const roots = end?.type === 'verdict' ? end.verdict.roots : [];
  const said =
    end?.type !== 'verdict'
      ? 'failed'
      : end.verdict.verdict === 'healthy'
        ? 'reachable'
        : roots.length > 0
          ? 'fault'
          : 'unclear';
  return {
    alert: alerts[0]?.name ?? '',
    state: resolvedAt === null ? said : 'resolved',
    cause: end?.type === 'verdict' ? causeTitles(end.verdict) : null,
  };
}
