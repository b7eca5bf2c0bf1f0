import { addressRange, rangeHolds } from '../../model/addresses.ts';
import type { FlowEnd } from '../../model/flow.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type RawFinding } from '../../model/rule.ts';
import { wireguardDevice, type Wireguard, type WireguardPeer } from '../../model/wireguard.ts';

/** After that, WireGuard takes no packet under the old keys. Source: the WireGuard paper, REJECT_AFTER_TIME. */
const longestSeconds = 180;

type Message = 'down' | 'addressless' | 'silent' | 'never';

export const wireguardTunnelBroken = defineRule({
  id: 'wireguard-tunnel-broken',
  description:
    'WireGuard must encrypt the flow, but its interface is down or without an address, or the peer does not answer.',
  step: 'underlay',
  sharedBy: 'both-nodes',
  requires: ['flow', 'wireguard'],
  considers: ['denials'],
  advice: {
    who: 'the cloud network team',
    commands: [
      'aws ec2 authorize-security-group-ingress --group-id GROUP --protocol udp --port 51820 --source-group ' +
        'GROUP   # GROUP: the security group of the nodes; or the same rule of another firewall',
      `wg show ${wireguardDevice}   # on {node} and on {peer}: do "latest handshake" and "received" move?`,
      'kubectl get node {peer} -o yaml | grep -i wireguard   # its public key must be that of a peer on {node}',
    ],
  },
  messages: {
    down: {
      title: `${wireguardDevice} is down on {node}`,
      detail: 'Calico encrypts packets to {address} by WireGuard. Without the interface, {node} sends none to {peer}.',
    },
    addressless: {
      title: `${wireguardDevice} on {node} has no address`,
      detail:
        'Calico encrypts packets to {address} by WireGuard. Without an address on the interface, {node} has no route ' +
        'for the answers of {peer}.',
    },
    silent: {
      title: 'WireGuard on {node} gets no answer from {peer}',
      detail:
        'The last handshake with {endpoint} was {ago} seconds ago, and a new one is due after 120. Packets to ' +
        '{address} are encrypted for {peer} and dropped. UDP port 51820 between the nodes may be closed.',
    },
    never: {
      title: 'WireGuard on {node} never agreed with {peer}',
      detail:
        'There was no handshake with {endpoint}. Packets to {address} are encrypted for {peer} and dropped. UDP port ' +
        '51820 between the nodes may be closed, or {peer} does not know the key of {node}.',
    },
  },
  judge({ flow, wireguard }, { denials }, evidence) {
    // Handshakes come with packets: where none came to WireGuard, an old one is no sign.
    const isUnsent =
      denials.status === 'observed' &&
      denials.value.denied.some(({ stopsFlow, leg }) => stopsFlow && leg === 'source-egress');
    const { source, destination } = flow;
    const ways: readonly (readonly [FlowEnd, FlowEnd])[] = [
      [source, destination],
      [destination, source],
    ];
    const encrypted = ways.flatMap(([from, to]) => {
      const own = wireguard.find(({ node }) => node === from.node);
      const peer = own?.peers.find(({ allowed }) => allowed.some((network) => holds(network, to.address)));
      return own && peer && from.node !== null && to.node !== null ? [{ own, peer, node: from.node, to }] : [];
    });
    if (encrypted.length === 0) return notApplicable('no peer of WireGuard has the addresses of the flow');
    const findings = encrypted.flatMap(({ own, peer, node, to }): RawFinding<Message>[] => {
      const message = troubleOf(own, peer);
      if (!message || (isUnsent && isOfHandshake(message))) return [];
      return [
        {
          message,
          data: {
            node,
            peer: to.node ?? '?',
            address: to.address,
            endpoint: peer.endpoint ?? 'an address that is not known',
            ago: String(peer.handshakeSeconds ?? ''),
          },
          subject: { kind: 'NodePair', name: `${node}→${to.node}` },
          node,
          proof: 'read',
          evidence: evidence('wireguard').filter((one) => one.node === node),
          stopsFlow: true,
        },
      ];
    });
    if (findings.length > 0) return fail(...findings);
    return isUnsent
      ? inconclusive('no test packet came to WireGuard, which agrees on keys only for packets')
      : pass('WireGuard agreed on keys between the nodes a short time ago');
  },
});

function isOfHandshake(message: Message): boolean {
  return message === 'silent' || message === 'never';
}

function holds(network: string, address: string): boolean {
  const range = addressRange(network);
  return range !== null && rangeHolds(range, address);
}

function troubleOf({ state }: Wireguard, { handshakeSeconds }: WireguardPeer): Message | null {
  if (state !== 'up') return state;
  if (handshakeSeconds === null) return 'never';
  return handshakeSeconds > longestSeconds ? 'silent' : null;
}
