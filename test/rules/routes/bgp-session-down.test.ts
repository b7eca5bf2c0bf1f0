import { expect, test } from '@jest/globals';
import type { BgpState } from '../../../src/model/bgp.ts';
import type { Route } from '../../../src/model/network.ts';
import { explain } from '../../../src/engine/explain.ts';
import { findingsOf } from '../../../src/engine/evaluate.ts';
import { blockRouteMissing } from '../../../src/rules/routes/block-route-missing.ts';
import { bgpSessionDown as rule } from '../../../src/rules/routes/bgp-session-down.ts';
import { blind, captured, changed, evaluated, failing, valueOf, type Facts } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';
import { byDefault, rerouted } from '../../support/ways.ts';
import { emptyPlace } from '../../support/capture-place.ts';

const healthy = await captured('healthy-legacy');
const captures = failing(healthy);
const session = (address: string, info = 'Established') => ({
  address,
  established: info.startsWith('Established'),
  info,
});
/** With a route reflector, which is node n3. */
const reflected = (info = 'Established') => ({ ...session('10.250.0.13', info), type: 'configured' as const });
const other = (info = 'Established') => ({ ...reflected(info), address: '192.0.2.9' });
const n3 = { metadata: { name: 'n3' }, status: { addresses: [{ type: 'InternalIP', address: '10.250.0.13' }] } };
const state = (node: string, sessions: BgpState['sessions'], of: Partial<BgpState> = {}): BgpState => ({
  node,
  running: true,
  known: 'status',
  sessions,
  ...of,
});
const upBack = state('n1', [session('10.250.0.12'), session('10.250.0.13')]);
const up = [state('n2', [session('10.250.0.11'), session('10.250.0.13')]), upBack];
const bare = {
  pools: valueOf(captures, 'pools').map((pool) => ({ ...pool, spec: { ...pool.spec, ipipMode: 'Never' as const } })),
};
const without = (keys: readonly ('routes@target' | 'routes@source')[], of: Facts = changed(captures, bare)) =>
  rerouted(
    of,
    Object.fromEntries(
      keys.map((key) => [
        key,
        [
          byDefault,
          ...valueOf(of, key).filter(
            ({ device, destination }) => device !== 'tunl0' && destination !== byDefault.destination,
          ),
        ],
      ]),
    ),
  );
/** No route on either node, no packet captured anywhere, and these sessions. */
const lost = (states: readonly BgpState[], of: Facts = without(['routes@source', 'routes@target'])) =>
  changed(of, { 'bgp-sessions': states, 'path-capture': { encapsulation: 'none', places: [] } });
/** n2 has no route. @param of what is known of both nodes */
const reflects = (own: BgpState['sessions'], others: BgpState['sessions'], of: Partial<BgpState> = {}) =>
  lost([state('n2', own, of.known ? of : {}), state('n1', others, of)], without(['routes@source']));
const down = (info = 'Active') => [
  state('n2', [session('10.250.0.11', info), session('10.250.0.13')]),
  state('n1', [session('10.250.0.12', info), session('10.250.0.13')]),
];
const request = 'NodePair n2→n1 @n2 read stops';
const reply = 'NodePair n1→n2 @n1 read stops';
const seen = (hop: 'target-card' | 'source-card', what: 'requests' | 'replies', of: Facts) =>
  changed(of, {
    'path-capture': {
      encapsulation: 'none',
      places: [
        {
          node: 'n1',
          hop,
          ...emptyPlace,
          [what]: ['1'],
        },
      ],
    },
  });

testRule(rule, {
  lab: 'bgp-session-down',
  rows: [
    [
      'fails: the session of both nodes is down: one finding',
      () => lost(down()),
      [
        {
          finding: `down ${request}`,
          data: { info: 'Active', peerAddress: '10.250.0.11' },
          withholds: ['bgpSession:n2/n1', 'bgpSession:n1/n2'],
          lacks: ['bgpTerms:n2/n1', 'nodeAddress:n1', 'nodeAddress:n2', 'nodeAnswers:n1'],
        },
      ],
    ],
    ['fails: only the way back is missing', () => lost(down('Connect'), without(['routes@target'])), [`down ${reply}`]],
    [
      'fails: an attempt that nobody answers, by the sockets alone',
      () =>
        lost([state('n2', [session('10.250.0.11', 'Connect'), session('10.250.0.13')], { known: 'sockets' }), upBack]),
      [`down ${request}`],
    ],
    [
      'fails: BIRD of the other node does not run',
      () =>
        lost(
          [state('n2', [], { running: false }), ...down('Active Socket: Connection refused').slice(1)],
          without(['routes@target']),
        ),
      [`peer-stopped ${reply}`],
    ],
    [
      'fails: BIRD does not run',
      () => lost([state('n2', [], { running: false }), upBack], without(['routes@source'])),
      [`stopped ${request}`],
    ],
    [
      'fails: nobody to talk to',
      () => lost([state('n2', []), upBack], without(['routes@source'])),
      [`peerless ${request}`],
    ],
    [
      'fails: none of the sessions with route reflectors is established',
      () => lost([state('n2', [session('192.0.2.9', 'Idle'), session('192.0.2.10', 'Connect')]), upBack]),
      [{ finding: `all-down ${request}`, data: { info: 'Idle' } }],
    ],
    [
      'fails: for an IPIP pool whose tunnel device is up',
      () => lost(down(), without(['routes@source'], captures)),
      [`down ${request}`],
    ],
    [
      'fails: the only route reflector is away; the other node is told of no session with this one',
      () => changed(reflects([reflected('Connect')], [reflected()]), { nodes: [n3] }),
      [{ finding: `reflectors-down ${request}`, data: { peers: 'n3 (10.250.0.13)', info: 'Connect' } }],
    ],
    [
      'fails: both nodes have lost both route reflectors, of which one is no node',
      () => lost(['n2', 'n1'].map((node) => state(node, [reflected('Connect'), other('Idle')]))),
      [request, reply].map((which) => ({
        finding: `reflectors-down ${which}`,
        data: { peers: '10.250.0.13 and 192.0.2.9' },
      })),
    ],
    ...(
      [
        ['has lost the route reflector', [reflected('Active')], {}, 'none of its BGP sessions is established'],
        ['runs no BIRD', [], { running: false }, 'BIRD does not run there'],
        ['has no peer', [], {}, 'it has no BGP peer'],
      ] as const
    ).map(([what, sessions, of, silence]): RuleRow => [
      `fails: the other node ${what}, and tells nobody its routes`,
      () => reflects([reflected()], sessions, of),
      [{ finding: `untold ${request}`, data: { silence } }],
    ]),
    [
      'passes: the other node lacks a session that this one does not want, and has one with the route reflector',
      () => reflects([reflected()], [{ ...session('10.250.0.12', 'Active'), type: 'configured' }, reflected()]),
      'pass',
    ],
    [
      'passes: one of two route reflectors is away, and the other may bring the routes',
      () => reflects([reflected('Connect'), other()], [reflected()]),
      'pass',
    ],
    [
      'inconclusive: by connections alone it is not known that the nodes have no session with each other',
      () => reflects([session('10.250.0.13')], [session('10.250.0.13', 'Connect')], { known: 'sockets' }),
      'inconclusive',
    ],
    [
      'passes: a route reflector may bring the routes',
      () => lost([state('n2', [session('192.0.2.9')]), upBack]),
      'pass',
    ],
    ['passes: the sessions are established', () => lost(up), 'pass'],
    [
      'passes: the asked flow works, by routers that know the way',
      () => changed(lost(down()), { reachability: valueOf(healthy, 'reachability') }),
      'pass',
    ],
    [
      'inconclusive: no list of sessions, and no attempt seen',
      () => lost([state('n2', [], { known: 'sockets' }), upBack], without(['routes@source'])),
      'inconclusive',
    ],
    [
      'inconclusive: the node without the route was not read',
      () => lost([upBack], without(['routes@source'])),
      'inconclusive',
    ],
    [
      'does not apply: the other node saw the request and the reply arrived',
      () => seen('target-card', 'requests', lost(down(), without(['routes@source']))),
      'not-applicable',
    ],
    [
      "does not apply: the source's node saw the reply",
      () => seen('source-card', 'replies', lost(down(), without(['routes@target']))),
      'not-applicable',
    ],
    ['does not apply: both nodes have the routes', () => lost(down(), changed(captures, bare)), 'not-applicable'],
    [
      'does not apply: the tunnel device of an IPIP pool is down, and explains it',
      () =>
        changed(lost(down(), without(['routes@source'], captures)), {
          'links@source': valueOf(captures, 'links@source').map((link) =>
            link.name === 'tunl0' ? { ...link, flags: [] } : link,
          ),
        }),
      'not-applicable',
    ],
    [
      'does not apply: Felix leads to pods of a VXLAN pool',
      () => {
        const pools = valueOf(captures, 'pools').map((pool) => ({
          ...pool,
          spec: { ...pool.spec, ipipMode: 'Never' as const, vxlanMode: 'Always' as const },
        }));
        return changed(lost(down()), { pools });
      },
      'not-applicable',
    ],
    [
      'does not apply: Felix leads to pods of a VXLAN pool also within the subnet, which CrossSubnet leaves bare',
      () => {
        const pools = valueOf(captures, 'pools').map((pool) => ({
          ...pool,
          spec: { ...pool.spec, ipipMode: 'Never' as const, vxlanMode: 'CrossSubnet' as const },
        }));
        const states = [state('n2', [], { running: false }), state('n1', [], { running: false })];
        return changed(lost(states), { pools });
      },
      'not-applicable',
    ],
    [
      'does not apply: Felix leads to other blocks of an IPIP pool, so it is not BIRD that should lead to this one',
      () => {
        const third: Route = { ...byDefault, destination: '10.244.3.0/26', device: 'tunl0', gateway: '10.250.0.13' };
        const broken = without(['routes@source'], captures);
        const routes = [...valueOf(broken, 'routes@source'), { ...third, protocol: '80' }];
        return lost(down(), changed(broken, { 'routes@source': routes }));
      },
      'not-applicable',
    ],
    [
      'passes: of an IPIP pool BIRD need not run',
      () => lost([state('n2', [], { running: false }), upBack], without(['routes@source'], captures)),
      'pass',
    ],
    [
      'does not apply: within one node',
      () => {
        const flow = valueOf(captures, 'flow');
        return changed(lost(down()), { flow: { ...flow, source: { ...flow.source, node: 'n1' } } });
      },
      'not-applicable',
    ],
    [
      'does not apply: nobody lacks a route',
      () => blind(lost(up), ['bgp-sessions'], 'not-applicable'),
      'not-applicable',
    ],
    ...(['bgp-sessions', 'pools', 'routes@source', 'routes@target', 'links@source', 'links@target'] as const).map(
      (key): RuleRow => [`inconclusive without ${key}`, () => blind(lost(down()), [key]), 'inconclusive'],
    ),
  ],
});

test('a session that is down explains the missing routes of both nodes', async () => {
  const facts = lost(down());
  const findings = await Promise.all(
    [rule, blockRouteMissing].map(async (one) =>
      findingsOf(await evaluated(one, facts)).map((finding) => ({ rule: one, finding })),
    ),
  );
  expect(explain(findings.flat()).map(({ rule: of, cause }) => [of.id, cause?.rule.id ?? null])).toEqual([
    ['bgp-session-down', null],
    ['block-route-missing', 'bgp-session-down'],
    ['block-route-missing', 'bgp-session-down'],
  ]);
});
