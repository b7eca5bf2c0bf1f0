/**
 * Gathers facts on demand. Asking for a fact runs its probe once, after the facts that the probe needs; independent
 * probes run at the same time. Nothing rejects: a failed read becomes an unavailable fact.
 */
import { createHash } from 'node:crypto';
import { defaultCalicoNamespaces } from '../model/calico-components.ts';
import { declaredReader } from '../model/api-reads.ts';
import type { ComputedFact } from '../model/computed.ts';
import type { Command, RunningCommand } from '../model/command.ts';
import { unavailable, type Fact, type Unavailable } from '../model/evidence.ts';
import type { FactKey, FactValue, NodeFactKey, Place } from '../model/facts.ts';
import type { Watch } from '../model/control-flow.ts';
import { LookError } from '../model/look-error.ts';
import { sharedReads } from './shared-reads.ts';
import type { Clock, ClusterReader, NodeAddress, NodeShells, RememberedTarget, TargetMemory } from '../model/ports.ts';
import type { ClusterProbe, Look, NodeLook, NodeProbe, ObservedFacts, Probe } from '../model/probe.ts';
import type { Target } from '../model/target.ts';
import { nodeOf } from './places.ts';
import { asProbe, essentialKeys, indexProviders, splitKey } from './providers.ts';

export interface GatherDeps {
  readonly probes: readonly Probe[];
  readonly computed: readonly ComputedFact[];
  readonly cluster: ClusterReader;
  readonly shells: NodeShells;
  readonly clock: Clock;
  /** Namespaces in which Calico itself runs. Default: those of its manifests and its operator. */
  readonly calicoNamespaces?: readonly string[];
  readonly memory?: TargetMemory;
  /** Used by the checks before and after a fix. */
  readonly watch?: Watch;
}

/** One probe's missing fact, told once even if several rules need it. */
export interface MissedLook {
  readonly probe: string;
  readonly node: string | null;
  readonly key: FactKey;
  readonly fact: Unavailable;
  /** Facts that are unavailable because they need it. */
  readonly behind: readonly FactKey[];
}

export interface Gathering {
  fact<K extends FactKey>(key: K): Promise<Fact<FactValue<K>>>;
  /** Facts that were unavailable so far. */
  missed(): readonly MissedLook[];
  /** Gathers every essential fact that applies; resolves to those that are missing. */
  missedEssentials(): Promise<readonly FactKey[]>;
  /** Was something taken from an earlier run because the API server does not answer? */
  usedMemory(): boolean;
  /** Resolves to the node of a place; null if it is not known. */
  place(place: Place): Promise<Fact<NodeAddress>>;
}

type AnyFact = Fact<unknown>;

/**
 * @param run the run's id; nonces derive from it, so that a replayed case sends the same marks.
 * @throws Error if two probes or computed facts provide the same fact (a bug, found at start)
 */
export function startGathering(deps: GatherDeps, target: Target, run: string, signal: AbortSignal): Gathering {
  const providers = indexProviders([...deps.probes, ...deps.computed.map(asProbe)]);
  const runs = new Map<string, Promise<Readonly<Record<string, AnyFact>>>>();
  const settled = new Map<FactKey, AnyFact>();
  const missed: Omit<MissedLook, 'behind'>[] = [];
  const order = [...deps.probes, ...deps.computed].map(({ id }) => id);
  const byProbe = (one: Omit<MissedLook, 'behind'>, other: Omit<MissedLook, 'behind'>) =>
    order.indexOf(one.probe) - order.indexOf(other.probe) || one.key.localeCompare(other.key);
  let usedMemory = false;
  const nodesAt = new Map<Place, Promise<Fact<NodeAddress>>>();

  const gathering: Gathering = {
    async fact<K extends FactKey>(key: K) {
      return (await load(key)) as Fact<FactValue<K>>;
    },
    // Probes end in a different order in each run, but a replay must list the same facts in the same order.
    missed: () =>
      missed.toSorted(byProbe).map((miss) => ({
        ...miss,
        behind: [...settled].flatMap(([key, fact]) =>
          fact.status === 'unavailable' && fact.code === 'needed-fact-missing' && restsOn(key, miss.key) ? [key] : [],
        ),
      })),
    missedEssentials: async () => {
      const keys = essentialKeys([...deps.probes, ...deps.computed.map(asProbe)]);
      const facts = await Promise.all(keys.map(load));
      return keys.filter((_, at) => facts[at]?.status === 'unavailable' && facts[at].code !== 'not-applicable');
    },
    usedMemory: () => usedMemory,
    place(place) {
      const known = nodesAt.get(place);
      if (known) return known;
      const node = nodeOf(place, gathering, target);
      nodesAt.set(place, node);
      return node;
    },
  };

  async function load(key: FactKey): Promise<AnyFact> {
    const known = settled.get(key);
    if (known) return known;
    const alias = await aliasOf(key);
    if (alias) return load(alias);
    const [name, place] = splitKey(key);
    const probe = providers.get(name);
    if (!probe) return settle(key, unavailable('not-supported', `no probe provides ${key}`), null);
    const runKey = `${probe.id}@${place ?? ''}`;
    let outcome = runs.get(runKey);
    if (!outcome) {
      outcome = probe.place === 'cluster' ? runClusterProbe(probe) : runNodeProbe(probe, place ?? 'target');
      runs.set(runKey, outcome);
    }
    const facts = await outcome;
    const fact = facts[name] ?? unavailable('not-parsed', `${probe.id} did not answer for ${name}`);
    return settle(key, fact, probe);
  }

  function settle(key: FactKey, fact: AnyFact, probe: Probe | null): AnyFact {
    const before = settled.get(key);
    if (before) return before;
    settled.set(key, fact);
    if (fact.status === 'observed')
      for (const { code, reason, node } of fact.gaps ?? [])
        missed.push({
          probe: probe?.id ?? key,
          node: node ?? nodesByKey.get(key) ?? null,
          key,
          fact: unavailable(code, reason),
        });
    if (fact.status === 'unavailable' && fact.code !== 'not-applicable' && fact.code !== 'needed-fact-missing') {
      missed.push({ probe: probe?.id ?? key, node: nodesByKey.get(key) ?? null, key, fact });
    }
    return fact;
  }

  function restsOn(key: FactKey, on: FactKey, seen: ReadonlySet<FactKey> = new Set()): boolean {
    const provider = providers.get(splitKey(key)[0]);
    const inputs = provider ? [...provider.needs, ...(provider.place === 'cluster' ? (provider.uses ?? []) : [])] : [];
    return inputs.some((input) => input === on || (!seen.has(input) && restsOn(input, on, new Set([...seen, input]))));
  }

  /** If source and target are on one node, one read serves both places. */
  const nodesByKey = new Map<FactKey, string>();
  async function aliasOf(key: FactKey): Promise<FactKey | null> {
    const [name, place] = splitKey(key);
    if (!place) return null;
    const node = await gathering.place(place);
    if (node.status !== 'observed') return null;
    nodesByKey.set(key, node.value.name);
    if (place === 'target') return null;
    for (const other of ['target', 'source'] as const) {
      if (other === place) return null;
      const provider = providers.get(name);
      if (provider?.place !== 'node' || !provider.places.includes(other)) continue;
      const otherNode = await gathering.place(other);
      if (otherNode.status === 'observed' && otherNode.value.name === node.value.name)
        return `${name}@${other}` as NodeFactKey;
    }
    return null;
  }

  async function observedNeeds(probe: Probe): Promise<ObservedFacts<FactKey> | Unavailable> {
    const { needs } = probe;
    const facts = await Promise.all(needs.map(load));
    for (const [i, fact] of facts.entries()) {
      if (fact.status === 'observed') continue;
      if (fact.code === 'not-applicable') return unavailable('not-applicable', fact.reason);
      // Of a chain of needs, the first that could not be had says why.
      const isChain = fact.code === 'needed-fact-missing' && fact.reason.startsWith('needs ');
      return unavailable('needed-fact-missing', isChain ? fact.reason : `needs ${needs[i]}: ${fact.reason}`);
    }
    return {
      get: <K extends FactKey>(key: K) => {
        const fact = settled.get(key);
        if (fact?.status !== 'observed') throw new Error(`${key} is not among the needed facts`);
        return fact.value as FactValue<K>;
      },
      evidence: (key) => settled.get(key)?.evidence ?? [],
      ask: (key) => {
        if (probe.place !== 'cluster' || !probe.uses?.includes(key))
          throw new Error(`${probe.id} does not declare that it uses ${key}`);
        return gathering.fact(key);
      },
    };
  }

  async function runClusterProbe(probe: ClusterProbe): Promise<Readonly<Record<string, AnyFact>>> {
    const facts = await observedNeeds(probe);
    if ('status' in facts) return all(probe.provides, facts);
    const places = new Map<Place, Fact<NodeAddress>>();
    for (const place of probe.runsOn ?? []) places.set(place, await gathering.place(place));
    return guard(probe, async () => {
      const look: Look<string> = {
        ...base(probe),
        on: (place) => {
          const node = places.get(place);
          if (!node) throw new Error(`${probe.id} does not declare that it runs on the ${place} node`);
          return nodeLook(probe, place, node);
        },
      };
      return probe.read(look, facts);
    });
  }

  async function runNodeProbe(probe: NodeProbe, place: Place): Promise<Readonly<Record<string, AnyFact>>> {
    if (!probe.places.includes(place))
      return all(probe.provides, unavailable('not-applicable', `${probe.id} does not run on the ${place} node`));
    const [node, facts] = await Promise.all([gathering.place(place), observedNeeds(probe)]);
    if (node.status === 'unavailable') return all(probe.provides, node);
    if ('status' in facts) return all(probe.provides, facts);
    return guard(probe, () => probe.read(nodeLook(probe, place, node), facts));
  }

  let recalling: Promise<RememberedTarget | null> | null = null;
  async function recall(): Promise<RememberedTarget | null> {
    // Which pod other names stand for is not kept.
    const memory = target.kind === undefined ? deps.memory : undefined;
    const known = await (recalling ??= memory?.recall(target.namespace, target.pod) ?? Promise.resolve(null));
    usedMemory ||= known !== null;
    return known;
  }

  const calicoNamespaces = deps.calicoNamespaces ?? defaultCalicoNamespaces;
  const cluster = sharedReads(deps.cluster, deps.clock);
  function base({ id, reads = [] }: Probe) {
    return {
      target,
      cluster: declaredReader(cluster, reads, calicoNamespaces, id),
      calicoNamespaces,
      clock: deps.clock,
      remembered: recall,
      watch: deps.watch ?? null,
      nonce: (purpose: string) => nonceOf(run, purpose),
      signal,
    };
  }

  function nodeLook(probe: Probe, place: Place, node: Fact<NodeAddress>): NodeLook<string> {
    if (node.status === 'unavailable') throw new LookError(node.code, node.reason);
    const shell = deps.shells.shell(node.value);
    const start = (command: Command, params: Readonly<Record<string, string>> = {}): RunningCommand => {
      if (signal.aborted) throw new LookError('cancelled', 'the run was cancelled');
      if (!probe.commands.includes(command)) throw new Error(`${probe.id} does not declare that it runs ${command.id}`);
      if (command.writes) throw new Error(`${probe.id}: a probe must not run ${command.id}, which writes`);
      return shell.start({ command, moment: probe.moment ?? 'first', params });
    };
    return {
      ...base(probe),
      place,
      node: node.value.name,
      start,
      run: (command, params) => start(command, params).result,
    };
  }

  return gathering;
}

function all(keys: readonly string[], fact: Unavailable): Readonly<Record<string, AnyFact>> {
  return Object.fromEntries(keys.map((key) => [key, fact]));
}

async function guard(probe: Probe, read: () => Promise<object>): Promise<Readonly<Record<string, AnyFact>>> {
  try {
    return (await read()) as Readonly<Record<string, AnyFact>>;
  } catch (error) {
    if (error instanceof LookError) return all(probe.provides, unavailable(error.code, error.message));
    return all(
      probe.provides,
      unavailable('not-parsed', `${probe.id}: ${error instanceof Error ? error.message : String(error)}`),
    );
  }
}

/** Returns a number below 2^31, always the same for the same run and purpose. */
function nonceOf(run: string, purpose: string): number {
  return createHash('sha256').update(`${run}\0${purpose}`).digest().readUInt32BE(0) >>> 1;
}
