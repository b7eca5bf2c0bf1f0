import { beforeAll, describe, expect, test } from '@jest/globals';
import { outsideEnd } from '../../src/flow-walks/ends.ts';
import type { KernelWay } from '../../src/model/kernel-way.ts';
import type { WalkedNode } from '../../src/flow-walks/walked-node.ts';
import { walkLegs } from '../../src/flow-walks/legs.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { captured, valueOf, type Facts } from '../support/facts.ts';
import { hosted, nodesOf } from './walked.ts';

let facts: Facts;

beforeAll(async () => {
  facts = await captured('healthy-legacy');
});

/** To a host outside, by a router or straight. */
const outward = (gateway: string | null) => {
  const { target, source } = nodesOf(facts);
  const address = '203.0.113.7';
  const flow = { ...valueOf(facts, 'flow'), destination: outsideEnd(address) };
  const { address: own, interface: device } = flow.source;
  const leading = (of: KernelWay['of'], to: string, out: string | null, hop: string | null): KernelWay => ({
    of,
    node: 'n2',
    destination: to,
    source: of === 'source-egress' ? own : address,
    inInterface: of === 'source-egress' ? device : 'eth0',
    mark: 0,
    doubt: null,
    evidence: [],
    answer: { kind: 'route', type: 'unicast', device: out ?? '', gateway: hop, table: 'main', preferredSource: null },
  });
  const ways = [leading('source-egress', address, 'eth0', gateway), leading('reply-source-ingress', own, device, null)];
  const shortened = withRule({ ...source, ways }, 'POSTROUTING', '-o eth0 -j TTL --ttl-set 1');
  return walkLegs(flow, target, shortened).map(({ result, expiresOn }) => [result.decision, expiresOn]);
};

const withRule = (node: WalkedNode, chain: string, rule: string): WalkedNode => ({
  ...node,
  rulesets: {
    ...node.rulesets,
    ruleSets: [
      ...node.rulesets.ruleSets,
      parseIptablesSave(`*mangle\n:${chain} ACCEPT [0:0]\n-A ${chain} ${rule}\nCOMMIT\n`, { backend: 'iptables-nft' }),
    ],
  },
});

type Change = (nodes: ReturnType<typeof nodesOf>) => ReturnType<typeof nodesOf>;
const ends = (change: Change, hostedEnd: 'source' | 'destination' | null = null) => {
  const flow = { ...valueOf(facts, 'flow'), port: { protocol: 'tcp', number: 8080 } as const };
  const { target, source } = change(nodesOf(facts));
  const asked = hostedEnd ? { ...flow, [hostedEnd]: hosted(flow[hostedEnd]) } : flow;
  return walkLegs(asked, target, source)
    .filter(({ result }) => result.decision !== 'accept')
    .map(
      ({ leg, node, expiresOn, result: { decision, rule, owner } }) =>
        `${leg} ${node} ${decision} ${rule?.chain} ${rule?.index} ${owner?.kind} → ${expiresOn ?? node}`,
    );
};

describe('a packet that leaves its node with nothing to go on', () => {
  test.each([
    ['POSTROUTING', '-p tcp -m tcp --dport 8080 -j TTL --ttl-set 1'],
    ['POSTROUTING', '-o tunl0 -j TTL --ttl-set 0'],
    ['FORWARD', '-s 10.244.0.0/16 -j TTL --ttl-dec 62'],
    ['PREROUTING', '-p tcp -m tcp --dport 8080 -j TTL --ttl-set 2'],
  ])('ends at the rule of the source node: %s %s', (chain, rule) => {
    const ended = ends(({ target, source }) => ({ target, source: withRule(source, chain, rule) }));
    expect(ended).toEqual([`source-egress n2 drop ${chain} 1 foreign → n1`]);
  });

  test('ends at the rule of the target node where it is the reply', () => {
    const ended = ends(({ target, source }) => ({
      target: withRule(target, 'POSTROUTING', '-p tcp -m tcp --sport 8080 -j TTL --ttl-set 1'),
      source,
    }));
    expect(ended).toEqual(['reply-target-egress n1 drop POSTROUTING 1 foreign → n2']);
  });
});

test.each(['-j TTL --ttl-set 2', '-j TTL --ttl-dec 61', '-j TTL --ttl-inc 1', '-p udp -j TTL --ttl-set 1'])(
  'one that has enough to be forwarded goes on: %s',
  (rule) => {
    expect(ends(({ target, source }) => ({ target, source: withRule(source, 'POSTROUTING', rule) }))).toEqual([]);
  },
);

test('one for the other node itself is not forwarded there', () => {
  const rule = '-p tcp -m tcp --dport 8080 -j TTL --ttl-set 1';
  const shortened = ends(
    ({ target, source }) => ({ target, source: withRule(source, 'POSTROUTING', rule) }),
    'destination',
  );
  expect(shortened).toEqual([]);
});

test('one that leaves the cluster is not forwarded by the next router', () => {
  expect(outward('192.0.2.1')[0]).toEqual(['drop', 'router 192.0.2.1']);
  expect(outward(null)[0]).toEqual(['accept', undefined]);
});
