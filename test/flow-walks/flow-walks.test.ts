import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Flow, FlowEnd } from '../../src/model/flow.ts';
import { walkLegs } from '../../src/flow-walks/legs.ts';
import type { WalkedNode } from '../../src/flow-walks/walked-node.ts';
import { chainName } from '../../src/calico/chain-names.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { readCapture } from '../cases/capture.ts';
import { captured, valueOf, type Facts } from '../support/facts.ts';
import { byDefault } from '../support/ways.ts';
import { decisions, hooksOf, hosted, nodesOf, second, legsBetweenNodes } from './walked.ts';

let facts: Facts;

beforeAll(async () => {
  facts = await captured('healthy-legacy');
});

describe('the legs of a flow', () => {
  test('pod to pod on another node: out, around it, in, and back', () => {
    const { target, source } = nodesOf(facts);
    expect(decisions(walkLegs(valueOf(facts, 'flow'), target, source))).toEqual(
      legsBetweenNodes.map((leg) => `${leg} accept`),
    );
  });
  test('VXLAN is walked around the packet as IP in IP is, with its own header', async () => {
    const tunnelled = await captured('healthy-vxlan-legacy');
    const { target, source } = nodesOf(tunnelled);
    const walks = walkLegs(valueOf(tunnelled, 'flow'), target, source);
    expect(decisions(walks)).toEqual(legsBetweenNodes.map((leg) => `${leg} accept`));
    expect(
      walks
        .filter(({ leg }) => leg.endsWith('-outer'))
        .map(({ leg, packet }) => [leg, packet.source, packet.destination, packet.protocol, packet.destinationPort]),
    ).toEqual([
      ['source-outer', '10.250.0.12', '10.250.0.11', 17, 4789],
      ['target-outer', '10.250.0.12', '10.250.0.11', 17, 4789],
      ['reply-target-outer', '10.250.0.11', '10.250.0.12', 17, 4789],
      ['reply-source-outer', '10.250.0.11', '10.250.0.12', 17, 4789],
    ]);
  });
  test('nodes with several addresses: a tunnel packet goes to the gateway of its route, from the interface that leads there', () => {
    const { target, source } = nodesOf(facts);
    const outer = walkLegs(
      valueOf(facts, 'flow'),
      second(target, '198.51.100.11', '198.51.100.12', '10.244.2.0/26'),
      second(source, '198.51.100.12', '198.51.100.11', '10.244.1.0/26'),
    ).filter(({ leg }) => leg.endsWith('-outer'));
    expect(outer.map(({ leg, packet }) => [leg, packet.source, packet.destination])).toEqual([
      ['source-outer', '198.51.100.12', '198.51.100.11'],
      ['target-outer', '198.51.100.12', '198.51.100.11'],
      ['reply-target-outer', '198.51.100.11', '198.51.100.12'],
      ['reply-source-outer', '198.51.100.11', '198.51.100.12'],
    ]);
  });
  test("a blind source node: only what the pod's node sees", () => {
    expect(walkLegs(valueOf(facts, 'flow'), nodesOf(facts).target, null).map(({ leg }) => leg)).toEqual([
      'target-outer',
      'target-ingress',
      'reply-target-egress',
      'reply-target-outer',
    ]);
  });
  test('within one node: the packet and its answer', () => {
    const flow = valueOf(facts, 'flow');
    const { target } = nodesOf(facts);
    const neighbour: FlowEnd = { ...flow.source, node: 'n1', address: '10.244.1.77', interface: 'cali0neighbour' };
    const walks = walkLegs({ ...flow, source: neighbour }, target, target);
    expect(walks.map(({ leg, node }) => `${leg} ${node}`)).toEqual(['same-node n1', 'reply-same-node n1']);
  });
  test("from the pod's own node: sent, not forwarded, and so never policed", () => {
    const flow = valueOf(facts, 'flow');
    const { target } = nodesOf(facts);
    const own: FlowEnd = {
      kind: 'node',
      namespace: null,
      name: 'n1',
      address: '10.250.0.11',
      node: 'n1',
      nodeAddress: '10.250.0.11',
      interface: null,
    };
    expect(hooksOf(walkLegs({ ...flow, source: own }, target, target))['same-node']).not.toContain('FORWARD');
  });
  test("from another node: with the tunnel's address", () => {
    const flow = valueOf(facts, 'flow');
    const { target, source } = nodesOf(facts);
    const walks = walkLegs(
      {
        ...flow,
        source: {
          kind: 'node',
          namespace: null,
          name: 'n2',
          address: '10.250.0.12',
          node: 'n2',
          nodeAddress: '10.250.0.12',
          interface: null,
        },
      },
      target,
      source,
    );
    const tunnel = source.links.find(({ name }) => name === 'tunl0')?.addresses[0]?.address;
    expect(walks.find(({ leg }) => leg === 'source-egress')?.packet.source).toBe(tunnel);
    expect(hooksOf(walks)['source-egress']).not.toContain('FORWARD');
  });
  // An answer whose question conntrack did not see is INVALID, one that is hidden itself is new to every chain.
  test.each<[string, 'target' | 'source', string, readonly string[]]>([
    ['the question, on the node of the pod', 'target', '-d 10.244.1.5/32', ['reply-target-egress drop accept']],
    ['the question, on the other node', 'source', '-d 10.244.1.5/32', ['reply-source-ingress drop accept']],
    ['what no rule judges by its state', 'target', '-s 10.244.1.5/32', []],
    ['another flow', 'target', '-d 10.244.9.9/32', []],
  ])('a NOTRACK rule hides %s', (_, where, match, expected) => {
    const nodes = nodesOf(facts);
    const raw = parseIptablesSave(`*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING ${match} -j CT --notrack\nCOMMIT\n`, {
      backend: 'iptables-nft',
    });
    const node = nodes[where];
    const hiding = { ...node, rulesets: { ...node.rulesets, ruleSets: [...node.rulesets.ruleSets, raw] } };
    const { target, source } = where === 'target' ? { ...nodes, target: hiding } : { ...nodes, source: hiding };
    const walks = walkLegs(valueOf(facts, 'flow'), target, source);
    expect(
      walks.flatMap(({ leg, result, notTracked }) =>
        notTracked ? [`${leg} ${result.decision} ${notTracked.decisionIfTracked}`] : [],
      ),
    ).toEqual(expected);
    expect(walks.flatMap(({ notTracked }) => notTracked?.rule.text ?? [])).toEqual(
      expected.map(() => `-A PREROUTING ${match} -j CT --notrack`),
    );
  });
  test.each([
    ['--dport 8080', 'accept', 0],
    ['--sport 32768:60999', 'drop', 0],
    ['--sport 1:1023', 'accept', 0],
    ['--sport 40000', 'unknown', 1],
  ])(
    "the client's own port is one that its kernel chose: %s on the answer's way or the packet's",
    (match, end, doubts) => {
      const nodes = nodesOf(facts);
      const drop = parseIptablesSave(
        `*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -p tcp -m tcp ${match} -j DROP\nCOMMIT\n`,
        {
          backend: 'iptables-nft',
        },
      );
      const target = { ...nodes.target, rulesets: { ...nodes.target.rulesets, ruleSets: [drop] } };
      const flow: Flow = { ...valueOf(facts, 'flow'), port: { protocol: 'tcp', number: 5432 } };
      const ingress = walkLegs(flow, target, nodes.source).find(({ leg }) => leg === 'target-ingress');
      expect([ingress?.result.decision, ingress?.result.uncertainties.length]).toEqual([end, doubts]);
    },
  );
  test("an address that is rewritten on the source's node, and what would become of the packet without that", () => {
    const { target, source } = nodesOf(facts);
    const flow = valueOf(facts, 'flow');
    const tunnel = source.links.find(({ name }) => name === 'tunl0')?.addresses[0]?.address ?? '';
    const nat = parseIptablesSave('*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -o tunl0 -j MASQUERADE\nCOMMIT\n', {
      backend: 'iptables-nft',
    });
    const refusing = parseIptablesSave(`*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -s ${tunnel}/32 -j DROP\nCOMMIT\n`, {
      backend: 'iptables-nft',
    });
    const beside = (node: WalkedNode, ruleSet: typeof nat): WalkedNode => ({
      ...node,
      rulesets: { ...node.rulesets, ruleSets: [...node.rulesets.ruleSets, ruleSet] },
    });
    const ingress = walkLegs(flow, beside(target, refusing), beside(source, nat)).find(
      ({ leg }) => leg === 'target-ingress',
    );
    expect([ingress?.packet.source, ingress?.result.decision, ingress?.rewritten]).toEqual([
      tunnel,
      'drop',
      {
        asked: flow.source.address,
        now: tunnel,
        by: 'nat POSTROUTING: -A POSTROUTING -o tunl0 -j MASQUERADE',
        decisionAsAsked: 'accept',
      },
    ]);
    expect(walkLegs(flow, target, source).map(({ rewritten }) => rewritten)).toEqual(
      Array.from({ length: 8 }, () => null),
    );
  });
  test("from outside: no leg on a source's node", () => {
    const flow = valueOf(facts, 'flow');
    const outside: FlowEnd = {
      kind: 'outside',
      namespace: null,
      name: '192.0.2.9',
      address: '192.0.2.9',
      node: null,
      nodeAddress: null,
      interface: null,
    };
    const routed = {
      ...nodesOf(facts).target,
      routes: [...valueOf(facts, 'routes@target'), byDefault],
    };
    expect(walkLegs({ ...flow, source: outside }, routed, null).map(({ leg }) => leg)).toEqual([
      'target-ingress',
      'reply-target-egress',
    ]);
  });
  test('to a pod without a route: by its interface; without both there is nothing to walk', () => {
    const flow = valueOf(facts, 'flow');
    const { target } = nodesOf(facts);
    const unrouted = { ...target, routes: [] };
    expect(
      walkLegs({ ...flow, destination: { ...flow.destination, kind: 'outside', interface: null } }, unrouted, null),
    ).toEqual([]);
  });
});

describe('a hostNetwork pod is its node', () => {
  test('as the pod asked about: delivered to the node, answered by the node, never forwarded, without a tunnel', () => {
    const flow = valueOf(facts, 'flow');
    const { target, source } = nodesOf(facts);
    const hooks = hooksOf(walkLegs({ ...flow, destination: hosted(flow.destination) }, target, source));
    expect(Object.keys(hooks)).toEqual([
      'source-egress',
      'target-ingress',
      'reply-target-egress',
      'reply-source-ingress',
    ]);
    expect(hooks['target-ingress']).toContain('INPUT');
    expect(hooks['reply-target-egress']).toContain('OUTPUT');
    expect([hooks['target-ingress'], hooks['reply-target-egress']].flat()).not.toContain('FORWARD');
  });
  test('a foreign drop in FORWARD is no cause for it', async () => {
    const blocked = await captured('foreign-forward-drop-nft');
    const flow = valueOf(blocked, 'flow');
    const { target, source } = nodesOf(blocked);
    const ingress = (destination: FlowEnd) =>
      walkLegs({ ...flow, destination }, target, source).find(({ leg }) => leg === 'target-ingress')?.result.decision;
    expect([ingress(flow.destination), ingress(hosted(flow.destination))]).toEqual(['drop', 'accept']);
  });
  test('as the source: sent by the node', () => {
    const flow = valueOf(facts, 'flow');
    const { target, source } = nodesOf(facts);
    expect(hooksOf(walkLegs({ ...flow, source: hosted(flow.source) }, target, source))['source-egress']).not.toContain(
      'FORWARD',
    );
  });
  test("on the source's own node: both by way of INPUT", () => {
    const flow = valueOf(facts, 'flow');
    const { target } = nodesOf(facts);
    const destination = hosted(flow.destination);
    const from = (source: FlowEnd) => hooksOf(walkLegs({ ...flow, source, destination }, target, target))['same-node'];
    const fromPod = from({
      ...flow.source,
      node: 'n1',
      address: flow.destination.address,
      interface: flow.destination.interface,
    });
    for (const hooks of [fromPod, from(destination)]) {
      expect(hooks).toContain('INPUT');
      expect(hooks).not.toContain('FORWARD');
    }
  });
});

test('a profile whose long name Felix hashes is known by its name, as missing as any other', () => {
  const namespace = 'production-payments';
  const save = (readCapture('profile-missing-rbac-legacy').text('n1/iptables-legacy-save-c.txt') ?? '')
    .replaceAll('cali-pri-kns.default', chainName('cali-pri-', `kns.${namespace}`))
    .replaceAll('cali-pro-kns.default', chainName('cali-pro-', `kns.${namespace}`))
    .replaceAll(/ -m comment --comment "Profile kns\.default [a-z]+"/g, '');
  const { target } = nodesOf(facts);
  const missing: WalkedNode = {
    ...target,
    rulesets: { ...target.rulesets, ruleSets: [parseIptablesSave(save, { backend: 'iptables-legacy' })] },
  };
  const ownerWith = (profiles: readonly string[]) =>
    walkLegs(valueOf(facts, 'flow'), missing, null, { names: { profiles, policies: [] } }).find(
      ({ leg }) => leg === 'target-ingress',
    )?.result.owner;
  expect(ownerWith([`kns.${namespace}`])).toMatchObject({
    kind: 'profile',
    name: `kns.${namespace}`,
    direction: 'ingress',
  });
  expect(ownerWith([])?.name).not.toBe(`kns.${namespace}`);
});
