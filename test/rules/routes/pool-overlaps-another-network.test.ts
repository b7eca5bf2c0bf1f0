import type { Route } from '../../../src/model/network.ts';
import { poolOverlapsAnotherNetwork as rule } from '../../../src/rules/routes/pool-overlaps-another-network.ts';
import { blind, captured, changed, valueOf } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';
import { lost, rerouted, route } from '../../support/ways.ts';

const healthy = await captured('healthy-legacy');
const facts = rerouted(lost(healthy));
const { source, destination } = valueOf(facts, 'flow');
const tunnelAddress = valueOf(facts, 'links@source').find(({ name }) => name === 'tunl0')?.addresses[0]?.address ?? '';
const beside = (key: 'routes@target' | 'routes@source', ...more: Partial<Route>[]) =>
  rerouted(facts, { [key]: [...valueOf(facts, key), ...more.map(route)] });
/** The same without the block's own route. */
const instead = (more: Partial<Route>) =>
  rerouted(facts, {
    'routes@source': [...valueOf(facts, 'routes@source').filter(({ device }) => device !== 'tunl0'), route(more)],
  });
const network = (prefix: number) => `${destination.address.replace(/\d+$/, '0')}/${prefix}`;
const bridge = { destination: network(27), device: 'docker0', protocol: 'kernel' };
const docker = beside('routes@source', bridge);
const overlaps = (prefix: number) => `overlaps Route ${network(prefix)} @n2 read stops`;

testRule(rule, {
  lab: 'pool-overlaps-another-network',
  rows: [
    [
      "fails: a bridge on the source's node, smaller than the block",
      () => docker,
      [
        {
          finding: overlaps(27),
          data: {
            device: 'docker0',
            covered: `the pod address ${destination.address}`,
            address: destination.address,
            taken: `${network(27)} dev docker0 proto kernel`,
            pool: valueOf(facts, 'pools')[0]?.spec.cidr ?? '',
          },
          lacks: [`soleAddress:n2/${destination.address}`],
          withholds: ['way:n2/source-egress'],
        },
      ],
    ],
    [
      "fails: a bridge as large as the block, so that the block's route is not in the table",
      () => instead({ ...bridge, destination: network(26) }),
      [{ finding: overlaps(26), data: { expected: 'not in the table' } }],
    ],
    [
      "fails: a VPN's route, by way of a gateway",
      () =>
        beside('routes@source', { destination: network(28), device: 'vpn0', gateway: '10.8.0.1', protocol: 'static' }),
      [overlaps(28)],
    ],
    [
      "fails: another program's blackhole",
      () => beside('routes@source', { destination: network(27), type: 'blackhole' }),
      [{ finding: `drops Route ${network(27)} @n2 read stops`, data: { taken: `blackhole ${network(27)}` } }],
    ],
    [
      "fails: on the pod's node, where the reply goes",
      () => beside('routes@target', { destination: `${source.address}/32`, device: 'vpn0' }),
      [{ finding: `overlaps Route ${source.address}/32 @n1 read stops`, withholds: ['way:n1/reply-target-egress'] }],
    ],
    [
      'fails: it covers the tunnel address that packets of a node have, on the way of the answer',
      () => {
        const flow = valueOf(facts, 'flow');
        const node = { ...source, interface: null, address: source.nodeAddress ?? '' };
        return rerouted(facts, {
          flow: { ...flow, source: node },
          'routes@target': [
            ...valueOf(facts, 'routes@target'),
            route({ destination: `${tunnelAddress}/32`, device: 'docker0' }),
          ],
        });
      },
      [
        {
          finding: `overlaps Route ${tunnelAddress}/32 @n1 read stops`,
          data: { covered: `the tunnel address ${tunnelAddress}`, packet: `the reply to node n2 (${tunnelAddress})` },
        },
      ],
    ],
    [
      'fails: the address is the broadcast address of another network',
      () =>
        changed(facts, {
          'kernel-ways': valueOf(facts, 'kernel-ways').map((way) =>
            way.of === 'source-egress' && way.answer.kind === 'route'
              ? { ...way, answer: { ...way.answer, type: 'broadcast' as const, device: 'docker0', table: 'local' } }
              : way,
          ),
        }),
      [{ finding: `overlaps Route ${destination.address} @n2 read stops`, data: { device: 'docker0' } }],
    ],
    [
      'fails: whose pool it is is not known',
      () => blind(docker, ['pools']),
      [{ finding: overlaps(27), data: { pool: 'not known' } }],
    ],
    [
      'passes: a larger network, as the block wins',
      () => beside('routes@source', { destination: network(16), device: 'vpn0' }),
      'pass',
    ],
    [
      "passes: Calico's own blackhole in another node's block",
      () => beside('routes@source', { destination: network(27), type: 'blackhole', protocol: 'bird' }),
      'pass',
    ],
    [
      'passes: a large network while the block has no route, which is another cause',
      () => instead({ ...bridge, destination: network(16) }),
      'pass',
    ],
    ['passes: the flow works', () => changed(docker, { reachability: valueOf(healthy, 'reachability') }), 'pass'],
    [
      'passes: the packets were seen on the other node',
      () => {
        const { encapsulation, places } = valueOf(facts, 'path-capture');
        return changed(docker, {
          'path-capture': { encapsulation, places: places.map((place) => ({ ...place, requests: ['a'] })) },
        });
      },
      'pass',
    ],
    ['inconclusive: the kernel could not be asked', () => rerouted(blind(docker, ['links@source'])), 'inconclusive'],
    [
      'does not apply within one node',
      () => {
        const flow = valueOf(facts, 'flow');
        return changed(docker, { flow: { ...flow, source: { ...source, node: 'n1' } } });
      },
      'not-applicable',
    ],
  ],
});
