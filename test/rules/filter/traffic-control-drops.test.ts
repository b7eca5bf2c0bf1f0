import type { Denial } from '../../../src/model/denial.ts';
import type { TakenPackets } from '../../../src/model/queues.ts';
import { trafficControlDrops as rule } from '../../../src/rules/filter/traffic-control-drops.ts';
import { blind, captured, changed, failing, type Facts } from '../../support/facts.ts';
import { sightingAt } from '../../support/sightings.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = failing(await captured('healthy-legacy'));
const shaper: TakenPackets = {
  node: 'n1',
  area: 'target-node',
  pod: null,
  device: 'cali1',
  by: 'queue',
  text: 'tbf rate 8Kbit burst 1600b limit 100b',
  isRoot: true,
  to: null,
  rise: 3,
  idle: 0,
  sent: 3,
  beside: 1,
};
const filters: Partial<TakenPackets> = { by: 'filters', isRoot: false, text: 'ingress: gact action drop' };
const redirect = (device: string, kind: string | null): Partial<TakenPackets> => ({
  by: 'redirect',
  isRoot: false,
  text: `mirred (Egress Redirect to device ${device}) stolen`,
  to: { device, kind },
});
const took = (...changes: readonly Partial<TakenPackets>[]): Facts =>
  changed(blind(facts, ['sightings']), {
    'queue-counts': { taken: changes.map((change) => ({ ...shaper, ...change })), unread: [] },
  });
/** Of a denial only what says where packets end. */
const counting = (packets: number, proof: Denial['proof'] = 'inferred') =>
  ({
    rule: {
      backend: 'iptables-nft',
      family: 'ip',
      table: 'filter',
      chain: 'FORWARD',
      index: 2,
      text: '-j DROP',
      tag: null,
    },
    stopsFlow: true,
    proof,
    burst: { flow: 'asked', proof: { rise: { packets, bytes: 0 }, walked: { packets, bytes: 0 } } },
  }) as unknown as Denial;
const ending = (of: Facts, ...denied: readonly Denial[]) =>
  changed(of, { denials: { denied, open: [], notCompared: null } });
/** The captures saw the packet leave the one node, and none at the other. */
const lostBetween = (of: Facts): Facts =>
  changed(of, {
    sightings: {
      points: [
        sightingAt('source-card', 'n2', { node: 'n2', interface: 'eth0', sent: 3, requests: ['a'] }),
        sightingAt('target-card', 'n1', { node: 'n1', interface: 'eth0', sent: 3, control: 1 }),
      ],
    },
  });

testRule(rule, {
  lab: 'traffic-control-drops',
  rows: [
    [
      'fails: a queue dropped as many as were sent',
      () => took({}),
      [
        {
          finding: 'queue Interface cali1 @n1 counter stops',
          data: {
            queue: shaper.text,
            counters:
              'It took 3 packets while 3 test packets were sent. In a window as long without test packets it took 0.',
          },
        },
      ],
    ],
    [
      'fails: a queue dropped what the node itself sent to the pod, too',
      () => took({ rise: 4 }),
      ['queue Interface cali1 @n1 counter stops'],
    ],
    ['fails: filters dropped them', () => took(filters), ['filters Interface cali1 @n1 counter stops']],
    [
      'fails: a filter sent them elsewhere',
      () => took(redirect('mirror0', 'dummy')),
      [{ finding: 'redirects Interface cali1 @n1 counter stops', data: { to: 'mirror0' } }],
    ],
    ...['blackhole', 'netem limit 1000 loss 100%', 'pfifo limit 0p', 'tbf rate 8Kbit burst 1600b limit 1b'].map(
      (text) =>
        [
          `fails: a queue that has room for nothing, whatever else goes there: ${text}`,
          () => took({ text, rise: 7, idle: 2 }),
          ['fullQueue Interface cali1 @n1 read stops'],
        ] as const,
    ),
    [
      'fails: at the node of the source',
      () => took({ node: 'n2', area: 'source-node', device: 'tunl0', beside: 0 }),
      ['queue Interface tunl0 @n2 counter stops'],
    ],
    [
      'fails: inside the pod, as those who try losses out set it up',
      () =>
        took({
          area: 'target-pod',
          pod: { name: 'default/mypod', namespace: 'cni-1' },
          device: 'eth0',
          text: 'netem limit 1000 loss 100%',
        }),
      [
        {
          finding: 'fullQueue Interface default/mypod eth0 @n1 counter stops',
          data: { at: 'eth0 inside default/mypod', enter: 'ip netns exec cni-1 ' },
        },
      ],
    ],
    ['inconclusive: it takes packets all the time', () => took({ idle: 3 }), 'inconclusive'],
    ['inconclusive: it took more than were sent', () => took({ rise: 9 }), 'inconclusive'],
    ['inconclusive: it took one of them', () => took({ rise: 1 }), 'inconclusive'],
    ['inconclusive: nobody looked again', () => took({ idle: null }), 'inconclusive'],
    [
      'inconclusive: a class of traffic has no room, and it took others',
      () => took({ text: 'blackhole', isRoot: false, rise: 5 }),
      'inconclusive',
    ],
    ['inconclusive: the packet was lost between the nodes', () => lostBetween(took({})), 'inconclusive'],
    [
      'fails, and stops nothing yet: it was lost there, and a queue elsewhere has no room for any packet',
      () => lostBetween(took({ text: 'blackhole', rise: 6, idle: 1 })),
      ['fullQueue Interface cali1 @n1 read'],
    ],
    [
      'does not apply: the counter of a rule proves where they end',
      () => ending(took(filters), counting(3, 'counter')),
      'not-applicable',
    ],
    [
      'fails, and stops nothing yet: behind the rule that ends them a queue has no room for any packet',
      () => ending(took({ text: 'blackhole' }, { text: 'tbf rate 1Mbit' }), counting(3, 'counter')),
      ['fullQueue Interface cali1 @n1 read'],
    ],
    [
      'fails, and stops nothing yet: a queue has no room for any packet, and none came to it',
      () =>
        changed(took(), {
          'queue-counts': { taken: [], waiting: [{ ...shaper, text: 'blackhole', rise: 0, idle: null }], unread: [] },
        }),
      [
        {
          finding: 'fullQueue Interface cali1 @n1 read',
          data: { counters: 'The flow stops before it comes here. Once that is fixed, it would stop here.' },
        },
      ],
    ],
    [
      'fails, and stops nothing yet: so does one behind a rule whose counter proves that it ends them',
      () =>
        changed(ending(took(), counting(3, 'counter')), {
          'queue-counts': { taken: [], waiting: [{ ...shaper, text: 'blackhole', rise: 0, idle: null }], unread: [] },
        }),
      ['fullQueue Interface cali1 @n1 read'],
    ],
    [
      'fails: a rule would end them, and counted none of them',
      () => ending(took(filters), counting(0)),
      ['filters Interface cali1 @n1 counter stops'],
    ],
    ['inconclusive: a rule counted as many', () => ending(took(filters), counting(3)), 'inconclusive'],
    [
      'fails: a rule counted as many, and the queue has no room for any packet',
      () => ending(took({ text: 'blackhole' }), counting(3)),
      ['fullQueue Interface cali1 @n1 read stops'],
    ],
    ['inconclusive: filters elsewhere dropped as many', () => took({}, { ...filters, device: 'eth0' }), 'inconclusive'],
    [
      'inconclusive: a redirection at the same interface sent as many elsewhere',
      () => took({}, redirect('mirror0', 'dummy')),
      'inconclusive',
    ],
    [
      'fails: of two places with as many, one has no room for any packet',
      () => took({ text: 'blackhole' }, { ...filters, device: 'eth0' }),
      ['fullQueue Interface cali1 @n1 read stops'],
    ],
    [
      'fails: as many were dropped elsewhere, but the captures show that the packet came past there',
      () => {
        const past = { ...filters, node: 'n2', area: 'source-node' as const, device: 'eth0' };
        return changed(took({}, past), {
          sightings: {
            points: [
              sightingAt('target-card', 'n1', { node: 'n1', interface: 'eth0', sent: 3, requests: ['a'] }),
              sightingAt('target-pod', 'n1', { node: 'n1', interface: 'cali1', sent: 3, control: 1 }),
            ],
          },
        });
      },
      ['queue Interface cali1 @n1 counter stops'],
    ],
    [
      'fails: a queue inside another dropped them, and both count it',
      () => took({ text: 'htb r2q 10 default 0x1' }, { text: 'netem limit 1000 loss 50%', isRoot: false }),
      [{ finding: 'queue Interface cali1 @n1 counter stops', data: { queue: 'netem limit 1000 loss 50%' } }],
    ],
    ['passes: filters hand them to queues for what comes in', () => took(redirect('ifb0', 'ifb')), 'pass'],
    ['passes: nothing took any', () => took(), 'pass'],
    [
      'inconclusive: the queues of a node were not read',
      () => changed(facts, { 'queue-counts': { taken: [], unread: [{ node: 'n2', why: 'tc: not found' }] } }),
      'inconclusive',
    ],
    ['does not apply where the flow works', () => blind(facts, ['queue-counts'], 'not-applicable'), 'not-applicable'],
    ['inconclusive: the nodes cannot be read', () => blind(facts, ['queue-counts']), 'inconclusive'],
  ],
});
