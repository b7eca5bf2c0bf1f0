import { beforeAll, expect, test } from '@jest/globals';
import { podInterfaceDown } from '../../../src/rules/endpoint/pod-interface-down.ts';
import { podInterfaceMissing as rule } from '../../../src/rules/endpoint/pod-interface-missing.ts';
import { blind, captured, changed, judged, valueOf, type Facts } from '../../support/facts.ts';

let facts: Facts;
let gone: Facts;
let name: string;
beforeAll(async () => {
  facts = await captured('healthy-nft');
  name = valueOf(facts, 'endpoint')?.spec.interfaceName ?? '';
  gone = changed(facts, { 'links@target': valueOf(facts, 'links@target').filter((link) => link.name !== name) });
});

test('fails where the endpoint\'s interface is not on the node; that it is down is then not said', async () => {
  expect(name).toMatch(/^cali/);
  expect(await judged(rule, gone)).toEqual([`missing Interface ${name} @n1 read stops`]);
  expect(await judged(podInterfaceDown, gone)).toBe('not-applicable');
});
test('the endpoint\'s own word counts, not the usual name', async () => {
  const endpoint = valueOf(facts, 'endpoint');
  if (!endpoint) throw new Error('no endpoint');
  expect(await judged(rule, changed(facts, { endpoint: { ...endpoint, spec: { ...endpoint.spec, interfaceName: 'cali0other' } } }))).toEqual(['missing Interface cali0other @n1 read stops']);
});
test('passes where it is there; the usual name is enough when the endpoint could not be read', async () => {
  expect(await judged(rule, facts)).toBe('pass');
  expect(await judged(rule, blind(facts, ['endpoint'], 'datastore-unreachable'))).toBe('pass');
});
test('inconclusive: not there, and what the endpoint names is not known; or the links could not be read', async () => {
  expect(await judged(rule, blind(gone, ['endpoint'], 'datastore-unreachable'))).toBe('inconclusive');
  expect(await judged(rule, blind(facts, ['links@target']))).toBe('inconclusive');
});
test('does not apply without an endpoint, or on the host network', async () => {
  expect(await judged(rule, changed(gone, { endpoint: null }))).toBe('not-applicable');
  const flow = valueOf(facts, 'flow');
  const hosted = changed(facts, { flow: { ...flow, destination: { ...flow.destination, interface: null } } });
  expect(await judged(rule, blind(hosted, ['endpoint'], 'not-applicable'))).toBe('not-applicable');
});
