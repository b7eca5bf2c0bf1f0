import { describe, expect, test } from '@jest/globals';
import { operatorNote } from '../../src/engine/operator-note.ts';
import { setupOf } from '../../src/engine/setup.ts';
import type { Datastore } from '../../src/model/control-plane.ts';
import type { NodeDataplane } from '../../src/model/dataplane.ts';
import type { Encapsulation } from '../../src/model/encapsulation.ts';
import { observed, unavailable } from '../../src/model/evidence.ts';
import type { FactKey } from '../../src/model/facts.ts';
import { installed } from '../support/installs.ts';

const datastore = { kind: 'etcdv3', clusterVersion: 'v3.32.1' } as Datastore;
const plane = (node: string, dataplane: NodeDataplane['dataplane']): NodeDataplane => ({ node, dataplane, signs: [] });
const pool = { name: 'p', cidr: '10.244.0.0/16', mode: 'ipip', disabled: false } as const;
const pair = { source: 'node-b', target: 'node-a', there: 'ipip', back: 'ipip' } as const;
const known = {
  install: installed('manifest'),
  datastore,
  dataplanes: [plane('node-a', 'iptables-nft'), plane('node-b', 'iptables-nft')],
  encapsulation: { pools: [pool], pair } as Encapsulation,
};
const setup = (facts: object) =>
  setupOf({
    fact: async (key: FactKey) => {
      const value = (facts as Readonly<Record<string, unknown>>)[key];
      return (value === undefined ? unavailable('ssh-refused', 'refused') : observed(value)) as never;
    },
  });
const summary = async (facts: object) => (await setup({ ...known, ...facts }))?.summary;

test('all of it is told in one line', async () => {
  expect(await setup(known)).toEqual({
    install: 'manifest',
    namespace: 'kube-system',
    version: 'v3.32.1',
    datastore: 'etcdv3',
    dataplanes: [
      { node: 'node-a', dataplane: 'iptables-nft' },
      { node: 'node-b', dataplane: 'iptables-nft' },
    ],
    encapsulation: ['ipip'],
    pair,
    summary:
      'Calico v3.32.1 installed from a manifest in kube-system, etcd datastore, dataplane iptables-nft, ' +
      'IPIP between node-b and node-a',
  });
});

describe('each part in words', () => {
  test.each<[string, object, string]>([
    [
      'the operator',
      { install: installed('operator') },
      'installed by an operator (Installation default) in calico-system',
    ],
    ['Helm', { install: installed('helm') }, 'installed by Helm release calico in kube-system'],
    ['GitOps', { install: installed('other') }, 'installed by Argo CD application net in kube-system'],
    ['no part of Calico found', { install: installed('unknown') }, 'Calico v3.32.1 installed in an unknown way, etcd'],
    ['an install that was not read', { install: undefined }, 'installed in an unknown way, etcd datastore'],
    ['the Kubernetes datastore', { datastore: { ...datastore, kind: 'kubernetes' } }, ', Kubernetes datastore,'],
    ['a datastore that was not read', { datastore: undefined }, ', datastore not known,'],
    [
      "the operator's datastore, which is always that of Kubernetes",
      { datastore: undefined, install: installed('operator') },
      'Calico v3.31.0 installed by an operator (Installation default) in calico-system, Kubernetes datastore,',
    ],
    [
      'nodes that differ',
      { dataplanes: [plane('node-a', 'ebpf'), plane('node-b', null)] },
      ', dataplane eBPF on node-a and not known on node-b,',
    ],
    ['nodes without a dataplane', { dataplanes: [plane('node-a', null)] }, ', dataplane not known,'],
    [
      'directions that differ',
      { encapsulation: { pools: [pool], pair: { ...pair, back: 'none' } } },
      ', IPIP from node-b to node-a, no encapsulation back',
    ],
    [
      'one node: the modes of the pools in use',
      {
        encapsulation: {
          pools: [pool, pool, { ...pool, mode: 'vxlan-crosssubnet' }, { ...pool, mode: 'vxlan', disabled: true }],
          pair: null,
        },
      },
      ', IPIP and VXLAN across subnets',
    ],
    [
      'Calico without pools, beside another network plugin',
      { encapsulation: { pools: [], pair: null } },
      ', no IP pool',
    ],
    ['pools that were not read', { encapsulation: undefined }, ', encapsulation not known'],
  ])('%s', async (_, facts, part) => {
    expect(await summary(facts)).toContain(part);
  });
});

test('where nothing was read, nothing is told', async () => {
  expect(await setup({})).toBeNull();
});

const noteOf = (degraded: readonly { component: string; message: string }[]) => {
  const install = installed('operator');
  return operatorNote(observed({ ...install, operator: install.operator && { ...install.operator, degraded } }));
};

describe("what Calico's operator calls degraded", () => {
  test('is told with its message', () => {
    expect(
      noteOf([
        { component: 'calico', message: 'pods fail' },
        { component: 'apiserver', message: '' },
      ]),
    ).toEqual([
      "Calico's operator reports that calico is degraded: pods fail",
      "Calico's operator reports that apiserver is degraded",
    ]);
  });
  test('is told of two components at most', () => {
    const degraded = ['a', 'b', 'c'].map((component) => ({ component, message: '' }));
    expect(noteOf(degraded)).toHaveLength(2);
  });
  test('is nothing where nothing is degraded, where there is no operator, and where it was not read', () => {
    expect(noteOf([])).toEqual([]);
    expect(operatorNote(observed(installed('manifest')))).toEqual([]);
    expect(operatorNote(unavailable('api-forbidden', 'refused'))).toEqual([]);
  });
});
