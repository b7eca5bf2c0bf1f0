import { beforeEach, describe, expect, test } from '@jest/globals';
import { familyOf } from '../../../src/model/addresses.ts';
import type { Transcript } from '../../../src/model/command.ts';
import type { Fact } from '../../../src/model/evidence.ts';
import type { ControlFlow, Watch } from '../../../src/model/control-flow.ts';
import { describeEnd } from '../../../src/model/flow-end-words.ts';
import type { Pod } from '../../../src/model/kubernetes.ts';
import { LookError } from '../../../src/model/look-error.ts';
import type { ClusterReader, NodeShells } from '../../../src/model/ports.ts';
import { startGathering } from '../../../src/engine/gather.ts';
import { computed } from '../../../src/computed/registry.ts';
import { rulesetCommands } from '../../../src/probes/lib/ruleset-reading.ts';
import { probes } from '../../../src/probes/registry.ts';
import { rules } from '../../../src/rules/registry.ts';
import { captureCluster } from '../../cases/capture-cluster.ts';
import { captureShells } from '../../cases/capture-shells.ts';
import { readCapture } from '../../cases/capture.ts';
import { capturedTarget } from '../../support/facts.ts';
import { codeOf } from '../scripted.ts';
import { running } from '../transcript.ts';

const answered = { stdout: '1 packets transmitted, 1 received' };
const lost = { exit: 1, stdout: '1 packets transmitted, 0 received' };

/** What control flows sent, as `node command address`. */
let sent: string[];
let answers: (Partial<Transcript> | LookError)[];
beforeEach(() => {
  sent = [];
  answers = [];
  apiAddresses = [];
});

/** A capture's nodes, on which control flows get the given answers in turn (nothing comes back after the last). */
function shellsOf(name: string, unread: LookError | null): NodeShells {
  const shells = captureShells(readCapture(name));
  return {
    ...shells,
    shell: (node) => ({
      node: node.name,
      start: (request) => {
        const { moment, command } = request;
        if (unread && rulesetCommands.some(({ id }) => id === command.id)) return running(node.name, unread);
        if (moment !== 'control') return shells.shell(node).start(request);
        sent.push(`${node.name} ${command.id} ${request.params['address']}`);
        return running(node.name, answers.shift() ?? lost);
      },
    }),
  };
}

function look(
  name: string,
  watch: Watch | null,
  change: (pod: Pod) => Pod | null = (pod) => pod,
  unread: LookError | null = null,
) {
  const cluster = captureCluster(readCapture(name));
  const list: ClusterReader['list'] = async (query) => {
    if (query.kind === 'EndpointSlice') return asAnswer(query.namespace === 'default' ? [apiSlice] : []) as never;
    const answer = await cluster.list<Pod>(query);
    return (
      answer.ok && query.kind === 'Pod'
        ? { ...answer, value: answer.value.flatMap((pod) => change(pod) ?? []) }
        : answer
    ) as never;
  };
  const clock = { now: () => new Date('2026-11-23T18:00:10Z'), sleep: async () => {} };
  return startGathering(
    {
      probes,
      computed,
      clock,
      cluster: { ...cluster, list, read: readService(cluster) },
      shells: shellsOf(name, unread),
      ...(watch ? { watch } : {}),
    },
    capturedTarget,
    'r-test',
    new AbortController().signal,
  );
}

const at = '2026-11-23T18:00:00.000Z';
const asAnswer = <T>(value: T) => ({ ok: true, value, request: 'GET', at }) as const;
let apiAddresses: readonly string[];
const readService =
  (cluster: ClusterReader): ClusterReader['read'] =>
  (asked) =>
    asked.kind === 'Service'
      ? Promise.resolve(asAnswer({ metadata: { namespace: 'default', name: asked.name }, spec: {} }) as never)
      : cluster.read(asked);
const apiSlice = {
  metadata: { name: 'kubernetes', namespace: 'default' },
  get addressType() {
    return `IPv${familyOf(apiAddresses[0] ?? '')}`;
  },
  get endpoints() {
    return apiAddresses.map((address) => ({ addresses: [address] }));
  },
  ports: [{ name: 'https', protocol: 'TCP', port: 6443 }],
};

function told(fact: Fact<readonly ControlFlow[]>): readonly string[] {
  if (fact.status === 'unavailable') throw new Error(fact.reason);
  return fact.value.map(
    ({ source, destination, refusedBy, answer }) =>
      `${source.namespace}/${source.name} → ${destination.namespace}/${destination.name}${refusedBy ? ` refused by ${refusedBy}` : ''}: ${answer}`,
  );
}

/** Changes of what the API server says of the pods. */
const shopOnNodes = (pod: Pod): Pod =>
  pod.metadata.namespace === 'shop' ? { ...pod, spec: { ...pod.spec, hostNetwork: true } } : pod;
const withoutShop = (pod: Pod): Pod | null => (pod.metadata.namespace === 'shop' ? null : pod);
const dbMoved = (pod: Pod): Pod =>
  pod.metadata.name === 'db' ? { ...pod, status: { ...pod.status, podIP: '10.244.1.10' } } : pod;
const withoutOthers = (pod: Pod): Pod | null =>
  pod.spec.nodeName === 'n1' || pod.metadata.name === 'client' ? pod : null;

const first: Watch = { namespace: 'default', again: null };

describe('a flow that a policy denies', () => {
  test('is found by the walk, on one node where there is one, and sent once', async () => {
    expect(told(await look('policies-legacy', first).fact('denied-flow'))).toEqual([
      'shop/db → default/mypod refused by web-from-client-and-shop-api: none',
    ]);
    expect(sent).toEqual(['n1 ping-in-pod 10.244.1.5']);
  });
  test('no policy, no such flow: nothing is sent', async () => {
    expect(told(await look('healthy-legacy', first).fact('denied-flow'))).toEqual([]);
    expect(sent).toEqual([]);
  });
  test("a missing profile's stand-in is no policy", async () => {
    expect(told(await look('profile-missing-rbac-legacy', first).fact('denied-flow'))).toEqual([]);
  });
  test('a node whose rules cannot be read may have one: unknown, not none', async () => {
    const run = look('healthy-legacy', first, (pod) => pod, new LookError('timeout', 'iptables-save did not end'));
    const fact = await run.fact('denied-flow');
    expect([codeOf(fact), fact.status === 'unavailable' && fact.reason]).toEqual([
      'needed-fact-missing',
      expect.stringContaining('n1: '),
    ]);
  });
  test('into another namespace than the watched one there is none', async () => {
    expect(told(await look('policies-legacy', { ...first, namespace: 'elsewhere' }).fact('denied-flow'))).toEqual([]);
  });
  test('a hostNetwork pod is no source: nobody polices it', async () => {
    expect(told(await look('policies-legacy', first, shopOnNodes).fact('denied-flow'))).toEqual([]);
  });
  test('a pod of the namespace itself is no source: what a new profile tells of it may rightly let it in', async () => {
    expect(told(await look('policies-legacy', first, withoutShop).fact('denied-flow'))).toEqual([]);
  });
  test('after the fix the very same is sent, not what would be chosen by then', async () => {
    const before = await look('policies-legacy', first).fact('denied-flow');
    answers = [answered];
    const again = { 'denied-flow': before.status === 'observed' ? before.value : [] };
    expect(told(await look('policies-legacy', { namespace: 'elsewhere', again }).fact('denied-flow'))).toEqual([
      'shop/db → default/mypod refused by web-from-client-and-shop-api: reply',
    ]);
    expect(sent).toHaveLength(2);
  });
  test('a pod that is gone or has another address is not tried again: another one may have its address', async () => {
    const before = await look('policies-legacy', first).fact('denied-flow');
    const again = { 'denied-flow': before.status === 'observed' ? before.value : [] };
    const after = await look('policies-legacy', { ...first, again }, dbMoved).fact('denied-flow');
    expect(told(after)).toEqual(['shop/db → default/mypod refused by web-from-client-and-shop-api: error']);
    expect(after.status === 'observed' && after.value[0]?.detail).toBe('shop/db is no longer where it was');
    expect(sent).toHaveLength(1);
  });
  test('a node that does not answer is an error with its reason', async () => {
    answers = [new LookError('ssh-lost', 'the connection is gone')];
    const fact = await look('policies-legacy', first).fact('denied-flow');
    expect(fact.status === 'observed' && fact.value.map(({ answer, detail }) => [answer, detail])).toEqual([
      ['error', 'the connection is gone'],
    ]);
  });
});

describe('flows to other nodes', () => {
  test('one to a pod of each, from a node that is looked at, best between pods of one namespace', async () => {
    answers = [answered];
    expect(told(await look('policies-legacy', first).fact('other-flows'))).toEqual(['shop/db → shop/api: reply']);
    expect(sent).toEqual(['n1 ping-in-pod 10.244.2.9']);
  });
  test('a lost packet is sent once more after the fix, so that one loss takes nothing back', async () => {
    answers = [answered];
    const before = await look('policies-legacy', first).fact('other-flows');
    const again = { 'other-flows': before.status === 'observed' ? before.value : [] };
    answers = [lost, answered];
    expect(told(await look('policies-legacy', { ...first, again }).fact('other-flows'))).toEqual([
      'shop/db → shop/api: reply',
    ]);
    answers = [lost, lost, answered];
    expect(told(await look('policies-legacy', { ...first, again }).fact('other-flows'))).toEqual([
      'shop/db → shop/api: none',
    ]);
    expect(sent).toHaveLength(5);
  });
  test("never to the target's own node", async () => {
    expect(told(await look('policies-legacy', first, withoutOthers).fact('other-flows')).join()).not.toMatch(
      /→ (?:default\/mypod|shop\/db)/,
    );
  });
});

const ways = (fact: Fact<readonly ControlFlow[]>) =>
  fact.status === 'observed'
    ? fact.value.map(
        ({ source, destination, answer }) => `${describeEnd(source)} → ${describeEnd(destination)}: ${answer}`,
      )
    : [fact.reason];

describe('flows of the own node', () => {
  const connected = { exit: 0, stdout: '' };
  test('to another pod there, and from the node to the API server, the same after the fix', async () => {
    apiAddresses = ['192.0.2.77'];
    answers = [answered, connected];
    const before = await look('policies-legacy', first).fact('own-node-flows');
    expect(ways(before)).toEqual(['shop/api → shop/db: reply', 'node n1 → 192.0.2.77: reply']);
    expect(sent).toEqual(['n2 ping-in-pod 10.244.1.9', 'n1 bash-tcp-connect 192.0.2.77']);
    const again = { 'own-node-flows': before.status === 'observed' ? before.value : [] };
    apiAddresses = ['192.0.2.78'];
    answers = [answered, { exit: 124 }, { exit: 124 }];
    expect(ways(await look('policies-legacy', { ...first, again }).fact('own-node-flows'))).toEqual([
      'shop/api → shop/db: reply',
      'node n1 → 192.0.2.77: none',
    ]);
  });

  test('to the API server on another node, where there is one', async () => {
    apiAddresses = ['10.250.0.11', '10.250.0.12'];
    expect(ways(await look('policies-legacy', first).fact('own-node-flows'))).toContain('node n1 → 10.250.0.12: error');
    apiAddresses = ['10.250.0.11'];
    expect(ways(await look('policies-legacy', first).fact('own-node-flows'))).toContain('node n1 → 10.250.0.11: error');
  });

  test('to no API server of a family in which the node has no address', async () => {
    apiAddresses = ['2001:db8::77'];
    expect(ways(await look('policies-legacy', first).fact('own-node-flows'))).toEqual(['shop/api → shop/db: none']);
  });

  test('to no API server whose address is not known', async () => {
    expect(ways(await look('policies-legacy', first).fact('own-node-flows'))).toEqual(['shop/api → shop/db: none']);
  });
});

describe('a diagnosis', () => {
  test('sends none of these', async () => {
    const run = look('policies-legacy', null);
    expect([
      codeOf(await run.fact('denied-flow')),
      codeOf(await run.fact('other-flows')),
      codeOf(await run.fact('own-node-flows')),
    ]).toEqual(['not-applicable', 'not-applicable', 'not-applicable']);
    expect(sent).toEqual([]);
  });
  test('no rule asks for them', () => {
    expect(
      rules
        .flatMap(({ requires, considers }) => [...requires, ...(considers ?? [])])
        .filter((key) => ['denied-flow', 'other-flows', 'own-node-flows'].includes(key)),
    ).toEqual([]);
  });
});
