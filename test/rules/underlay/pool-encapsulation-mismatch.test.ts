import type { CapturePlace } from '../../../src/model/path-capture.ts';
import type { Route } from '../../../src/model/network.ts';
import { poolEncapsulationMismatch as rule } from '../../../src/rules/underlay/pool-encapsulation-mismatch.ts';
import { blind, captured, changed, failing, valueOf, type Facts } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';
import { rerouted } from '../../support/ways.ts';

const ipip = await captured('healthy-legacy');
const bare = (route: Route): Route => (route.device === 'tunl0' ? { ...route, device: 'eth0', flags: [] } : route);
/** The captured cluster, as if its pool were not encapsulated: routes of BIRD lead to the nodes themselves. */
const works = rerouted(ipip, {
  pools: valueOf(ipip, 'pools').map((pool) => ({ ...pool, spec: { ...pool.spec, ipipMode: 'Never' as const } })),
  'routes@source': valueOf(ipip, 'routes@source').map(bare),
  'routes@target': valueOf(ipip, 'routes@target').map(bare),
});
const facts = failing(works);
const seen = {
  requests: [],
  largeRequests: [],
  replies: [],
  control: ['p1', 'p2'],
  largeControl: [],
  controlReplies: ['p1', 'p2'],
  droppedByKernel: 0,
  outer: [],
};
const three = ['a', 'b', 'c'];
const between = (source: Partial<CapturePlace>, target: Partial<CapturePlace>, of: Facts = facts) =>
  changed(of, {
    'path-capture': {
      encapsulation: 'none',
      places: [
        { node: 'n2', interface: 'eth0', hop: 'source-card', ...seen, ...source },
        { node: 'n1', interface: 'eth0', hop: 'target-card', ...seen, ...target },
      ],
    },
  });
const lost = between({ requests: three }, {});
const withoutRoute = (key: 'routes@source' | 'routes@target') =>
  rerouted(facts, {
    [key]: valueOf(facts, key).filter(
      ({ type, gateway }) => type !== 'blackhole' && !gateway?.startsWith('10.250.0.1'),
    ),
  });

testRule(rule, {
  lab: 'pod-addresses-blocked',
  rows: [
    [
      'fails: no request arrives',
      () => lost,
      [
        {
          finding: 'lost NodePair n2→n1 @- capture stops',
          data: { sent: '3', arrived: '0', control: '2', pool: '10.244.0.0/16' },
          lacks: ['nodeAnswers:n1', 'nodeAnswers:n2'],
        },
      ],
    ],
    [
      'fails: no reply arrives',
      () => between({ requests: three }, { requests: three, replies: three }),
      ['lost NodePair n1→n2 @- capture stops'],
    ],
    [
      'inconclusive: some arrive, so the addresses are carried',
      () => between({ requests: three }, { requests: ['a'] }),
      'inconclusive',
    ],
    ['inconclusive: plain packets are lost too', () => between({ requests: three }, { control: [] }), 'inconclusive'],
    ['passes: all arrive', () => between({ requests: three }, { requests: three }), 'pass'],
    ['passes: the asked flow works', () => between({ requests: three }, {}, works), 'pass'],
    [
      'does not apply: without the route, the packet goes to a router that need not know it',
      () => between({ requests: three }, {}, withoutRoute('routes@source')),
      'not-applicable',
    ],
    [
      'does not apply: the same of the reply',
      () => between({ requests: three }, { requests: three, replies: three }, withoutRoute('routes@target')),
      'not-applicable',
    ],
    [
      'does not apply: a tunnel carries the flow',
      () => changed(lost, { 'path-capture': { ...valueOf(lost, 'path-capture'), encapsulation: 'ipip' } }),
      'not-applicable',
    ],
    [
      'does not apply: to a pod on the host network',
      () => {
        const flow = valueOf(lost, 'flow');
        return changed(lost, { flow: { ...flow, destination: { ...flow.destination, interface: null } } });
      },
      'not-applicable',
    ],
    ['does not apply: no pool holds the address', () => changed(lost, { pools: [] }), 'not-applicable'],
    [
      'inconclusive: nobody read the links, so the ways are not judged',
      () => blind(lost, ['links@target', 'links@source', 'flow-outcome']),
      'inconclusive',
    ],
    ...(['path-capture', 'pools', 'kernel-ways'] as const).map((key): RuleRow => [
      `inconclusive without ${key}`,
      () => blind(lost, [key]),
      'inconclusive',
    ]),
  ],
});
