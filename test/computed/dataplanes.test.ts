import { describe, expect, test } from '@jest/globals';
import { dataplanes } from '../../src/computed/dataplanes.ts';
import type { NodeDataplane } from '../../src/model/dataplane.ts';
import type { Install } from '../../src/model/install.ts';
import { parseIpLinks } from '../../src/probes/parse/ip-links.ts';
import { readCapture } from '../cases/capture.ts';
import { blind, captured, changed, derive, valueOf, type Facts } from '../support/facts.ts';
import { installed } from '../support/installs.ts';

type Wanted = NonNullable<Install['operator']>['linuxDataplane'];

/** Nodes without the devices of eBPF mode, whose packet filters have one rule of that mode and no chain of a pod. */
async function sparse(bpfEnabled: boolean | 'not read', linuxDataplane: Wanted | 'not read'): Promise<Facts> {
  const facts = await captured('healthy-bpf');
  const links = parseIpLinks(readCapture('healthy-bpf').text('n1/ip-j-d-addr.txt') ?? '').filter(
    ({ name }) => name !== 'bpfin.cali' && name !== 'bpfout.cali',
  );
  const oneRule = (key: 'rulesets@target' | 'rulesets@source') => {
    const read = valueOf(facts, key);
    return {
      ...read,
      ruleSets: read.ruleSets.map((ruleSet) => ({
        ...ruleSet,
        tables: ruleSet.tables.map((table) => ({
          ...table,
          chains: table.chains.map((chain) => ({
            ...chain,
            rules: chain.rules.filter(
              ({ comments }) => !comments.some((text) => /^(?:From workload|To workload|Accept packets)/.test(text)),
            ),
          })),
        })),
      })),
    };
  };
  const some = changed(facts, {
    'links@target': links,
    'links@source': links,
    'rulesets@target': oneRule('rulesets@target'),
    'rulesets@source': oneRule('rulesets@source'),
  });
  const datastore = valueOf(await captured('healthy-legacy'), 'datastore');
  const known =
    bpfEnabled === 'not read' ? blind(some, ['datastore']) : changed(some, { datastore: { ...datastore, bpfEnabled } });
  const operator = installed('operator');
  return linuxDataplane === 'not read'
    ? blind(known, ['install'], 'api-forbidden')
    : changed(known, {
        install: { ...operator, operator: operator.operator && { ...operator.operator, linuxDataplane } },
      });
}

const kinds = async (...given: Parameters<typeof sparse>) => {
  const fact = await derive(await sparse(...given), dataplanes);
  if (fact?.status !== 'observed') throw new Error('the dataplanes are not known');
  return (fact.value as readonly NodeDataplane[]).map(({ dataplane }) => dataplane);
};

describe('one sign of eBPF on the nodes', () => {
  test.each<[Parameters<typeof sparse>[0], Parameters<typeof sparse>[1], 'ebpf' | null]>([
    ['not read', 'BPF', 'ebpf'],
    [true, 'not read', 'ebpf'],
    [true, 'Iptables', 'ebpf'],
    [false, 'BPF', null],
    ['not read', 'Iptables', null],
    ['not read', null, null],
    ['not read', 'not read', null],
  ])('FelixConfiguration %s, Installation %s: %s', async (felix, installation, expected) => {
    expect(await kinds(felix, installation)).toEqual([expected, expected]);
  });
});
