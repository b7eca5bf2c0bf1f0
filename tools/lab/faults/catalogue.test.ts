import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { rules } from '../../../src/rules/registry.ts';
import { labNodes, labPods } from '../topology.ts';
import { catalogue } from './catalogue/registry.ts';
import { checkFaults } from './check-faults.ts';
import { causesOf, defineFault } from './fault.ts';
import { flow, isThere } from './flows.ts';
import { brokenCases, expectedIn } from './broken-cases.ts';
import { known, partsOf } from './known.ts';

const folder = `${import.meta.dirname}/catalogue`;
const named = new RegExp(String.raw`^ {2}name: '([a-z0-9-]+)',$`, 'gm');
const topology = {
  name: 'x',
  dataplane: 'nft',
  datastore: 'etcd',
  layout: 'manifest',
  nodeAccess: 'ssh',
  families: 'ipv4',
  era: '3',
  typha: false,
  encap: 'ipip',
  realPrograms: null,
  nodes: labNodes(3),
  pods: labPods(),
} as const;

test('a file is called as the first fault in it, and every fault is in the catalogue', () => {
  const files = readdirSync(folder).filter((file) => file !== 'registry.ts');
  const defined = files.map((file) => ({
    file,
    names: [...readFileSync(`${folder}/${file}`, 'utf8').matchAll(named)].map(([, name = '']) => name),
  }));
  expect(defined.filter(({ file, names }) => file !== `${names[0]}.ts`)).toEqual([]);
  expect(catalogue.map(({ name }) => name).toSorted()).toEqual(defined.flatMap(({ names }) => names).toSorted());
});

test.each(catalogue)('$name expects causes that a rule finds, and flows with a beginning in the lab', (fault) => {
  const ids = new Set(rules.map(({ id }) => id));
  expect(causesOf(fault).filter((cause) => !ids.has(cause))).toEqual([]);
  const flows = [fault.expects, ...fault.variants.map(({ expects }) => expects)].flatMap((one) => [
    ...one.answers,
    ...one.silent,
  ]);
  expect(flows).not.toEqual([]);
  expect(flows.filter(({ from }) => !isThere(topology, from) && from !== 'outside')).toEqual([]);
  const parameters = fault.variants.flatMap((variant) => Object.keys(variant.parameters));
  expect(parameters.filter((key) => !(key in fault.parameters))).toEqual([]);
});

test('a fault is made of what its lab has, and is refused where it has nothing of it', () => {
  const kubernetes = { encap: 'vxlan', datastore: 'kubernetes', typha: false } as const;
  expect(expectedIn(kubernetes, known('first-case'))).toMatchObject({
    asks: ['default/newpod'],
    roots: ['vxlan-lost-between-nodes', 'calico-node-forbidden'],
    silent: [flow('default/client', 'default/mypod'), flow('default/client', 'default/newpod')],
  });
  expect(() => partsOf(known('profile-missing'), kubernetes)).toThrow(
    'profile-missing needs a lab of --datastore etcd; this one has kubernetes',
  );
  expect(() => partsOf(known('typha-unavailable'), kubernetes)).toThrow('typha-unavailable needs a lab of --typha');
  const made = brokenCases(kubernetes).map(({ fault }) => fault);
  expect(made).toContain('calico-node-forbidden');
  expect(made).not.toContain('typha-unavailable');
});

test('a name that is there twice and a part that is not there are refused', () => {
  const one = defineFault({ name: 'x', summary: '', expects: { verdict: 'fault', answers: [], silent: [] } });
  expect(checkFaults([one])).toEqual([one]);
  expect(() => checkFaults([one, one])).toThrow('two faults of the lab have one name');
  expect(() => checkFaults([{ ...one, parts: ['y'] }])).toThrow('no fault y');
});
