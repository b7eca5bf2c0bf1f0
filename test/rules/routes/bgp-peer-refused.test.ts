import type { BgpState } from '../../../src/model/bgp.ts';
import { bgpPeerRefused as rule } from '../../../src/rules/routes/bgp-peer-refused.ts';
import { blind, captured, changed, valueOf } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const flow = valueOf(facts, 'flow');
const session = (address: string, info: string) => ({
  address,
  established: info.startsWith('Established'),
  type: 'mesh' as const,
  info,
});
const state = (node: string, sessions: BgpState['sessions'], known: BgpState['known'] = 'status'): BgpState => ({
  node,
  running: true,
  known,
  sessions,
});
const n3 = session('10.250.0.13', 'Established');
/** What n2 says of its session with n1, and n1 of that with n2. */
const both = (ofN2: string, ofN1: string) =>
  changed(facts, {
    'bgp-sessions': [state('n2', [session('10.250.0.11', ofN2), n3]), state('n1', [session('10.250.0.12', ofN1), n3])],
  });
const reflected = (info: string, more: BgpState['sessions'] = []) =>
  changed(facts, {
    'bgp-sessions': [state('n2', [{ ...session('10.250.0.13', info), type: 'configured' }, ...more])],
  });
const pair = 'NodePair n2→n1 @n2 read';

testRule(rule, {
  lab: 'bgp-peer-refused',
  rows: [
    [
      'fails: the AS number is another, as both say: one finding',
      () => both('Idle Received: Bad peer AS', 'Idle BGP Error: Bad peer AS'),
      [
        {
          finding: `as ${pair}`,
          data: { peer: 'n1', peerAddress: '10.250.0.11' },
          withholds: ['bgpTerms:n2/n1', 'bgpTerms:n1/n2'],
        },
      ],
    ],
    [
      'fails: only the other node says it',
      () => both('Connect', 'Idle Received: Bad peer AS'),
      ['as NodePair n1→n2 @n1 read'],
    ],
    [
      'fails: the identifier, of which calicoctl breaks the last word off',
      () => both('Idle BGP Error: Bad BGP', 'Idle'),
      [`identifier ${pair}`],
    ],
    [
      'fails: the only route reflector refuses',
      () => reflected('Idle Received: Bad peer AS: 64512'),
      [{ finding: `as ${pair}`, data: { peer: '10.250.0.13' } }],
    ],
    [
      'passes: another route reflector may bring the routes',
      () => reflected('Idle Received: Bad peer AS', [{ ...n3, address: '192.0.2.9', type: 'configured' }]),
      'pass',
    ],
    ['passes: nobody answers', () => both('Connect', 'Active Socket: Connection refused'), 'pass'],
    [
      'passes: the session ended for another reason',
      () => both('Idle BGP Error: Hold timer expired', 'Active'),
      'pass',
    ],
    ['passes: the sessions are established', () => both('Established', 'Established'), 'pass'],
    [
      'does not apply: connections alone do not tell why',
      () => changed(facts, { 'bgp-sessions': [state('n2', [session('10.250.0.11', 'Connect')], 'sockets')] }),
      'not-applicable',
    ],
    [
      'does not apply on one node',
      () =>
        changed(both('Idle Received: Bad peer AS', 'Idle'), {
          flow: { ...flow, source: { ...flow.source, node: flow.destination.node } },
        }),
      'not-applicable',
    ],
    ['inconclusive: the sessions were not read', () => blind(facts, ['bgp-sessions']), 'inconclusive'],
  ],
});
