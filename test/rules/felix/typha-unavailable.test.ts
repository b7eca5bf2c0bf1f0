import { observed } from '../../../src/model/evidence.ts';
import type { Typha } from '../../../src/model/typha.ts';
import { typhaUnavailable as rule } from '../../../src/rules/felix/typha-unavailable.ts';
import { blind, captured, changed, droppedBy, failing, leg, withWalk, type Facts } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const connected: Typha = {
  namespace: 'kube-system',
  name: 'calico-typha',
  wanted: 1,
  runsOn: ['n3'],
  readyOn: ['n3'],
  connections: [
    { node: 'n1', state: 'established', to: ['n3'] },
    { node: 'n2', state: 'established', to: ['n3'] },
  ],
};
/** The other one is not ready. */
const two = { wanted: 2, runsOn: ['n3', 'n4'], readyOn: ['n3'] };
const having = (of: Partial<Typha>): Facts => changed(facts, { typha: { ...connected, ...of } });
const at = (node: string, state: 'trying' | 'none', of: Partial<Typha> = {}): Facts =>
  having({
    ...of,
    connections: connected.connections.map((one) => (one.node === node ? { node, state, to: [] } : one)),
  });
const saying = (place: 'target' | 'source', given: Facts): Facts => ({
  ...given,
  [`felix-log@${place}`]: observed([
    '2026-11-23 18:11:14.910 [ERROR][9] felix/daemon.go 1: Failed to connect to Typha.',
  ]),
});
const broken = failing(facts);
/** The packet ends at an interface of n1 that Felix does not know. */
const unknownPod = withWalk(
  broken,
  droppedBy(
    leg(broken, 'target-ingress'),
    { kind: 'dispatch', name: 'cali-to-wl-dispatch' },
    { comments: ['cali:x', 'Unknown interface'] },
  ),
);
/** The packet ends where the client's node does not know its interface. */
const unknownClient = withWalk(
  broken,
  droppedBy(
    leg(broken, 'source-egress'),
    { kind: 'dispatch', name: 'cali-from-wl-dispatch' },
    { comments: ['cali:x', 'Unknown interface'] },
  ),
);
const gone = { processes: [], liveness: null, readiness: null };

testRule(rule, {
  lab: 'typha-unavailable',
  rows: [
    [
      'fails: no pod of Typha runs',
      () => at('n1', 'none', { runsOn: [], readyOn: [] }),
      [
        {
          finding: 'stopped Node n1 @n1 read',
          data: { wanted: '1' },
          lacks: ['datastore/felix:n1'],
          withholds: ['typha:n1', 'programming:n1'],
        },
      ],
    ],
    [
      'fails: it is scaled to 0, and Felix looks for it',
      () => saying('target', at('n1', 'trying', { runsOn: [], readyOn: [], wanted: 0 })),
      ['stopped Node n1 @n1 read'],
    ],
    [
      'fails: Typha runs, and Felix of the source cannot connect',
      () => saying('source', at('n2', 'trying')),
      [{ finding: 'unconnected Node n2 @n2 read', data: { places: 'n3' } }],
    ],
    [
      'fails: Typha runs and is not ready, whatever the connection',
      () => having({ readyOn: [] }),
      ['unready Node n1 @n1 read', 'unready Node n2 @n2 read'],
    ],
    [
      'fails: the same, without a connection of which Felix says nothing',
      () => having({ readyOn: [], connections: [{ node: 'n1', state: 'none', to: [] }] }),
      [{ finding: 'unready Node n1 @n1 read', data: { places: 'n3' } }],
    ],
    [
      'fails: the same, and the packet ends where Felix has not learned of the pod',
      () => ({
        ...unknownPod,
        typha: having({ readyOn: [], connections: [{ node: 'n1', state: 'established', to: ['n3'] }] }).typha,
      }),
      ['behind Node n1 @n1 read stops'],
    ],
    [
      'behind an interface that Felix has not learned of, it stops the flow',
      () => ({ ...unknownPod, typha: at('n1', 'none', { runsOn: [], readyOn: [] }).typha }),
      [{ finding: 'outdated Node n1 @n1 read stops', data: { places: 'no node' } }],
    ],
    [
      'behind an unknown interface of a pod without an endpoint, it is latent: Felix has nothing to learn of it',
      () => changed({ ...unknownPod, typha: at('n1', 'none', { runsOn: [], readyOn: [] }).typha }, { endpoint: null }),
      ['stopped Node n1 @n1 read'],
    ],
    [
      'behind an unknown interface of the client, whose endpoint the datastore has, it stops the flow',
      () => ({ ...unknownClient, typha: at('n2', 'none', { runsOn: [], readyOn: [] }).typha }),
      [{ finding: 'outdated Node n2 @n2 read stops', data: { places: 'no node' } }],
    ],
    [
      'and not where the client has none',
      () =>
        changed(
          { ...unknownClient, typha: at('n2', 'none', { runsOn: [], readyOn: [] }).typha },
          { 'source-endpoint': null },
        ),
      ['stopped Node n2 @n2 read'],
    ],
    [
      'nor is it said to stop the flow where the endpoint could not be read',
      () => blind({ ...unknownPod, typha: at('n1', 'none', { runsOn: [], readyOn: [] }).typha }, ['endpoint']),
      ['stopped Node n1 @n1 read'],
    ],
    [
      'on another node than that interface it is latent',
      () => ({ ...unknownPod, typha: at('n2', 'none', { runsOn: [], readyOn: [] }).typha }),
      ['stopped Node n2 @n2 read'],
    ],
    [
      'without walks it is true, and not said to stop the flow',
      () => blind(at('n1', 'none', { runsOn: [], readyOn: [] }), ['walks']),
      ['stopped Node n1 @n1 read'],
    ],
    ['inconclusive: no connection, and Felix does not say why', () => at('n1', 'none'), 'inconclusive'],
    [
      'inconclusive: of two Typhas, the one that feeds Felix is not ready',
      () => having({ wanted: 2, runsOn: ['n3', 'n4'], readyOn: ['n4'] }),
      'inconclusive',
    ],
    [
      'inconclusive: one of two is not ready, and which of them feeds Felix is not known',
      () => having({ ...two, connections: connected.connections.map((one) => ({ ...one, to: [] })) }),
      'inconclusive',
    ],
    ['passes: of two Typhas, the one that feeds Felix is ready', () => having(two), 'pass'],
    ['inconclusive: no node could be asked', () => having({ connections: [] }), 'inconclusive'],
    [
      'does not apply: Felix does not run there (1)',
      () => changed(at('n1', 'none', { runsOn: [], readyOn: [] }), { 'felix@target': gone }),
      'not-applicable',
    ],
    [
      'does not apply: Felix does not run there (2)',
      () => changed(at('n2', 'none', { runsOn: [], readyOn: [] }), { 'felix@source': gone }),
      'not-applicable',
    ],
    [
      'does not apply: it is scaled to 0, and nobody misses it',
      () => at('n1', 'none', { runsOn: [], readyOn: [], wanted: 0 }),
      'not-applicable',
    ],
    ['passes: both are connected', () => having({}), 'pass'],
    ['does not apply without Typha', () => blind(facts, ['typha'], 'not-applicable'), 'not-applicable'],
    ['inconclusive: Typha may not be read', () => blind(facts, ['typha'], 'api-forbidden'), 'inconclusive'],
  ],
});
