import { expect, test } from '@jest/globals';
import { observed, unavailable } from '../../src/model/evidence.ts';
import type { NodeRuleSets } from '../../src/model/flow-walk.ts';
import { burstProofs } from '../../src/probes/lib/burst-proofs.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { walkLegs } from '../../src/flow-walks/legs.ts';
import { tunnels } from '../../src/tunnels/registry.ts';
import { captured, valueOf } from '../support/facts.ts';

const asked = { sent: 3, length: 683 };

// A rule that ends the outer packets counts their bytes, not those of the packets that were sent.
test.each([
  ['healthy-legacy', 'ipip', '-p 4'],
  ['healthy-vxlan-legacy', 'vxlan', '-p udp -m udp --dport 4789'],
] as const)(
  'in %s a drop of the %s packets around the asked ones is proved by their own length',
  async (name, kind, match) => {
    const facts = await captured(name);
    const flow = valueOf(facts, 'flow');
    const headerBytes = tunnels.find((tunnel) => tunnel.kind === kind)?.headerBytes ?? Number.NaN;
    const counted = (packets: number, bytes: number): NodeRuleSets => ({
      node: flow.source.node ?? '',
      ruleSets: [
        parseIptablesSave(
          `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n[${packets}:${bytes}] -A OUTPUT ${match} -j DROP\nCOMMIT\n`,
          { backend: 'iptables-legacy' },
        ),
      ],
      at: '2026-11-23T18:00:00Z',
    });
    const [before, open] = [counted(0, 0), { ...counted(0, 0), ruleSets: [] }];
    const node = (at: 'target' | 'source', rulesets: NodeRuleSets) => ({
      rulesets,
      routes: valueOf(facts, `routes@${at}`),
      links: valueOf(facts, `links@${at}`),
    });
    const walks = walkLegs(
      flow,
      node('target', { ...open, node: flow.destination.node ?? '' }),
      node('source', before),
    );
    const proofWith = (bytes: number) => {
      const after = counted(asked.sent, bytes);
      const bursts = burstProofs({
        flow,
        walks,
        idle: { target: open, source: before, programs: [] },
        before: { target: open, source: before, programs: [] },
        after: { target: open, source: after, programs: [] },
        last: null,
        asked: { works: false, attempts: [], evidence: [], beside: { packets: 1, length: 729 }, ...asked },
        sameNodeSent: 0,
        seen: unavailable('not-applicable', 'nothing was captured'),
      });
      return bursts.map(({ node: on, length, proof }) => ({ on, length, proof: proof.proof }));
    };
    const length = asked.length + headerBytes;
    expect(proofWith(asked.sent * length)).toEqual([{ on: flow.source.node, length, proof: 'counter' }]);
    expect(proofWith(asked.sent * asked.length)).toEqual([{ on: flow.source.node, length, proof: 'inferred' }]);
  },
);

test.each([
  ['pings of the same ends', ['icmp 7/1 84', 'icmp 7/2 84', 'icmp 8/1 84'], 'no', 0, null],
  ['two connections and a ping', ['tcp 4000>8080 seq 1', 'tcp 4001>8080 seq 1', 'icmp 7/1 84'], 'no', 2, null],
  ['every connection', ['tcp 4000>8080 seq 1', 'tcp 4001>8080 seq 1', 'tcp 4002>8080 seq 1'], 'yes', null, null],
  ['packets with an address that captures do not look for', [], 'unknown', null, '192.0.2.9'],
] as const)('of asked connections, %s show how many reached the node', async (_, requests, reached, count, now) => {
  const facts = await captured('healthy-legacy');
  const { port: __, ...rest } = valueOf(facts, 'flow');
  const flow = { ...rest, port: { protocol: 'tcp' as const, number: 8080 } };
  const dropping = (packets: number): NodeRuleSets => ({
    node: flow.destination.node ?? '',
    ruleSets: [
      parseIptablesSave(
        `*filter\n:FORWARD ACCEPT [0:0]\n[${packets}:${packets * 60}] -A FORWARD -p tcp -m tcp --dport 8080 -j DROP\nCOMMIT\n`,
        { backend: 'iptables-legacy' },
      ),
    ],
    at: '2026-11-23T18:00:00Z',
  });
  const open = (node: string | null): NodeRuleSets => ({ ...dropping(0), node: node ?? '', ruleSets: [] });
  const at = (place: 'target' | 'source', rulesets: NodeRuleSets) => ({
    rulesets,
    routes: valueOf(facts, `routes@${place}`),
    links: valueOf(facts, `links@${place}`),
  });
  const source = open(flow.source.node);
  const read = (packets: number) => ({ target: dropping(packets), source, programs: [] });
  const place = {
    node: 'n1',
    interface: 'eth0',
    hop: 'target-card' as const,
    requests,
    largeRequests: [],
    replies: [],
  };
  const bursts = burstProofs({
    flow,
    walks: walkLegs(flow, at('target', dropping(0)), at('source', source)).map((walk) => ({
      ...walk,
      rewritten: now ? { asked: flow.source.address, now, by: null, decisionAsAsked: 'drop' } : null,
    })),
    idle: read(0),
    before: read(0),
    after: read(3),
    last: null,
    asked: { works: false, attempts: [], evidence: [], beside: { packets: 0, length: 0 }, sent: 3, length: 60 },
    sameNodeSent: 0,
    seen: observed(
      {
        encapsulation: 'ipip',
        places: [{ ...place, control: [], largeControl: [], controlReplies: [], droppedByKernel: 0, outer: [] }],
      },
      [],
    ),
  });
  const said = bursts.map(({ reached: is, proof }) => ({
    reached: is,
    proof: proof.proof,
    why: proof.failed.map(({ reason }) => reason),
  }));
  expect(said).toEqual([
    count === null
      ? { reached, proof: 'counter', why: [] }
      : { reached, proof: 'inferred', why: [`${count} of the 3 packets that were sent were seen on eth0 of n1`] },
  ]);
});
