/** The flow as it is chosen on what real Calico printed: default/mypod with declared ports, on its node's rule sets. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Flow } from '../../src/model/flow.ts';
import type { KubernetesObject, Pod } from '../../src/model/kubernetes.ts';
import type { ObjectReference } from '../../src/model/ports.ts';
import type { FlowPort, FlowSource } from '../../src/model/target.ts';
import { describePort } from '../../src/model/target-grammar.ts';
import { startGathering } from '../../src/engine/gather.ts';
import { walkIngress } from '../../src/flow-walks/ingress.ts';
import { describeEnd } from '../../src/model/flow-end-words.ts';
import { computed } from '../../src/computed/registry.ts';
import { probes } from '../../src/probes/registry.ts';
import { captureCluster } from '../cases/capture-cluster.ts';
import { captureShells } from '../cases/capture-shells.ts';
import { readCapture } from '../cases/capture.ts';
import { captured, valueOf, type Facts } from '../support/facts.ts';

const clock = { now: () => new Date('2026-11-23T18:00:10Z'), sleep: async () => {} };
const client: FlowSource = { kind: 'pod', namespace: 'default', name: 'client' };
const tcp = (number: number): FlowPort => ({ protocol: 'tcp', number });

/** @param isBlind the nodes cannot be looked at */
async function flowOf(
  name: string,
  ports: readonly number[],
  {
    from = null,
    port = null,
    isBlind = false,
  }: { from?: FlowSource | null; port?: FlowPort | null; isBlind?: boolean } = {},
): Promise<Flow> {
  const capture = readCapture(name);
  const cluster = captureCluster(capture);
  const declaring: typeof cluster = {
    ...cluster,
    async read<T extends KubernetesObject>(reference: ObjectReference) {
      const answer = await cluster.read<T>(reference);
      if (!answer.ok || reference.kind !== 'Pod') return answer;
      const pod = answer.value as unknown as Pod;
      return {
        ...answer,
        value: {
          ...pod,
          spec: {
            ...pod.spec,
            containers: [{ name: 'main', ports: ports.map((containerPort) => ({ containerPort })) }],
          },
        } as unknown as T,
      };
    },
  };
  const shells = isBlind
    ? {
        ...captureShells(capture),
        shell: () => {
          throw new Error('blind');
        },
      }
    : captureShells(capture);
  const fact = await startGathering(
    { probes, computed, clock, cluster: declaring, shells },
    { cluster: 'default', namespace: 'default', pod: 'mypod', from, port },
    'r-test',
    new AbortController().signal,
  ).fact('flow');
  if (fact.status === 'unavailable') throw new Error(fact.reason);
  return fact.value;
}
const said = ({ source, port, otherPorts, untriedPorts, refusedByDesign, asked }: Flow) => ({
  from: describeEnd(source),
  asked,
  judged: describePort(port),
  others: otherPorts.map((other) => describePort(other.port)),
  untried: untriedPorts.length,
  passedOver: refusedByDesign.map((one) => one.source),
});

describe('policies-legacy: client of default and api of shop may connect to 8080, and nobody else', () => {
  test('one declared port: a source that it admits', async () => {
    expect(said(await flowOf('policies-legacy', [8080]))).toMatchObject({
      judged: '8080/tcp',
      others: [],
      untried: 0,
      asked: false,
    });
  });
  test('a second port that admits nobody is judged, though it is not the first', async () => {
    expect(said(await flowOf('policies-legacy', [8080, 9090, 9100]))).toMatchObject({
      judged: '9090/tcp',
      others: ['8080/tcp', '9100/tcp'],
      untried: 0,
    });
  });
  test('the same from the source that was asked about', async () => {
    expect(said(await flowOf('policies-legacy', [8080, 9090], { from: client }))).toEqual({
      from: 'default/client',
      asked: true,
      judged: '9090/tcp',
      others: ['8080/tcp'],
      untried: 0,
      passedOver: [],
    });
  });
  test('a port that was asked for is the only one', async () => {
    expect(said(await flowOf('policies-legacy', [8080, 9090], { from: client, port: tcp(8080) }))).toMatchObject({
      judged: '8080/tcp',
      others: [],
    });
  });
  test('where the node cannot be looked at, the first is judged and the rest are tried', async () => {
    expect(said(await flowOf('policies-legacy', [8080, 9090], { isBlind: true }))).toMatchObject({
      judged: '8080/tcp',
      others: ['9090/tcp'],
      untried: 0,
    });
  });
});

test('healthy-legacy: the first is judged, the rest is tried; without declared ports it is ICMP', async () => {
  expect(said(await flowOf('healthy-legacy', [9090, 8080], { from: client }))).toMatchObject({
    judged: '9090/tcp',
    others: ['8080/tcp'],
  });
  expect(said(await flowOf('healthy-legacy', [], { from: client }))).toMatchObject({ judged: 'icmp', others: [] });
});

const ingressOf = (facts: Facts, port: FlowPort, change: Partial<Flow> = {}) => {
  const { source, destination } = { ...valueOf(facts, 'flow'), ...change };
  return walkIngress({
    source,
    destination,
    port,
    node: {
      rulesets: valueOf(facts, 'rulesets@target'),
      routes: valueOf(facts, 'routes@target'),
      links: valueOf(facts, 'links@target'),
    },
  });
};

describe("what the pod's node does with a first packet", () => {
  let policies: Facts;
  let foreign: Facts;
  beforeAll(async () => {
    [policies, foreign] = await Promise.all([captured('policies-legacy'), captured('foreign-forward-drop-nft')]);
  });
  test("a policy that admits, one that refuses, a drop that is nobody's policy", () => {
    expect(ingressOf(policies, tcp(8080))).toEqual({ denied: false, policy: null });
    expect(ingressOf(policies, tcp(9090))).toEqual({ denied: true, policy: 'web-from-client-and-shop-api' });
    expect(ingressOf(foreign, { protocol: 'icmp' })).toEqual({ denied: true, policy: null });
  });
  test('a hostNetwork pod is its node: what is forwarded is not asked', () => {
    const { destination } = valueOf(foreign, 'flow');
    expect(
      ingressOf(foreign, tcp(8080), {
        destination: { ...destination, address: destination.nodeAddress ?? '', interface: null },
      }).denied,
    ).toBe(false);
  });
  test('without a way in there is nothing to walk', () => {
    const { source } = valueOf(policies, 'flow');
    expect(
      ingressOf({ ...policies, 'routes@target': { status: 'observed', value: [], evidence: [] } }, tcp(9090), {
        source,
      }),
    ).toEqual({ denied: false, policy: null });
  });
});
