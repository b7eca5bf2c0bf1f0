import { expect, test } from '@jest/globals';
import { podInterfaceDown } from '../../../src/rules/endpoint/pod-interface-down.ts';
import type { Link } from '../../../src/model/network.ts';
import { podInterfaceMissing as rule } from '../../../src/rules/endpoint/pod-interface-missing.ts';
import { blind, captured, changed, judged, valueOf } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = await captured('healthy-nft');
const name = valueOf(facts, 'endpoint')?.spec.interfaceName ?? '';
const [own] = valueOf(facts, 'links@target').filter((link) => link.name === name) as [Link];
const gone = changed(facts, { 'links@target': valueOf(facts, 'links@target').filter((link) => link.name !== name) });
const other = (device: string): Link => ({ ...own, name: device, hostRoutes: [] });
const named = (interfaceName: string) => {
  const endpoint = valueOf(facts, 'endpoint');
  if (!endpoint) throw new Error('no endpoint');
  return { ...endpoint, spec: { ...endpoint.spec, interfaceName } };
};

testRule(rule, {
  lab: 'pod-interface-missing',
  rows: [
    [
      "fails where the endpoint's interface is not on the node",
      () => gone,
      [{ finding: `missing Interface ${name} @n1 read stops`, withholds: [`interface:n1/${name}`] }],
    ],
    [
      'inconclusive: another plugin names the interfaces of this node, and no route tells which is of the pod',
      () => changed(gone, { 'links@target': [...valueOf(gone, 'links@target'), other('lxc0f00f00f00f')] }),
      'inconclusive',
    ],
    [
      'fails where another pod of the node has an interface of Calico',
      () => changed(gone, { 'links@target': ['cali0123456789a', 'lxc0f00f00f00f'].map(other) }),
      [`missing Interface ${name} @n1 read stops`],
    ],
    [
      'does not apply: the pod has its usual interface, and the endpoint names another',
      () => changed(facts, { endpoint: named('cali0other') }),
      'not-applicable',
    ],
    [
      "the endpoint's own word counts, not the usual name, where neither is there",
      () => changed(gone, { endpoint: named('cali0other') }),
      ['missing Interface cali0other @n1 read stops'],
    ],
    ['passes where it is there; the usual name is enough when the endpoint could not be read (1)', () => facts, 'pass'],
    [
      'passes where it is there; the usual name is enough when the endpoint could not be read (2)',
      () => blind(facts, ['endpoint'], 'datastore-unreachable'),
      'pass',
    ],
    [
      'inconclusive: not there, and what the endpoint names is not known; or the links could not be read (1)',
      () => blind(gone, ['endpoint'], 'datastore-unreachable'),
      'inconclusive',
    ],
    [
      'inconclusive: not there, and what the endpoint names is not known; or the links could not be read (2)',
      () => blind(facts, ['links@target']),
      'inconclusive',
    ],
    [
      'does not apply without an endpoint, or on the host network (1)',
      () => changed(gone, { endpoint: null }),
      'not-applicable',
    ],
    [
      'does not apply without an endpoint, or on the host network (2)',
      () => {
        const flow = valueOf(facts, 'flow');
        const hosted = changed(facts, { flow: { ...flow, destination: { ...flow.destination, interface: null } } });
        return blind(hosted, ['endpoint'], 'not-applicable');
      },
      'not-applicable',
    ],
  ],
});

test('an interface that is not there is not said to be down', async () => {
  expect(name).toMatch(/^cali/);
  expect(await judged(podInterfaceDown, gone)).toBe('not-applicable');
});
