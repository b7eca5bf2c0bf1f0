import type { HookDefect, HookFlaw } from '../../../src/model/calico-hooks.ts';
import type { RuleRef } from '../../../src/model/ruleset/walk.ts';
import { calicoHooksMissing as rule } from '../../../src/rules/filter/calico-hooks-missing.ts';
import {
  blind,
  captured,
  changed,
  droppedBy,
  failing,
  leg,
  undecided,
  withWalk,
  type Facts,
} from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const working = await captured('healthy-legacy');
const healthy = failing(working);
const foreign = { kind: 'foreign', name: 'FORWARD', direction: null } as const;
const policy = { chain: 'FORWARD', index: 0, text: '-P FORWARD DROP' };
const reject: RuleRef = {
  backend: 'iptables-legacy',
  family: 'ip',
  table: 'filter',
  chain: 'FORWARD',
  index: 4,
  text: '-A FORWARD -j REJECT',
  comments: [],
  tag: null,
};
const defect = (flaw: HookFlaw, change: Partial<HookDefect> = {}): HookDefect => ({
  node: 'n1',
  backend: 'iptables-legacy',
  table: 'filter',
  chain: 'FORWARD',
  flaw,
  rule: null,
  ...change,
});
const flawed = (facts: Facts, ...defects: readonly HookDefect[]) => changed(facts, { 'calico-hooks': defects });
const dropped = (change: Partial<RuleRef> = policy, facts: Facts = healthy) =>
  withWalk(facts, droppedBy(leg(facts, 'target-ingress'), foreign, change));

testRule(rule, {
  lab: 'calico-hooks-missing',
  rows: [
    ...(['jump', 'empty', 'gone', 'accept', 'none'] as const).map((flaw): RuleRow => [
      `fails where the chain's policy then drops the packet: ${flaw}`,
      () => flawed(dropped(), defect(flaw)),
      [{ finding: 'drops Node n1 @n1 inferred stops', lacks: ['felix:n1'] }],
    ]),
    [
      'fails in nftables mode, whose chains are called after the table',
      () =>
        flawed(
          dropped({ ...policy, backend: 'nftables', table: 'calico', chain: 'filter-FORWARD' }),
          defect('accept', { backend: 'nftables' }),
        ),
      [{ finding: 'drops Node n1 @n1 inferred stops', data: { show: 'nft list chain ip calico filter-FORWARD' } }],
    ],
    [
      'fails where a foreign rule ends everything before the closing rule',
      () => flawed(dropped(reject), defect('late-accept', { rule: reject })),
      ['drops Node n1 @n1 inferred stops'],
    ],
    [
      'fails for a tunnel packet that INPUT drops',
      () =>
        flawed(
          withWalk(
            healthy,
            droppedBy(leg(healthy, 'target-outer'), { ...foreign, name: 'INPUT' }, { ...policy, chain: 'INPUT' }),
          ),
          defect('jump', { chain: 'OUTPUT' }),
          defect('jump', { chain: 'INPUT' }),
        ),
      [{ finding: 'drops Node n1 @n1 inferred stops', data: { chain: 'INPUT' } }],
    ],
    [
      'is another fault where the flow passes without Calico',
      () => flawed(working, defect('jump', { node: 'n2', table: 'nat', chain: 'POSTROUTING' }), defect('empty')),
      ['open Node n2 @n2 read', 'open Node n1 @n1 read'],
    ],
    [
      'is another fault where a foreign rule accepts everything first',
      () => flawed(working, defect('behind', { rule: { ...reject, text: '-A FORWARD -j ACCEPT' } })),
      ['open Node n1 @n1 read'],
    ],
    [
      'states that no rule of Calico is there, where the flow passes',
      () => flawed(working, ...['INPUT', 'FORWARD'].map((chain) => defect('none', { chain }))),
      ['bare Node n1 @n1 read'],
    ],
    ['passes without a closing rule that nothing needs', () => flawed(working, defect('accept')), 'pass'],
    ['leaves the rule of somebody else to its own cause', () => dropped(reject), 'pass'],
    ['leaves the policy of a chain in which nothing is missing to its own cause', () => dropped(), 'pass'],
    ['passes: nothing is missing', () => healthy, 'pass'],
    ['an open end is no pass', () => withWalk(healthy, undecided(leg(healthy, 'target-outer'))), 'inconclusive'],
    ['inconclusive: nothing was walked', () => blind(healthy, ['walks']), 'inconclusive'],
    ['inconclusive: the rules were not read', () => blind(healthy, ['calico-hooks']), 'inconclusive'],
    ['does not apply without a flow', () => blind(healthy, ['flow'], 'not-applicable'), 'not-applicable'],
  ],
});
