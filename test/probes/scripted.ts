/** Probes run alone: facts they need are given, commands and API answers scripted; whatever is not scripted is refused. */
import type { ComputedFact } from '../../src/model/computed.ts';
import type { Transcript } from '../../src/model/command.ts';
import { observed, type Fact } from '../../src/model/evidence.ts';
import type { FactKey, FactValue } from '../../src/model/facts.ts';
import type { KubernetesNode, Pod } from '../../src/model/kubernetes.ts';
import { LookError } from '../../src/model/look-error.ts';
import type { ApiAnswer, Clock, ClusterReader, NodeShells } from '../../src/model/ports.ts';
import type { Probe } from '../../src/model/probe.ts';
import { startGathering, type Gathering } from '../../src/engine/gather.ts';
import { running } from './transcript.ts';

/** What a command of the probe brings back, by its id; an error is a connection that failed. */
export type Script = Readonly<Record<string, Partial<Transcript> | LookError>>;
/** API answers: by `read Kind`, `list Kind`, `log` and `review verb resource`; a number is a refusal with this status, null no answer. */
export type ApiScript = Readonly<Record<string, unknown>>;

export const aNode: KubernetesNode = {
  metadata: { name: 'n1' },
  status: { addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] },
};
export const aPod: Pod = {
  metadata: { name: 'p', namespace: 'default' },
  spec: { nodeName: 'n1', containers: [{ name: 'main' }] },
  status: { phase: 'Running', podIP: '10.244.1.5' },
};
const clock: Clock = { now: () => new Date('2026-11-23T18:00:00Z'), sleep: async () => {} };

/** Gathers with one real probe; `pod`, `nodes` and the given facts come from nowhere else. */
export function probing(
  probe: Probe,
  {
    script = {},
    api = {},
    cluster = scriptedCluster(api),
    computed = [],
    facts = {},
  }: {
    script?: Script;
    api?: ApiScript;
    cluster?: ClusterReader;
    computed?: readonly ComputedFact[];
    facts?: { readonly [K in FactKey]?: Fact<FactValue<K>> | FactValue<K> };
  },
): Gathering {
  const given: Readonly<Record<string, unknown>> = { pod: aPod, nodes: [aNode], ...facts };
  const others = givers(
    Object.entries(given)
      .filter(([key]) => !(probe.provides as readonly string[]).includes(key))
      .map(([key, value]) => [key, isFact(value) ? value : observed(value)]),
  );
  return startGathering(
    { probes: [probe, ...others], computed, cluster, shells: scriptedShells(script), clock },
    { cluster: 'default', namespace: 'default', pod: 'p', from: null, port: null },
    'r-1',
    new AbortController().signal,
  );
}

function isFact(value: unknown): value is Fact<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'status' in value &&
    (value.status === 'observed' || value.status === 'unavailable')
  );
}

/** Probes that provide the given facts; one for each fact of nodes, whatever its places. */
function givers(facts: readonly (readonly [key: string, fact: Fact<unknown>])[]): readonly Probe[] {
  const byName = Map.groupBy(facts, ([key]) => key.split('@')[0] ?? key);
  return [...byName.values()].map((same) => {
    const [[key, fact] = ['', undefined]] = same;
    return key.includes('@') || !fact ? nodeGiver(same) : giver(key, fact);
  });
}

/** A probe that provides one given fact of the cluster, or of a node (`links@target`). */
export function giver(key: string, fact: Fact<unknown>): Probe {
  if (key.includes('@')) return nodeGiver([[key, fact]]);
  return given({ id: `given-${key}`, place: 'cluster', provides: [key], read: async () => ({ [key]: fact }) });
}

function nodeGiver(facts: readonly (readonly [key: string, fact: Fact<unknown>])[]): Probe {
  const places = new Map(facts.map(([key, fact]) => [key.split('@')[1], fact]));
  const name = facts[0]?.[0].split('@')[0] ?? '';
  return given({
    id: `given-${name}`,
    place: 'node',
    places: [...places.keys()],
    provides: [name],
    read: async ({ place }: { readonly place: string }) => ({ [name]: places.get(place) }),
  });
}

function given(probe: object): Probe {
  return { description: '', kind: 'passive', essential: false, commands: [], needs: [], ...probe } as unknown as Probe;
}

function scriptedShells(script: Script): NodeShells {
  return {
    shell: ({ name }) => ({
      node: name,
      start: ({ command: { id } }) => {
        const answer = script[id];
        if (!answer) throw new Error(`${id} is not scripted`);
        return running(name, answer instanceof LookError ? answer : { command: id, ...answer });
      },
    }),
    usage: () => ({}),
    close: async () => {},
  };
}

function scriptedCluster(api: ApiScript): ClusterReader {
  const answer = async <T>(key: string): Promise<ApiAnswer<T>> => {
    const said = Object.hasOwn(api, key) ? api[key] : undefined;
    if (said === undefined) throw new Error(`"${key}" is not scripted`);
    const common = { request: key, at: '2026-11-23T18:00:00.000Z' };
    return said === null || typeof said === 'number'
      ? { ok: false, status: said, reason: `status ${said}`, ...common }
      : { ok: true, value: said as T, ...common };
  };
  return {
    read: ({ kind }) => answer(`read ${kind}`),
    list: ({ kind }) => answer(`list ${kind}`),
    podLog: () => answer('log'),
    accessReview: async (question) => {
      const said = await answer<{ allowed: boolean }>(`review ${question.verb} ${question.resource}`);
      return said.ok ? { ...said, value: { ...question, reason: '', ...said.value } } : said;
    },
  };
}

/** `observed`, or the code for which a fact is missing. */
export function codeOf(fact: Fact<unknown>): string {
  return fact.status === 'observed' ? 'observed' : fact.code;
}
