import { familyOf } from '../model/addresses.ts';
import type { Flow } from '../model/flow.ts';
import type { WayQuestion } from '../model/kernel-way.ts';
import type { NodeRuleSets } from '../model/flow-walk.ts';
import type { Link } from '../model/network.ts';
import type { Packet } from '../model/ruleset/packet.ts';
import { tunnelsOf } from '../tunnels/registry.ts';
import { packetOf } from '../ruleset/walk/packet.ts';
import { forwarded, sent, walkFlow } from '../ruleset/walk/walk-hook.ts';
import type { Stage } from '../ruleset/walk/walk-state.ts';
import { keptMark } from './kept-mark.ts';
import { askPacket, replyPacket } from './packets.ts';
import { localAddresses } from './local-addresses.ts';

/** The mark that a packet has where the kernel chooses its route; `doubt`: why that is not certain. */
export interface RoutedMark {
  readonly mark: number;
  readonly doubt: string | null;
}

/** What is known of the node, and all that its kernel is asked about the flow. */
interface MarkedNode {
  readonly links: readonly Link[];
  readonly questions: readonly WayQuestion[];
}

/**
 * Walks the packet to where the kernel chooses its route: through PREROUTING, or through OUTPUT (after which the kernel
 * chooses again where the mark is another). What answers a request has the mark that the request left with connection
 * tracking.
 */
export function routedMark(
  question: WayQuestion,
  flow: Flow,
  { ruleSets }: NodeRuleSets,
  { links, questions }: MarkedNode,
): RoutedMark {
  const { of, inInterface } = question;
  // A pod's question for its gateway does not meet the rules.
  if (of === 'source-gateway' || of === 'target-gateway') return { mark: 0, doubt: null };
  const stages =
    inInterface === null
      ? [{ hook: 'OUTPUT' as const, inInterface: null, outInterface: null }]
      : forwarded(inInterface, inInterface).slice(0, 1);
  const walkAll = (packet: Packet, through: readonly Stage[]) =>
    walkFlow(ruleSets, packet, through, { node: { localAddresses: localAddresses(links) } });
  const asked = requestOf(question, flow);
  const connmark = asked && keptMark(requestWays(question, questions).flatMap((way) => walkAll(asked, way).ends));
  const walks = packetsOf(question, flow, links).map((packet) =>
    walkAll(asked ? { ...packet, connmark } : packet, stages),
  );
  const ends = walks.flatMap((walk) => walk.ends);
  const [uncertain] = walks.flatMap(({ uncertainties }) => uncertainties);
  const marks = new Set(ends.filter(({ decision }) => decision === 'accept').map((end) => end.packet.mark));
  const [mark = 0] = marks;
  return {
    mark,
    doubt:
      marks.size > 1 || ends.some(({ decision }) => decision === 'unknown')
        ? `which mark the packet has is not certain${uncertain ? `: ${uncertain.why} (${uncertain.rule})` : ''}`
        : null,
  };
}

/** The request that the packet of the question answers, as it comes to the node; null: it answers none. */
function requestOf({ of, destination }: WayQuestion, { source, destination: to, port }: Flow): Packet | null {
  if (of !== 'reply-target-egress' && of !== 'reply-source-ingress' && of !== 'reply-same-node') return null;
  const asked = askPacket(source, to, port);
  return of === 'reply-target-egress' ? { ...asked, source: destination } : asked;
}

/** The ways of that request over the node: one for each interface by which it may have come in. */
function requestWays(
  { of, inInterface }: WayQuestion,
  questions: readonly WayQuestion[],
): readonly (readonly Stage[])[] {
  const asked = (wanted: WayQuestion['of']) => questions.filter((one) => one.of === wanted);
  if (of === 'reply-target-egress')
    return asked('target-ingress').flatMap(({ inInterface: entry }) =>
      entry === null || inInterface === null ? [] : [forwarded(entry, inInterface)],
    );
  return asked(of === 'reply-same-node' ? 'same-node' : 'source-egress').flatMap(({ inInterface: entry }) =>
    inInterface === null ? [] : [entry === null ? sent(inInterface) : forwarded(entry, inInterface)],
  );
}

/** Returns the packet of the question; for a tunnel's packet, one for each tunnel that the node has. */
function packetsOf({ of, destination, source }: WayQuestion, flow: Flow, links: readonly Link[]): readonly Packet[] {
  const asked = askPacket(flow.source, flow.destination, flow.port);
  const inner = of.startsWith('reply-') ? replyPacket(asked) : asked;
  if (of !== 'source-outer' && of !== 'reply-target-outer')
    return [{ ...inner, destination, ...(source === null ? {} : { source }) }];
  const { nodeAddress } = of === 'source-outer' ? flow.source : flow.destination;
  const there = tunnelsOf(familyOf(destination)).filter(
    ({ device }) => device !== null && links.some(({ name }) => name === device.name),
  );
  return nodeAddress === null
    ? []
    : there.map((tunnel) => packetOf(tunnel.outer(inner, { source: nodeAddress, destination })));
}
