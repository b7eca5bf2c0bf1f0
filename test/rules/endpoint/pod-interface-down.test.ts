import { beforeAll, expect, test } from '@jest/globals';
import { podInterfaceDown as rule } from '../../../src/rules/endpoint/pod-interface-down.ts';
import { podRouteMissing } from '../../../src/rules/routes/pod-route-missing.ts';
import { findingsOf } from '../../../src/jobs/evaluate.ts';
import { explain } from '../../../src/jobs/explain.ts';
import { blind, captured, changed, evaluated, judged, valueOf, type Facts } from '../../support/facts.ts';

let facts: Facts;
let down: Facts;
let name: string;
beforeAll(async () => {
  facts = await captured('healthy-nft');
  name = valueOf(facts, 'endpoint')?.spec.interfaceName ?? '';
  down = changed(facts, {
    'links@target': valueOf(facts, 'links@target').map((link) => (link.name === name ? { ...link, flags: link.flags.filter((flag) => flag !== 'UP' && flag !== 'LOWER_UP') } : link)),
    'routes@target': valueOf(facts, 'routes@target').filter(({ device }) => device !== name),
  });
});

test('fails, and explains the route that went with it', async () => {
  expect(await judged(rule, down)).toEqual([`down Interface ${name} @n1 read stops`]);
  const findings = await Promise.all([podRouteMissing, rule].map(async (one) => findingsOf(await evaluated(one, down)).map((finding) => ({ rule: one, finding }))));
  expect(explain(findings.flat()).map((one) => [one.rule.id, one.cause?.rule.id])).toEqual([['pod-route-missing', 'pod-interface-down'], ['pod-interface-down', undefined]]);
});
test('another pod\'s interface that is down explains nothing here', async () => {
  const other = changed(down, { 'links@target': valueOf(facts, 'links@target').map((link) => (link.name.startsWith('cali') && link.name !== name ? { ...link, flags: [] } : link)) });
  expect(await judged(rule, other)).toBe('pass');
  expect(await judged(podRouteMissing, other)).toHaveLength(1);
});
test('passes where it is up', async () => {
  expect(await judged(rule, facts)).toBe('pass');
});
test('inconclusive: the links could not be read', async () => {
  expect(await judged(rule, blind(facts, ['links@target']))).toBe('inconclusive');
});
test('does not apply on the host network', async () => {
  const flow = valueOf(facts, 'flow');
  expect(await judged(rule, blind(changed(facts, { flow: { ...flow, destination: { ...flow.destination, interface: null } } }), ['endpoint'], 'not-applicable'))).toBe('not-applicable');
});
