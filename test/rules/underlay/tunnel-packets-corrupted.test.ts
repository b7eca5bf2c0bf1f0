import type { CounterReadings } from '../../../src/model/kernel-counters.ts';
import type { Sighting, WayPoint } from '../../../src/model/sightings.ts';
import { tunnelPacketsCorrupted as rule } from '../../../src/rules/underlay/tunnel-packets-corrupted.ts';
import { blind, captured, changed, failing, valueOf, type Facts } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';
import { sightingAt } from '../../support/sightings.ts';

const facts = failing(await captured('healthy-vxlan-legacy'));
const three = ['40001', '40002', '40003'];
const point = (where: WayPoint, node: string, of: Partial<Sighting> = {}) =>
  sightingAt(where, '', {
    node,
    interface: where.endsWith('card') ? 'eth0' : 'vxlan.calico',
    sent: 3,
    control: 2,
    ...of,
  });
const reading = (node: string, udp: number | null): CounterReadings => ({
  node,
  before: { conntrack: null, wrongChecksums: { tcp: 0, udp: 5 } },
  after: { conntrack: null, wrongChecksums: udp === null ? null : { tcp: 0, udp } },
});
const seeing = (points: readonly Sighting[], ...readings: readonly CounterReadings[]): Facts =>
  changed(facts, { sightings: { points }, 'counter-readings': readings });
const card = point('target-card', 'n1', { requests: three });
const tunnel = point('target-tunnel', 'n1');

testRule(rule, {
  lab: { none: 'the network interfaces of the lab leave checksums to the kernel, which gets them right' },
  rows: [
    [
      'fails: they come in, do not come out of the tunnel, and as many checksums are wrong',
      () => seeing([card, tunnel], reading('n1', 8)),
      [
        {
          finding: 'corrupted NodePair n2→n1 @n1 capture stops',
          data: { from: 'n2', to: 'n1', arrived: '3', errors: '3', interface: 'eth0' },
        },
      ],
    ],
    [
      'fails for the replies',
      () => seeing([point('source-card', 'n2', { replies: three }), point('source-pod', 'n2')], reading('n2', 9)),
      [{ finding: 'corrupted NodePair n1→n2 @n2 capture stops', data: { errors: '4' } }],
    ],
    ['passes: no checksum is wrong', () => seeing([card, tunnel], reading('n1', 5)), 'pass'],
    ['passes: fewer than were lost', () => seeing([card, tunnel], reading('n1', 7)), 'pass'],
    [
      'passes: they came out of the tunnel',
      () => seeing([card, { ...tunnel, requests: three }], reading('n1', 8)),
      'pass',
    ],
    ['passes: nothing came in', () => seeing([point('target-card', 'n1'), tunnel], reading('n1', 8)), 'pass'],
    ['inconclusive: nobody looked behind the tunnel', () => seeing([card], reading('n1', 8)), 'inconclusive'],
    [
      'inconclusive: the capture there saw nothing at all',
      () => seeing([card, { ...tunnel, control: 0 }], reading('n1', 8)),
      'inconclusive',
    ],
    [
      'inconclusive: the counters were not read again',
      () => seeing([card, tunnel], reading('n1', null)),
      'inconclusive',
    ],
    [
      'does not apply to another tunnel',
      () =>
        changed(seeing([card, tunnel], reading('n1', 8)), {
          'path-capture': { ...valueOf(facts, 'path-capture'), encapsulation: 'ipip' },
        }),
      'not-applicable',
    ],
    [
      'does not apply within a node',
      () => {
        const flow = valueOf(facts, 'flow');
        return changed(seeing([card, tunnel], reading('n1', 8)), {
          flow: { ...flow, source: { ...flow.source, node: 'n1' } },
        });
      },
      'not-applicable',
    ],
    [
      'inconclusive: nothing was captured',
      () => blind(seeing([card, tunnel], reading('n1', 8)), ['sightings']),
      'inconclusive',
    ],
  ],
});
