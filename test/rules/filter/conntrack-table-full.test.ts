import type { ConntrackCounters, CounterReadings } from '../../../src/model/kernel-counters.ts';
import { conntrackTableFull as rule } from '../../../src/rules/filter/conntrack-table-full.ts';
import { blind, captured, changed, valueOf, type Facts } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const roomy: ConntrackCounters = { count: 300, max: 262_144, dropped: 7 };
const reading = (node: string, before: ConntrackCounters | null, after: ConntrackCounters | null): CounterReadings => ({
  node,
  before: { conntrack: before, wrongChecksums: null },
  after: { conntrack: after, wrongChecksums: null },
});
const read = (...readings: readonly CounterReadings[]): Facts => changed(facts, { 'counter-readings': readings });
const well = (node: string) => reading(node, roomy, roomy);
const full = { count: 262_144, max: 262_144, dropped: 7 };

/** No test packet was lost, and the node of the target had this table before. */
const counted = (conntrack: ConntrackCounters | null): Facts =>
  changed(blind(facts, ['counter-readings'], 'not-applicable'), {
    'kernel-counters@target': { conntrack, wrongChecksums: null },
    'kernel-counters@source': { conntrack: roomy, wrongChecksums: null },
  });

testRule(rule, {
  lab: { none: 'the bound of the table cannot be set in a network namespace' },
  rows: [
    [
      'fails: it is full, and drops rise while packets are lost',
      () => read(reading('n1', full, { ...full, dropped: 19 }), well('n2')),
      [
        {
          finding: 'full Node n1 @n1 read stops',
          data: { count: '262144', max: '262144', dropped: '12', wanted: '524288' },
        },
      ],
    ],
    [
      'fails: the kernel made a little room meanwhile',
      () => read(well('n1'), reading('n2', full, { count: 261_900, max: 262_144, dropped: 8 })),
      ['full Node n2 @n2 read stops'],
    ],
    ['passes: full, and nothing was dropped for it', () => read(reading('n1', full, full), well('n2')), 'pass'],
    [
      'passes: drops for another reason than room',
      () => read(reading('n1', roomy, { ...roomy, dropped: 70 }), well('n2')),
      'pass',
    ],
    ['passes: room on both', () => read(well('n1'), well('n2')), 'pass'],
    [
      'passes: one node has both ends',
      () => {
        const flow = valueOf(facts, 'flow');
        return changed(read(well('n1')), { flow: { ...flow, source: { ...flow.source, node: 'n1' } } });
      },
      'pass',
    ],
    ['inconclusive: one node was not read', () => read(well('n1')), 'inconclusive'],
    ['inconclusive: the kernel does not say', () => read(reading('n1', null, roomy), well('n2')), 'inconclusive'],
    [
      'does not apply where nothing is lost',
      () => blind(facts, ['counter-readings'], 'not-applicable'),
      'not-applicable',
    ],
    ['passes where nothing is lost, and the tables had room before', () => counted(roomy), 'pass'],
    ['does not apply where nothing is lost, and one was full before', () => counted(full), 'not-applicable'],
    ['does not apply where nothing is lost, and one is not known', () => counted(null), 'not-applicable'],
    ['inconclusive: the nodes cannot be read', () => blind(facts, ['counter-readings']), 'inconclusive'],
  ],
});
