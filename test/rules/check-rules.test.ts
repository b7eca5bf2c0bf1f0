import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { resourceKinds, type ResourceKind } from '../../src/model/resource.ts';
import { defineRule, pass, type Rule } from '../../src/model/rule.ts';
import { checkRules } from '../../src/rules/lib/check-rules.ts';
import { rules } from '../../src/rules/registry.ts';
import { causes } from '../contracts/causes.ts';

const rule = (id: string, lacks: readonly ResourceKind[] = [], withholds: readonly ResourceKind[] = []): Rule =>
  defineRule({
    id,
    description: '',
    step: 'filter',
    requires: [],
    lacks,
    withholds,
    advice: { who: '', commands: ['x'] },
    messages: {},
    judge: () => pass(''),
  });
/** The registered rules, one of them declaring something else. */
const instead = (id: string | readonly string[], change: Partial<Rule>) =>
  rules.map((one) => ([id].flat().includes(one.id) ? { ...one, ...change } : one));

test('the registered rules hold together, and are checked before anybody has them', () => {
  expect(checkRules(rules)).toBe(rules);
  expect(readFileSync(new URL('../../src/rules/registry.ts', import.meta.url), 'utf8')).toMatch(
    /export const rules: readonly Rule\[\] = checkRules\(\[/,
  );
});
test.each<[string, readonly Rule[], string]>([
  [
    'a kind that is lacked and that nobody withholds',
    instead('tunnel-device-down', { withholds: [] }),
    'no rule withholds tunnel, which block-route-missing lacks',
  ],
  [
    'a kind that is withheld and that nobody lacks',
    instead(['policy-denies-ingress', 'conntrack-invalid-dropped'], { lacks: [] }),
    'no rule lacks sourceAddress, which source-address-rewritten withholds',
  ],
  [
    'a kind that nobody names',
    instead(
      rules.filter(({ lacks }) => lacks?.includes('nodeAnswers')).map(({ id }) => id),
      { lacks: [] },
    ),
    'no rule lacks nodeAnswers',
  ],
  [
    'a rule that is its own cause by way of another',
    instead('pod-not-running', { lacks: ['cni', 'profile'] }).concat(rule('circle', ['pod'], ['profile'])),
    'pod-not-running can be its own cause',
  ],
  [
    'a fix that needs what its finding does not lack',
    instead('pod-route-missing', { fixNeeds: ['typha'] }),
    'pod-route-missing has a fix that needs typha, which it does not lack',
  ],
  ['an id twice', [...rules, rule('pod-not-running')], 'pod-not-running is there twice'],
])('refuses %s, and names it', (_, wrong, offender) => {
  expect(() => checkRules(wrong)).toThrow(offender);
});
test('a kind that nobody lacks yet may name the cause that will', () => {
  const withoutLacks = instead(['policy-denies-ingress', 'conntrack-invalid-dropped'], { lacks: [] });
  const kinds = { ...resourceKinds, sourceAddress: { means: '', lackedLater: ['cause-to-come'] } };
  expect(checkRules(withoutLacks, kinds)).toBe(withoutLacks);
  expect(() => checkRules(rules, { ...kinds, tunnel: { means: '', lackedLater: ['block-route-missing'] } })).toThrow(
    'tunnel names block-route-missing as a cause to come, which has its rule',
  );
  const withheld = { ...resourceKinds, nodeName: { means: '', withheldLater: ['node-name-mismatch'] } };
  expect(() => checkRules(rules, withheld)).toThrow(
    'nodeName names node-name-mismatch as a cause to come, which has its rule',
  );
});
test('causes to come are known causes', () => {
  expect(
    Object.values(resourceKinds)
      .flatMap(({ withheldLater = [], lackedLater = [] }) => [...withheldLater, ...lackedLater])
      .filter((id) => !causes.includes(id)),
  ).toEqual([]);
});
