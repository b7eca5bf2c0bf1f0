/** What a dialog offers while a person types: targets of recent diagnoses, then pods and Services of a namespace. */
import { describeTarget } from '../model/asked-flow.ts';
import { whichCluster, type KnownClusters } from '../model/known-clusters.ts';
import { mostRead } from '../model/offered-names.ts';
import { isNamespace, parsePodName } from '../model/target-grammar.ts';
import type { OfferedOptions, Suggestion } from '../model/slack-delivery.ts';
import type { RunSurface } from '../runs/surface.ts';
import { within } from './deadline.ts';
import { dialogPlace } from './dialogs.ts';
import { keptFor } from './kept.ts';
import { longestOption } from './render/diagnose-view.ts';
import { offeredOptions, type OfferedGroup } from './render/views.ts';

export interface SuggestDeps {
  readonly clusters: KnownClusters;
  readonly runs: Pick<RunSurface, 'recent' | 'names'>;
  readonly warn: (what: string, error: unknown) => void;
  /** How long names of a worker are waited for. Slack waits three seconds for all of it. */
  readonly waitMs?: number;
}

/** Slack takes no more. */
const mostOptions = 100;
const rememberedRuns = 20;
const mostRecent = 10;
const mostNamespaces = 3;
const mostClusters = 5;

/** Recent diagnoses are read again after so long. */
const recentMs = 10_000;

/** Returns the same, which reads once for all that is typed within some seconds: it reads every event of these runs. */
export function keptRecent(source: Pick<RunSurface, 'recent'>, clock: { now(): Date }): SuggestDeps['runs']['recent'] {
  return keptFor(recentMs, clock, () => source.recent(rememberedRuns));
}

/** Never rejects, and settles within Slack's time: what nobody could read is not offered, and the person types it. */
export async function suggest(deps: SuggestDeps, asked: Suggestion): Promise<OfferedOptions> {
  const { waitMs = 2000, warn } = deps;
  try {
    return offeredOptions(await within(waitMs + 500, groupsFor(deps, asked, AbortSignal.timeout(waitMs))));
  } catch (error) {
    warn('names for a dialog could not be read', error);
    return offeredOptions([]);
  }
}

async function groupsFor(
  { clusters, runs, warn }: SuggestDeps,
  { typed, metadata }: Suggestion,
  signal: AbortSignal,
): Promise<readonly OfferedGroup[]> {
  const { channel, onlyPods } = dialogPlace(metadata);
  const here = whichCluster(clusters, { named: null, channel });
  const asked = here.ok ? [here.value.name] : clusters.slice(0, mostClusters).map(({ name }) => name);
  /** Where it is open which cluster is meant, the choice says it. */
  const prefix = (cluster: string) => (here.ok ? '' : `${cluster} `);
  const wanted = wantedOf(typed);
  const isWanted = (target: string) => !onlyPods || parsePodName(target).ok;
  const names = (cluster: string, namespace: string | null): Promise<readonly string[]> =>
    runs.names({ cluster, namespace }, signal).catch((error: unknown) => {
      warn('names for a dialog could not be read', error);
      return [];
    });
  const inCluster = async (cluster: string): Promise<readonly OfferedGroup[]> => {
    const known = await names(cluster, null);
    // What people type asks a worker for namespaces that exist alone, where they are known.
    const isKnown = known.length === 0 || known.length >= mostRead || known.includes(wanted.namespace);
    const spaces = wanted.isWhole
      ? [wanted.namespace].filter((one) => isNamespace(one) && isKnown)
      : ranked(known, wanted.namespace).slice(0, mostNamespaces);
    return Promise.all(
      spaces.map(async (namespace) => ({
        label: `${prefix(cluster)}${namespace}`,
        options: matching((await names(cluster, namespace)).filter(isWanted), wanted).map(
          (name) => `${prefix(cluster)}${name}`,
        ),
      })),
    );
  };
  const [recent, ...found] = await Promise.all([
    runs.recent(rememberedRuns).catch(() => []),
    ...asked.map((cluster) => inCluster(cluster)),
  ]);
  const before = recent
    .filter(({ target }) => asked.includes(target.cluster))
    .filter(({ target }) => isWanted(describeTarget(target)))
    .map(({ target }) => `${prefix(target.cluster)}${describeTarget(target)}`);
  return bounded([
    { label: 'Recent diagnoses', options: before.filter((one) => one.includes(typed.trim())).slice(0, mostRecent) },
    ...found.flat(),
  ]);
}

interface Wanted {
  readonly namespace: string;
  /** The person wrote all of the namespace, and goes on with the name. */
  readonly isWhole: boolean;
  readonly name: string;
  readonly onlyServices: boolean;
}

function wantedOf(typed: string): Wanted {
  const [, kind, rest = ''] = /^\s{0,10}(svc:|service:)?([^\s]{0,320})/i.exec(typed.toLowerCase()) ?? [];
  const [namespace = '', name] = rest.split('/');
  return { namespace, isWhole: name !== undefined, name: name ?? '', onlyServices: kind !== undefined };
}

/** Returns the names that hold the part: the same one first, then those that begin with it. */
function ranked(names: readonly string[], part: string): readonly string[] {
  const rank = (name: string) => (name === part ? 0 : name.startsWith(part) ? 1 : 2);
  return names.filter((name) => name.includes(part)).toSorted((a, b) => rank(a) - rank(b));
}

function matching(targets: readonly string[], { name, onlyServices }: Wanted): readonly string[] {
  const ofKind = onlyServices ? targets.filter((one) => one.startsWith('svc:')) : targets;
  const named = new Map(ofKind.map((target) => [target, target.slice(target.indexOf('/') + 1)]));
  // Sorted once, and never searched: a namespace may have thousands of names, and people type fast.
  const order = new Map([...new Set(ranked([...named.values()], name))].map((one, at) => [one, at]));
  const placeOf = (target: string) => order.get(named.get(target) ?? '') ?? -1;
  return ofKind.filter((target) => placeOf(target) >= 0).toSorted((a, b) => placeOf(a) - placeOf(b));
}

const isOption = (text: string) => text.length <= longestOption && /^[\x21-\x7e][\x20-\x7e]*$/.test(text);

/** Each option once, those that Slack takes, as many from each group. */
function bounded(groups: readonly OfferedGroup[]): readonly OfferedGroup[] {
  const seen = new Set<string>();
  const fresh = groups.map(({ label, options }) => ({
    label,
    options: options.filter((one) => isOption(one) && !seen.has(one) && seen.add(one)),
  }));
  const filled = fresh.filter(({ options }) => options.length > 0);
  const share = Math.floor(mostOptions / Math.max(1, filled.length));
  return filled.map(({ label, options }) => ({ label, options: options.slice(0, share) }));
}
