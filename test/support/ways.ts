/** What the kernels answer in nodes as they are in the facts: foretold, as the kernel's own agreement is tested elsewhere. */
import type { FactKey, FactValue } from '../../src/model/facts.ts';
import type { KernelWay, WayAnswer, WayOf, WayQuestion } from '../../src/model/kernel-way.ts';
import type { Link, Route } from '../../src/model/network.ts';
import { lookUp } from '../../src/model/routing-lookup.ts';
import type { RoutingPolicy } from '../../src/model/routing-policy.ts';
import { parseIpRules } from '../../src/probes/parse/ip-rules.ts';
import { wayQuestions } from '../../src/flow-walks/way-questions.ts';
import { changed, failing, valueOf, type Facts } from './facts.ts';

const usualRules = '0:	from all lookup local\n32766:	from all lookup main\n32767:	from all lookup default\n';

/** Routing rules beside the usual three, in the words of `ip rule`, and tables for them. */
export function policy(
  rules: readonly string[] = [],
  tables: Readonly<Record<string, readonly Partial<Route>[]>> = {},
): RoutingPolicy {
  return {
    rules: parseIpRules(usualRules + rules.join('\n')).toSorted((a, b) => a.priority - b.priority),
    tables: Object.fromEntries(Object.entries(tables).map(([name, routes]) => [name, routes.map(route)])),
  };
}

export function route(known: Partial<Route>): Route {
  return {
    destination: '0.0.0.0/0',
    type: 'unicast',
    device: null,
    gateway: null,
    protocol: null,
    metric: 0,
    flags: [],
    nextHops: [],
    ...known,
  };
}

/** The default route of a node of the captures. */
export const byDefault: Route = route({ device: 'eth0', gateway: '10.250.0.1' });

/**
 * The facts with other values, and with what the kernels then answer.
 * @param marks that packets have where their route is chosen; 0 when not given
 */
export function rerouted(
  facts: Facts,
  changes: { readonly [K in FactKey]?: FactValue<K> } = {},
  marks: Readonly<Partial<Record<WayOf, number>>> = {},
): Facts {
  const now = changed(facts, changes);
  const flow = valueOf(now, 'flow');
  const nodeAt = (place: 'target' | 'source') =>
    now[`links@${place}`]?.status === 'observed' && now[`routes@${place}`]?.status === 'observed'
      ? {
          links: valueOf(now, `links@${place}`),
          routes: valueOf(now, `routes@${place}`),
          policy: now[`routing@${place}`]?.status === 'observed' ? valueOf(now, `routing@${place}`) : policy(),
        }
      : null;
  const [target, source] = [nodeAt('target'), nodeAt('source')];
  const questions = wayQuestions(flow, target, source);
  const ask = (node: NonNullable<typeof target>, name: string, all: readonly WayQuestion[]): KernelWay[] =>
    all.map((question) => ({
      ...question,
      node: name,
      mark: marks[question.of] ?? 0,
      doubt: null,
      evidence: [],
      answer: answer(
        node,
        { ...question, mark: marks[question.of] ?? 0 },
        flow.port.protocol === 'icmp' ? null : flow.port.number,
      ),
    }));
  return changed(now, {
    'kernel-ways': [
      ...(target ? ask(target, flow.destination.node ?? '?', questions.target) : []),
      ...(source ? ask(source, flow.source.node ?? '?', questions.source) : []),
    ],
  });
}

function answer(
  node: { readonly links: readonly Link[]; readonly routes: readonly Route[]; readonly policy: RoutingPolicy },
  { of, destination, source, inInterface, mark }: WayQuestion & Pick<KernelWay, 'mark'>,
  port: number | null,
): WayAnswer {
  const local = node.links.flatMap(({ name, addresses }) =>
    addresses.map(({ address }) => route({ destination: `${address}/32`, type: 'local', device: name })),
  );
  const vrfTable = node.links.find(({ name }) => name === inInterface)?.vrfTable;
  const found = lookUp({ ...node.policy, tables: { ...node.policy.tables, local } }, node.routes, {
    destination,
    source,
    inInterface,
    ...(vrfTable === undefined ? {} : { vrfTable }),
    mark,
    protocol: 6,
    ...(of.startsWith('reply-')
      ? { sourcePort: port, destinationPort: 40_000 }
      : { sourcePort: 40_000, destinationPort: port }),
  });
  if (found.kind !== 'route') return { kind: 'refused', error: 'network-unreachable', words: 'Network is unreachable' };
  const { route: taken, table } = found;
  if (taken.type === 'blackhole') return { kind: 'refused', error: 'invalid-argument', words: 'Invalid argument' };
  if (taken.type !== 'unicast' && taken.type !== 'local')
    return { kind: 'refused', error: 'permission-denied', words: 'Permission denied' };
  const [hop] = taken.nextHops;
  return {
    kind: 'route',
    type: taken.type,
    device: taken.type === 'local' ? 'lo' : (taken.device ?? hop?.device ?? '?'),
    gateway: taken.gateway ?? hop?.gateway ?? null,
    table,
    preferredSource:
      source === null ? (node.links.find(({ name }) => name === taken.device)?.addresses[0]?.address ?? null) : null,
  };
}

/** The same facts where the flow fails, and nothing was captured on its way. */
export function lost(facts: Facts): Facts {
  const none = { requests: [], largeRequests: [], replies: [] };
  const { encapsulation, places } = valueOf(facts, 'path-capture');
  return changed(failing(facts), {
    'path-capture': { encapsulation, places: places.map((place) => ({ ...place, ...none })) },
  });
}
