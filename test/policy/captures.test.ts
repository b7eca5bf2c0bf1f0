/** What the evaluation says of the captured objects, against what real Felix programmed for them: both must decide every packet alike. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { observed } from '../../src/model/evidence.ts';
import type { FlowEnd } from '../../src/model/flow.ts';
import type { FlowPort } from '../../src/model/target.ts';
import { packetEnd, labelsOf, type KnownEnd } from '../../src/computed/lib/packet-ends.ts';
import { readPolicyObjects, type ReadPolicyObjects } from '../../src/probes/lib/policy-object-reading.ts';
import { walkLegs } from '../../src/flow-walks/legs.ts';
import type { WalkedNode } from '../../src/flow-walks/walked-node.ts';
import { decide } from '../../src/policy/decide.ts';
import { captureShells } from '../cases/capture-shells.ts';
import { readCapture, type Capture } from '../cases/capture.ts';
import { captured, valueOf, type Facts } from '../support/facts.ts';

const tcp = (number: number): FlowPort => ({ protocol: 'tcp', number });
const ports: readonly FlowPort[] = [
  tcp(22),
  tcp(80),
  tcp(2199),
  tcp(2200),
  tcp(2299),
  tcp(2300),
  tcp(8080),
  { protocol: 'udp', number: 53 },
  { protocol: 'udp', number: 8080 },
  { protocol: 'icmp' },
];

describe.each([
  'policies-legacy',
  'policies-nft',
  'k8s-deny-ingress-legacy',
  'healthy-legacy',
  'healthy-nft',
  'profile-missing-rbac-legacy',
  'profile-missing-rbac-nft',
])('%s', (name) => {
  const capture = readCapture(name);
  let facts: Facts;
  let objects: ReadPolicyObjects;
  beforeAll(async () => {
    facts = await captured(name);
    objects = await objectsOf(capture);
  });
  /** Pods of the capture by their endpoints; what is at another address has none. */
  const known = (end: FlowEnd): KnownEnd => {
    const endpoint = capture.endpoints.find(({ spec }) => spec.ipNetworks.includes(`${end.address}/32`)) ?? null;
    return {
      end,
      endpoint: observed(endpoint),
      profiles: observed(
        (endpoint?.spec.profiles ?? []).map((one) => ({
          name: one,
          profile: capture.profiles.find(({ metadata }) => metadata.name === one) ?? null,
        })),
      ),
    };
  };
  const podAt = (address: string): FlowEnd => {
    const { source } = valueOf(facts, 'flow');
    const endpoint = capture.endpoints.find(({ spec }) => spec.ipNetworks.includes(`${address}/32`));
    return {
      ...source,
      namespace: endpoint?.metadata.namespace ?? 'default',
      name: endpoint?.spec.pod ?? 'ghost',
      address,
      interface: endpoint?.spec.interfaceName ?? 'cali0ghost',
    };
  };
  const compared = (from: FlowEnd, to: FlowEnd, port: FlowPort, direction: 'ingress' | 'egress') => {
    const nodes = ['target', 'source'].map((place): WalkedNode => ({
      rulesets: valueOf(facts, `rulesets@${place as 'target'}`),
      routes: valueOf(facts, `routes@${place as 'target'}`),
      links: valueOf(facts, `links@${place as 'target'}`),
    }));
    const [target, source] = nodes;
    if (!target || !source) throw new Error('no nodes');
    const flow = { ...valueOf(facts, 'flow'), source: from, destination: to, port };
    const walk = walkLegs(flow, target, source).find(
      ({ leg }) => leg === (direction === 'ingress' ? 'target-ingress' : 'source-egress'),
    );
    if (!walk) throw new Error('no walk');
    const judged = known(direction === 'ingress' ? to : from);
    if (judged.endpoint.status !== 'observed' || !judged.endpoint.value || judged.profiles.status !== 'observed')
      throw new Error('no endpoint');
    const { decision } = decide({
      direction,
      packet: walk.packet,
      labels: labelsOf(judged.endpoint.value, judged.profiles),
      tiers: objects.tiers,
      policies: objects.policies,
      profiles: judged.profiles.value.map(({ name: profile, profile: object }) => ({
        name: profile,
        rules: object && { ingress: object.spec?.ingress ?? [], egress: object.spec?.egress ?? [] },
      })),
      source: packetEnd(walk.packet.source, known(from), objects),
      destination: packetEnd(walk.packet.destination, known(to), objects),
    });
    return {
      expected: decision,
      programmed: walk.result.decision === 'accept' ? 'allow' : walk.result.decision === 'unknown' ? 'unknown' : 'deny',
    };
  };

  // Inside and outside of a net that a policy denies, of its exception, and of the pods of another namespace.
  test.each(['10.244.2.7', '10.244.2.9', '10.244.2.150', '10.244.2.200', '10.244.2.250'])(
    'into default/mypod from %s',
    (address) => {
      const { destination } = valueOf(facts, 'flow');
      const wrong = ports
        .map((port) => ({ port, ...compared(podAt(address), destination, port, 'ingress') }))
        .filter(({ expected, programmed }) => expected !== programmed);
      expect(wrong).toEqual([]);
    },
  );
  test('out of default/client', () => {
    const { source, destination } = valueOf(facts, 'flow');
    const wrong = ports
      .map((port) => ({ port, ...compared(source, destination, port, 'egress') }))
      .filter(({ expected, programmed }) => expected !== programmed);
    expect(wrong).toEqual([]);
  });
});

function objectsOf(capture: Capture): Promise<ReadPolicyObjects> {
  const shell = captureShells(capture).shell({ name: 'n1', address: '' });
  return readPolicyObjects(
    (command, params = {}) => shell.start({ command, moment: 'first', params }).result,
    'default',
    ['default'],
  );
}
