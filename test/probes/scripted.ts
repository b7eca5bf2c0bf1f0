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

type Said = Partial<Transcript> | LookError;
/** What a command of the probe brings back, by its id; an error is a connection that failed. */
export type Script = Readonly<Record<string, Said | ((params: Readonly<Record<string, string>>) => Said)>>;
/** API answers: by `read Kind`, `list Kind`, `log` and `review verb resource`; a number is a refusal with this status, null no answer. */
export type ApiScript = Readonly<Record<string, unknown>>;

const aNode: KubernetesNode = {
  metadata: { name: 'n1' },
  status: { addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] },
};
export const aPod: Pod = {
  metadata: { name: 'p', namespace: 'default' },
  spec: { nodeName: 'n1', containers: [{ name: 'main' }] },
  status: { phase: 'Running', podIP: '10.244.1.5' },
};
const clock: Clock = { now: () => new Date('2026-11-23T18:00:00Z'), sleep: async () => {} };

/** Gathers with one real probe; `pod`, `nodes`, `datastore-kind`, `family` and the given facts come from nowhere else. */
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
  const given: Readonly<Record<string, unknown>> = {
    pod: aPod,
    nodes: [aNode],
    'datastore-kind': { kind: null },
    family: 4,
    ...facts,
  };
  const keys = Object.keys(given).filter((key) => !(probe.provides as readonly string[]).includes(key));
  const factOf = (key: string): Fact<unknown> => {
    const value = given[key];
    return isFact(value) ? value : observed(value);
  };
  const others = [...new Set(keys.map((key) => key.split('@')[0] ?? key))].map((name) =>
    giverOf(name, new Map(keys.filter((key) => key.split('@')[0] === name).map((key) => [key, factOf(key)]))),
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

/** A probe that provides one given fact of the cluster, or of a node (`links@target`). */
export function giver(key: string, fact: Fact<unknown>): Probe {
  return giverOf(key.split('@')[0] ?? key, new Map([[key, fact]]));
}

/** The same of a fact of both nodes. */
function giverOf(name: string, facts: ReadonlyMap<string, Fact<unknown>>): Probe {
  const places = [...facts.keys()].flatMap((key) => key.split('@')[1] ?? []);
  return {
    id: `given-${name}`,
    description: '',
    kind: 'passive',
    place: places.length > 0 ? 'node' : 'cluster',
    places,
    essential: false,
    commands: [],
    needs: [],
    provides: [name],
    read: async ({ place }: { place?: string }) => ({
      [name]: facts.get(places.length > 0 ? `${name}@${place}` : name),
    }),
  } as unknown as Probe;
}

function scriptedShells(script: Script): NodeShells {
  return {
    shell: ({ name }) => ({
      node: name,
      start: ({ command: { id }, params }) => {
        const answer = script[id];
        if (!answer) throw new Error(`${id} is not scripted`);
        const said = typeof answer === 'function' ? answer(params) : answer;
        return running(name, said instanceof LookError ? said : { command: id, ...said });
      },
    }),
    usage: () => ({}),
    close: async () => {},
  };
}

export function scriptedCluster(api: ApiScript): ClusterReader {
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
