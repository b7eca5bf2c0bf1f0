/**
 * Every pair of rules where a finding of one can be the cause of a finding of the other: shown by facts of both, or by
 * the tables of the two rules, one of which lacks what the other withholds.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { findingsOf } from '../../src/engine/evaluate.ts';
import { explain } from '../../src/engine/explain.ts';
import { judge } from '../../src/engine/verdict.ts';
import type { Rule } from '../../src/model/rule.ts';
import { possibleCauses } from '../../src/rules/lib/check-rules.ts';
import { rules } from '../../src/rules/registry.ts';
import { evaluated, type Facts } from '../support/facts.ts';
import { broken, healthy, withoutBlocks, withoutProfile } from './broken-facts.ts';

const edges: readonly (readonly [effect: string, cause: string])[] = [
  ['cni-plugin-failing', 'datastore-unreachable'],
  ['cni-plugin-failing', 'datastore-not-ready'],
  ['cni-plugin-failing', 'felix-not-running'],
  ['cni-plugin-failing', 'address-pool-exhausted'],
  ['vxlan-lost-between-nodes', 'node-unreachable'],
  ['felix-not-running', 'rule-set-unreadable'],
  ['felix-not-running', 'typha-unavailable'],
  ['felix-rules-stale', 'node-name-mismatch'],
  ['felix-rules-stale', 'rule-set-unreadable'],
  ['felix-rules-stale', 'typha-unavailable'],
  ['typha-unavailable', 'datastore-not-ready'],
  ['typha-unavailable', 'calico-node-forbidden'],
  ['pod-not-running', 'cni-plugin-failing'],
  ['pod-without-address', 'cni-plugin-failing'],
  ['pod-without-address', 'pod-not-running'],
  ['port-not-listening', 'pod-not-running'],
  ['pod-without-address', 'datastore-unreachable'],
  ['pod-without-address', 'datastore-not-ready'],
  ['pod-without-address', 'felix-not-running'],
  ['pod-route-missing', 'pod-interface-missing'],
  ['pod-route-missing', 'pod-interface-down'],
  ['pod-route-missing', 'calico-node-forbidden'],
  ['pod-route-missing', 'felix-not-running'],
  ['pod-route-missing', 'felix-rules-stale'],
  ['block-route-missing', 'tunnel-device-down'],
  ['block-route-missing', 'felix-not-running'],
  ['block-route-missing', 'node-address-misdetected'],
  ['vxlan-neighbour-lost', 'felix-not-running'],
  ['vxlan-neighbour-lost', 'felix-rules-stale'],
  ['vxlan-neighbour-lost', 'calico-node-forbidden'],
  ['tunnel-source-refused', 'node-address-misdetected'],
  ['tunnel-source-refused', 'calico-node-forbidden'],
  ['tunnel-source-refused', 'felix-not-running'],
  ['tunnel-source-refused', 'datastore-unreachable'],
  ['tunnel-source-refused', 'datastore-not-ready'],
  ['pod-profile-missing', 'controller-forbidden'],
  ['pod-profile-missing', 'controller-not-running'],
  ['pod-profile-missing', 'datastore-not-ready'],
  ['policy-denies-ingress', 'source-address-rewritten'],
  ['calico-guard-drops', 'calico-node-forbidden'],
  ['calico-guard-drops', 'felix-not-running'],
  ['calico-guard-drops', 'felix-rules-stale'],
  ...['calico-guard-drops', 'foreign-rule-drops'].flatMap((effect) =>
    ['routing-rule-diverts', 'pod-route-wrong', 'pod-address-duplicated', 'pool-overlaps-another-network'].map(
      (cause) => [effect, cause] as const,
    ),
  ),
  ['reverse-path-filtered', 'pod-route-missing'],
  ['reverse-path-filtered', 'pod-route-wrong'],
  ['reverse-path-filtered', 'pod-address-duplicated'],
  ['calico-hooks-missing', 'felix-not-running'],
  ['felix-not-running', 'datastore-unreachable'],
  ['felix-not-running', 'datastore-not-ready'],
  ['felix-not-running', 'calico-node-forbidden'],
  ['felix-rules-stale', 'datastore-unreachable'],
  ['felix-rules-stale', 'datastore-not-ready'],
  ['felix-rules-stale', 'calico-node-forbidden'],
];

const declared = rules.flatMap((effect) => possibleCauses(effect, rules).map((cause) => ({ effect, cause })));
const isShownHere = ({ effect, cause }: (typeof declared)[number]) =>
  edges.some(([one, other]) => one === effect.id && other === cause.id);
/** The table of a rule names a resource of this kind in a finding's `lacks` or `withholds`. */
function hasRow({ id, step }: Rule, list: 'lacks' | 'withholds', kind: string): boolean {
  const table = readFileSync(`${import.meta.dirname}/${step}/${id}.test.ts`, 'utf8');
  return new RegExp(`${list}: \\[[^\\]]*['"\`]${kind}:`).test(table);
}

test('every pair that the rules declare is shown here, or by the rows of both tables', () => {
  const unshown = declared
    .filter((pair) => !isShownHere(pair))
    .filter(({ effect, cause }) =>
      (effect.lacks ?? [])
        .filter((kind) => cause.withholds?.includes(kind))
        .some((kind) => !hasRow(effect, 'lacks', kind) || !hasRow(cause, 'withholds', kind)),
    );
  expect(unshown.map(({ effect, cause }) => `${effect.id} ← ${cause.id}`)).toEqual([]);
});

test('every pair that is shown here is one that the rules declare', () => {
  expect(
    edges.filter((edge) => !declared.some(({ effect, cause }) => edge[0] === effect.id && edge[1] === cause.id)),
  ).toEqual([]);
});

async function found(facts: Facts, ...ids: readonly string[]) {
  const ofThese = rules.filter(({ id }) => ids.includes(id));
  const evaluations = await Promise.all(ofThese.map((rule) => evaluated(rule, facts)));
  return {
    evaluations,
    findings: evaluations.flatMap((evaluation) =>
      findingsOf(evaluation).map((finding) => ({ rule: evaluation.rule, finding })),
    ),
  };
}

test.each(edges)('%s can be because of %s', async (effect, cause) => {
  const base = effect === 'pod-profile-missing' ? withoutProfile : healthy;
  const breakCause = broken[cause];
  const breakEffect = broken[`${effect} ← ${cause}`] ?? broken[effect];
  if (!breakCause || !breakEffect) throw new Error(`nothing breaks ${effect} or ${cause}`);
  const { findings } = await found(breakCause(breakEffect(base)), effect, cause);
  const explained = explain(findings);
  expect(explained.map(({ rule }) => rule.id)).toEqual(expect.arrayContaining([effect, cause]));
  expect(explained.filter(({ rule }) => rule.id === effect).map((one) => one.cause?.rule.id)).toContain(cause);
  expect(explained.filter(({ rule }) => rule.id === cause).map((one) => one.cause)).not.toContain(undefined);
});

describe('each consequence stands under its own cause', () => {
  test('Felix is dead on two nodes, and both lost their routes', async () => {
    const facts = withoutBlocks(
      withoutBlocks(broken['felix-not-running']?.(healthy) ?? {}, 'routes@source'),
      'routes@target',
    );
    const { evaluations } = await found(facts, 'felix-not-running', 'block-route-missing');
    const verdict = judge({ evaluations, missed: [], flow: 'fails' });
    const nodeOf = new Map(verdict.roots.map(({ id, node }) => [id, node]));
    expect(verdict.roots.map(({ id, rule, node }) => [id, rule, node])).toEqual([
      ['f1', 'felix-not-running', 'n1'],
      ['f2', 'felix-not-running', 'n2'],
    ]);
    expect(
      verdict.consequences.map(({ id, rule, node, because }) => [id, rule, node, because.rule, nodeOf.get(because.id)]),
    ).toEqual([
      ['f3', 'block-route-missing', 'n2', 'felix-not-running', 'n2'],
      ['f4', 'block-route-missing', 'n1', 'felix-not-running', 'n1'],
    ]);
  });
  test('an interface that is down is nearer to its lost route than a dead Felix', async () => {
    const facts = ['pod-route-missing', 'pod-interface-down', 'felix-not-running'].reduce(
      (so, id) => broken[id]?.(so) ?? so,
      healthy,
    );
    const { evaluations } = await found(facts, 'pod-route-missing', 'pod-interface-down', 'felix-not-running');
    expect(judge({ evaluations, missed: [], flow: 'fails' }).consequences.map(({ because }) => because.rule)).toEqual([
      'pod-interface-down',
    ]);
  });
});
