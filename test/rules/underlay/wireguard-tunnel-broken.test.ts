import type { Wireguard, WireguardPeer } from '../../../src/model/wireguard.ts';
import { wireguardTunnelBroken as rule } from '../../../src/rules/underlay/wireguard-tunnel-broken.ts';
import {
  blind,
  captured,
  changed,
  droppedBy,
  failing,
  leg,
  valueOf,
  withWalk,
  type Facts,
} from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const { source, destination } = valueOf(facts, 'flow');
const peer = (of: Partial<WireguardPeer>): WireguardPeer => ({
  key: 'a key',
  endpoint: '198.51.100.2:51820',
  allowed: [],
  handshakeSeconds: 20,
  ...of,
});
const having = (of: Partial<WireguardPeer> = {}, state: Wireguard['state'] = 'up'): Facts =>
  changed(facts, {
    wireguard: [
      { node: 'n1', state: 'up', peers: [peer({ allowed: [`${source.address}/32`] })] },
      { node: 'n2', state, peers: [peer({ key: 'other' }), peer({ allowed: [`${destination.address}/26`], ...of })] },
    ],
  });
const found = (message: string) => `${message} NodePair n2→n1 @n2 read stops`;

testRule(rule, {
  lab: { none: "the lab's kernel has no WireGuard" },
  rows: [
    ['fails: the interface is down', () => having({}, 'down'), [found('down')]],
    ['fails: it has no address', () => having({}, 'addressless'), [found('addressless')]],
    [
      'fails: there was no handshake',
      () => having({ handshakeSeconds: null, endpoint: null }),
      [{ finding: found('never'), data: { endpoint: 'an address that is not known', peer: 'n1' } }],
    ],
    [
      'fails: the last handshake is too old, after packets were sent',
      () => having({ handshakeSeconds: 181 }),
      [{ finding: found('silent'), data: { ago: '181', endpoint: '198.51.100.2:51820' } }],
    ],
    [
      'inconclusive: a policy of the sender ends the packets, so nothing asked for a handshake',
      () => {
        const given = failing(having({ handshakeSeconds: null }));
        const dropped = droppedBy(leg(given, 'source-egress'), { kind: 'policy', name: 'p', direction: 'egress' });
        return withWalk(given, dropped);
      },
      'inconclusive',
    ],
    ['passes: a handshake a short time ago', () => having({ handshakeSeconds: 180 }), 'pass'],
    [
      'does not apply: no peer has the addresses, so nothing is encrypted',
      () => changed(facts, { wireguard: [{ node: 'n2', state: 'down', peers: [peer({})] }] }),
      'not-applicable',
    ],
    ['does not apply without WireGuard', () => blind(facts, ['wireguard'], 'not-applicable'), 'not-applicable'],
    ['inconclusive: it cannot be asked', () => blind(facts, ['wireguard'], 'tool-missing'), 'inconclusive'],
  ],
});
