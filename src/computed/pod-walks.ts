import { observed, type Fact, type Unavailable } from '../model/evidence.ts';
import { defineComputed } from '../model/computed.ts';
import { isDenied } from '../model/denied-walk.ts';
import type { NodeRuleSets, PodWalk } from '../model/flow-walk.ts';
import type { PodNetwork } from '../model/network.ts';
import type { Packet } from '../model/ruleset/packet.ts';
import { protocols } from '../model/protocols.ts';
import { localAddresses } from '../flow-walks/local-addresses.ts';
import { askPacket, ofLength, packetsBehindHandshake, replyPacket, stateOfStray } from '../flow-walks/packets.ts';
import { delivered, sent, walkFlow } from '../ruleset/walk/walk-hook.ts';

export const podWalks = defineComputed({
  id: 'pod-walks',
  description: "The asked packet and its answer walked through the packet filters in the pods' own namespaces.",
  essential: false,
  needs: ['flow'],
  considers: ['pod-network', 'pod-rulesets', 'source-pod-network', 'source-pod-rulesets'],
  async compute(facts) {
    const { source, destination, port } = facts.get('flow');
    const [network, rulesets, sourceNetwork, sourceRulesets] = await Promise.all([
      facts.ask('pod-network'),
      facts.ask('pod-rulesets'),
      facts.ask('source-pod-network'),
      facts.ask('source-pod-rulesets'),
    ]);
    const ask = askPacket(source, destination, port);
    const ends = [
      walksOf('source', sourceNetwork, sourceRulesets, ask),
      walksOf('destination', network, rulesets, ask),
    ];
    return observed(
      {
        walks: ends.flatMap(({ walks }) => walks),
        later: ends.flatMap(({ later }) => later),
        unread: ends.flatMap(({ unread }) => unread),
      },
      [sourceRulesets, rulesets].flatMap(({ evidence }) => evidence),
    );
  },
});

interface EndWalks {
  readonly walks: readonly PodWalk[];
  readonly later: readonly PodWalk[];
  readonly unread: readonly { readonly end: PodWalk['end']; readonly why: string }[];
}

/** A hostNetwork pod has no network namespace of its own: there is nothing to read, and nothing is missing. */
function notWalked(end: PodWalk['end'], { code, reason }: Unavailable): EndWalks {
  return { walks: [], later: [], unread: code === 'not-applicable' ? [] : [{ end, why: reason }] };
}

function walksOf(end: PodWalk['end'], network: Fact<PodNetwork>, rulesets: Fact<NodeRuleSets>, ask: Packet): EndWalks {
  if (network.status === 'unavailable') return notWalked(end, network);
  if (rulesets.status === 'unavailable') return notWalked(end, rulesets);
  const device = network.value.ownInterface;
  if (device === null) return { walks: [], later: [], unread: [{ end, why: 'the interface of the pod is not known' }] };
  const walk = (packet: PodWalk['packet'], asked: Packet): PodWalk => {
    const comesIn = (packet === 'request') === (end === 'destination');
    return {
      end,
      packet,
      asked,
      result: walkFlow(rulesets.value.ruleSets, asked, comesIn ? delivered(device) : sent(device), {
        node: { localAddresses: localAddresses(network.value.links) },
      }),
    };
  };
  const request = walk('request', ask);
  const answer = replyPacket(ask);
  // Connection tracking does not know what answers a request that a rule hides from it.
  const stray = request.result.untracked ? { ...answer, ctState: stateOfStray(answer) } : answer;
  const walks = [request, walk('answer', stray)];
  return { walks, later: walks.flatMap((handshake) => laterOf(handshake, walk)), unread: [] };
}

/** What follows a handshake that passes, and is led nowhere else, where a rule ends it. */
function laterOf(
  { packet, asked, result }: PodWalk,
  walk: (packet: PodWalk['packet'], asked: Packet) => PodWalk,
): readonly PodWalk[] {
  const { destination, destinationPort } = result.packet ?? asked;
  const isLedElsewhere = destination !== asked.destination || destinationPort !== asked.destinationPort;
  if (asked.protocol !== protocols.tcp || result.decision !== 'accept' || isLedElsewhere) return [];
  return packetsBehindHandshake
    .map(({ length, pushes }) => walk(packet, ofLength(asked, length, pushes)))
    .filter(isDenied);
}
