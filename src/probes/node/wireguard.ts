import { dateSeconds } from '../../commands/date.ts';
import { wgAllowedIps, wgEndpoints, wgHandshakes } from '../../commands/wg.ts';
import { observed, type Evidence, type Fact } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { isCrossNode } from '../../model/flow-place.ts';
import { LookError } from '../../model/look-error.ts';
import type { Link } from '../../model/network.ts';
import { defineClusterProbe, type NodeLook } from '../../model/probe.ts';
import { wireguardDevice, type Wireguard } from '../../model/wireguard.ts';
import { outputOf } from '../lib/evidence.ts';
import { refuseIpv6 } from '../lib/ipv4-alone.ts';
import { parseWireguardPeers } from '../parse/wireguard.ts';

const commands = [wgHandshakes, wgAllowedIps, wgEndpoints, dateSeconds] as const;

export const wireguard = defineClusterProbe({
  id: 'wireguard',
  description:
    "Calico's WireGuard on the nodes of a flow that fails: its interface, and its peers without their secrets.",
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands,
  moment: 'later',
  needs: ['flow'],
  uses: ['links@target', 'links@source', 'tried-outcome'],
  runsOn: ['target', 'source'],
  provides: ['wireguard'],
  async read(look, facts) {
    const [target, source, outcome] = await Promise.all([
      facts.ask('links@target'),
      facts.ask('links@source'),
      facts.ask('tried-outcome'),
    ]);
    const flow = facts.get('flow');
    const devices = [deviceOf('target', target), deviceOf('source', source)].filter((one) => one !== null);
    if (!isCrossNode(flow) || devices.length === 0)
      throw new LookError('not-applicable', 'the nodes of the flow encrypt nothing for each other');
    if (outcome.status !== 'observed' || outcome.value.judgedPort !== 'fails')
      throw new LookError('not-applicable', 'no test packet was lost');
    refuseIpv6(flow, { what: 'peers of WireGuard', next: 'On both nodes, run wg show wg-v6.cali' });
    const read = await Promise.all(devices.map(({ place, link }) => readNode(look.on(place), link)));
    return {
      wireguard: observed(
        read.map(({ value }) => value),
        read.flatMap(({ evidence }) => evidence),
      ),
    };
  },
});

function deviceOf(place: 'target' | 'source', links: Fact<readonly Link[]>) {
  const link = links.status === 'observed' ? links.value.find(({ name }) => name === wireguardDevice) : undefined;
  return link ? { place, link } : null;
}

async function readNode(
  node: NodeLook<(typeof commands)[number]['id']>,
  link: Link,
): Promise<{ readonly value: Wireguard; readonly evidence: readonly Evidence[] }> {
  const [handshakes, allowed, endpoints, clock] = await Promise.all([
    node.run(wgHandshakes),
    node.run(wgAllowedIps),
    node.run(wgEndpoints),
    // The times of handshakes are of the node's clock, which may differ from that of the bot.
    node.run(dateSeconds),
  ]);
  const [now] = /^\d{9,11}$/m.exec(outputOf(clock)) ?? [];
  if (now === undefined) throw new LookError('not-parsed', `${clock.command} on ${node.node} printed no time`);
  return {
    value: {
      node: node.node,
      state: !link.flags.includes('UP') ? 'down' : link.addresses.length === 0 ? 'addressless' : 'up',
      peers: parseWireguardPeers(outputOf(handshakes), outputOf(allowed), outputOf(endpoints), Number(now)),
    },
    evidence: [handshakes, allowed, endpoints].map((transcript) => evidenceOf(transcript)),
  };
}
