/** Felix's captured rules meet packets of the kernel's own VXLAN: a lab is not needed for that. */
import { afterEach, expect, test } from '@jest/globals';
import { countersOf } from '../../src/ruleset/counters/rise.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { walkLegs } from '../../src/flow-walks/legs.ts';
import type { WalkedNode } from '../../src/flow-walks/walked-node.ts';
import { parseIpset } from '../../src/ruleset/sets/ipset.ts';
import { tunnelRefusedBy } from '../../src/tunnels/registry.ts';
import { vxlan } from '../../src/tunnels/vxlan.ts';
import { readCapture } from '../cases/capture.ts';
import { withoutHost } from '../cases/changed-captures.ts';
import { captured, valueOf } from '../support/facts.ts';
import { openVxlanNetwork, type VxlanNetwork } from './vxlan-network.ts';

const name = 'healthy-vxlan-legacy';
const facts = await captured(name);
const flow = valueOf(facts, 'flow');
const sender = flow.source.nodeAddress ?? '';
const tunnelAddressAt = (at: 'target' | 'source') =>
  valueOf(facts, `links@${at}`).find((link) => link.name === 'vxlan.calico')?.addresses[0]?.address ?? '';
const sent = [601, 602, 603];

let network: VxlanNetwork | null = null;
afterEach(() => network?.close());

/** The pod's node as it is now, its packet filter read from the kernel. */
function readNow({ run }: VxlanNetwork, backend: 'iptables-legacy' | 'iptables-nft'): WalkedNode {
  const { sets } = parseIpset(run('destination', ['ipset', 'save']));
  const saved = parseIptablesSave(run('destination', [`${backend}-save`, '-c']), { backend, counted: true });
  const ruleSets = [{ ...saved, sets: [...saved.sets, ...sets] }];
  return {
    rulesets: { node: flow.destination.node ?? '', ruleSets, at: '' },
    routes: valueOf(facts, 'routes@target'),
    links: valueOf(facts, 'links@target'),
  };
}

test.each(
  (['iptables-legacy', 'iptables-nft'] as const).flatMap((backend) =>
    [true, false].map((allowed) => ({ backend, allowed, dropped: allowed ? 0 : sent.length })),
  ),
)(
  '$backend, sender allowed: $allowed: the walk ends where the kernel counts $dropped packets',
  ({ backend, allowed, dropped }) => {
    const capture = allowed ? readCapture(name) : withoutHost(readCapture(name), 'n1', sender);
    network = openVxlanNetwork(flow, { source: tunnelAddressAt('source'), destination: tunnelAddressAt('target') });
    network.run('destination', ['ipset', 'restore'], capture.text('n1/ipset-save.txt') ?? '');
    network.run('destination', [`${backend}-restore`], capture.text('n1/iptables-legacy-save-c.txt') ?? '');
    const before = readNow(network, backend);
    for (const bytes of sent) network.ping(flow.source.address, flow.destination.address, bytes);
    const after = readNow(network, backend);
    const outer = walkLegs(flow, before, null).find(({ leg }) => leg === 'target-outer');
    expect(outer?.result.decision).toBe(allowed ? 'accept' : 'drop');
    const rules = after.rulesets.ruleSets[0]?.tables
      .flatMap((table) => table.chains.map((chain) => ({ table, chain })))
      .flatMap(({ table, chain }) =>
        chain.rules
          .filter(({ comments }) => tunnelRefusedBy(comments) === vxlan)
          .map(({ index }) => ({ backend, family: table.family, table: table.name, chain: chain.name, index })),
      );
    expect(rules?.map((rule) => countersOf(after.rulesets.ruleSets, rule)?.packets)).toEqual([dropped]);
    if (!allowed) expect(outer?.result.rule).toMatchObject(rules?.[0] ?? {});
  },
  60_000,
);
