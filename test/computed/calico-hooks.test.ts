import { expect, test } from '@jest/globals';
import { calicoHooks } from '../../src/computed/calico-hooks.ts';
import type { HookDefect } from '../../src/model/calico-hooks.ts';
import type { NodeRuleSets } from '../../src/model/flow-walk.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { blind, captured, changed, derive, valueOf, type Facts } from '../support/facts.ts';

const healthy = await captured('healthy-legacy');
/** As after `nft flush ruleset`, with what another tool wrote since. */
const docker = parseIptablesSave('*filter\n:FORWARD DROP [0:0]\n:DOCKER - [0:0]\n-A FORWARD -j DOCKER\nCOMMIT\n');
const plane = (of: object) => ({ dataplanes: [{ node: 'n1', dataplane: null, signs: [], ...of }] });

function bare(of: Partial<NodeRuleSets> = {}): Facts {
  const rulesets = valueOf(healthy, 'rulesets@target');
  return changed(healthy, { 'rulesets@target': { ...rulesets, ruleSets: [docker], ...of }, ...plane({}) });
}

async function found(of: Facts): Promise<readonly string[]> {
  const fact = await derive(of, calicoHooks);
  if (fact?.status !== 'observed') throw new Error('it was not computed');
  return (fact.value as readonly HookDefect[]).map(
    ({ node, table, chain, flaw }) => `${node} ${table} ${chain} ${flaw}`,
  );
}

const none = ['n1 filter INPUT none', 'n1 filter FORWARD none', 'n1 filter OUTPUT none'];

test('a node with a pod of Calico has no rule of it', async () => {
  expect(await found(healthy)).toEqual([]);
  expect(await found(bare())).toEqual(none);
  expect(await found(bare({ ruleSets: [] }))).toEqual(none);
});

test.each<[string, () => Facts]>([
  ['programs may decide there', () => changed(bare(), plane({ isLikelyEbpf: true }))],
  ['programs decide there', () => changed(bare(), plane({ dataplane: 'ebpf' }))],
  ['the dataplane is not known', () => blind(bare(), ['dataplanes'])],
  ['it is not known whose packets pass there', () => blind(bare(), ['flow'])],
  ['a part was not read', () => bare({ unread: [{ part: 'the tables of nft', why: 'refused' }] })],
  [
    'a line was not understood',
    () => bare({ ruleSets: [{ ...docker, uncertainties: [{ rule: 'x', why: 'it does not belong to a save' }] }] }),
  ],
  [
    'chains of Calico are there, though nothing leads into them',
    () => bare({ ruleSets: [parseIptablesSave('*mangle\n:cali-PREROUTING - [0:0]\nCOMMIT\n')] }),
  ],
  [
    'the pod uses the network of its node',
    () => {
      const flow = valueOf(healthy, 'flow');
      return changed(bare(), { flow: { ...flow, destination: { ...flow.destination, interface: null } } });
    },
  ],
])('nothing is said of a node where %s', async (_, facts) => {
  expect((await found(facts())).filter((one) => one.endsWith(' none'))).toEqual([]);
});
