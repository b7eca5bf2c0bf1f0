import type { Flow } from '../model/flow.ts';
import type { Leg, PacketWalk } from '../model/flow-walk.ts';
import type { Chain } from '../model/ruleset/rules.ts';
import type { KnownNames } from '../model/ruleset/owner.ts';
import type { NodeKnowledge, Packet } from '../model/ruleset/packet.ts';
import type { RuleRef, WalkResult } from '../model/ruleset/walk.ts';
import { findRule } from '../ruleset/chains/find-rule.ts';
import { standInFor } from '../ruleset/felix/profile-stand-in.ts';
import { authenticateChain } from '../ruleset/felix/rule-tags.ts';
import { delivered, sent, walkFlow } from '../ruleset/walk/walk-hook.ts';
import { changersOf, lastRule, redirectedBy, rewriterOf, wayBehind } from './rewriters.ts';
import { askPacket, ofLength, replyPacket, stateOfStray } from './packets.ts';
import { expiredBehind, routerTo } from './expired-behind.ts';
import { keptMark } from './kept-mark.ts';
import { localAddresses } from './local-addresses.ts';
import { isOnNodeNetwork } from './ends.ts';
import { outerPacket, type TunnelNode } from './outer.ts';
import { tunnelOfDevice } from '../tunnels/registry.ts';
import {
  chosenWay,
  egressWay,
  entryOf,
  leadsOn,
  leadsTo,
  outerWay,
  replyOnNode,
  returnDevice,
  returnOf,
  through,
  wayOnNode,
  type ChosenWay,
  type Entry,
  type WalkedWay,
} from './chosen-way.ts';
import type { WalkedNode } from './walked-node.ts';
import { podDevice } from './way-questions.ts';

interface WalkOptions {
  /** Of profiles and policies, to know the owners of hashed chains. */
  readonly names?: KnownNames;
  /** Bytes of a later packet of the flow, and of its answer. Not given: the packet that opens it is walked. */
  readonly length?: number;
  /** Of such a packet: it has data, and is the last for now. */
  readonly pushes?: boolean;
}

/**
 * Walks every leg of the flow for which enough was read, by the devices that the kernels choose. Legs behind one that
 * ends the packet are walked too. If the kernel leads the packet elsewhere than to the pod, no reply is walked.
 */
export function walkLegs(
  flow: Flow,
  target: WalkedNode,
  source: WalkedNode | null,
  { names, length, pushes }: WalkOptions = {},
): readonly PacketWalk[] {
  const { source: from, destination: to, port } = flow;
  const sized = (packet: Packet) => (length === undefined ? packet : ofLength(packet, length, pushes));
  const ask = sized(askPacket(from, to, port));
  const walk: WalkLeg = (leg, node, packet, way, asking) => walkOne({ leg, node, packet, way, names, asking });
  if (from.node === to.node) {
    const there = walk('same-node', target, ask, wayOnNode(flow, target));
    const back = replyOnNode(flow, target);
    return back ? [there, walk('reply-same-node', target, sized(replyPacket(ask)), back, there)] : [there];
  }
  const egress = source ? egressWay(flow, source) : null;
  if (to.node === null) return source && egress ? outwardLegs(flow, source, ask, egress, walk) : [];
  const left = source && egress ? sourceLegs(flow, { source, target }, ask, egress, walk) : [];
  const fromSource = left.map((one) =>
    source && one.leg === 'source-egress' ? expiredBehind(one, source, isOnNodeNetwork(to) ? null : to.node) : one,
  );
  const card = from.nodeAddress ? outerWay(target, 'reply-target-outer', from.nodeAddress).device : null;
  const { device: into, doubt: entryDoubt } = entryOf(flow, target, egress, card);
  if (!into) return fromSource;
  // The source node may have changed what arrives.
  const leaving = left.find(({ leg, result }) => leg === 'source-egress' && result.decision === 'accept');
  const arrived = leaving?.result.packet;
  const isSpent = fromSource.some(({ expiresOn }) => expiresOn !== undefined);
  const asked: Packet = arrived
    ? { ...ask, source: arrived.source, destination: arrived.destination, ttl: isSpent ? null : arrived.ttl }
    : ask;
  const legs: PacketWalk[] = [...fromSource];
  const [asker, answerer]: readonly [TunnelNode, TunnelNode] = [
    { end: from, read: source },
    { end: to, read: target },
  ];
  const outer = outerPacket(into, asked, asker, answerer);
  const arrival = outer && outerWay(target, 'reply-target-outer', outer.source).device;
  if (outer && arrival) legs.push(walk('target-outer', target, outer, { stages: delivered(arrival), doubt: null }));
  const inside = isOnNodeNetwork(to)
    ? null
    : chosenWay(target, { of: 'target-ingress', destination: to.address, inInterface: into });
  const inward = inside ? through(into, inside, entryDoubt) : { stages: delivered(into), doubt: null, entryDoubt };
  const ingress = walk('target-ingress', target, asked, inward);
  const before =
    leaving && leaving.packet.source !== asked.source
      ? walk('target-ingress', target, { ...asked, source: leaving.packet.source }, inward)
      : null;
  legs.push(
    leaving && source && before
      ? {
          ...ingress,
          rewritten: {
            asked: before.packet.source,
            now: asked.source,
            by: rewriterOf(leaving.result, source),
            decisionAsAsked: before.result.decision,
          },
        }
      : ingress,
  );
  if (!leadsOn(egress) || (inside && !leadsTo(inside, to, target))) return legs;
  const reply = sized(replyPacket(asked));
  const outward = chosenWay(target, { of: 'reply-target-egress', destination: asked.source });
  const pod = inside && (podDevice(to, target) ?? inside.device ?? to.interface);
  // If only a guess leads the packet to the pod, there may be no reply.
  const outwardWay = pod
    ? through(pod, outward, inside?.guess)
    : { stages: sent(outward.device ?? into), doubt: outward.doubt };
  const answered = walk('reply-target-egress', target, reply, outwardWay, ingress);
  const replied = expiredBehind(answered, target, isOnNodeNetwork(from) ? null : from.node);
  legs.push(replied);
  const around = outerPacket(outward.device ?? into, reply, answerer, asker);
  if (around) legs.push(...outerLeg('reply-target-outer', target, around, walk));
  const { device: back, doubt: returnDoubt } = source ? returnOf(flow, source, outward, egress) : nowhere;
  if (!source || !back) return legs;
  const arriving = around && outerWay(source, 'source-outer', around.source).device;
  if (around && arriving)
    legs.push(walk('reply-source-outer', source, around, { stages: delivered(arriving), doubt: null }));
  const home = isOnNodeNetwork(from)
    ? null
    : chosenWay(source, { of: 'reply-source-ingress', destination: from.address, inInterface: back });
  const way = home
    ? through(back, home, returnDoubt)
    : { stages: delivered(back), doubt: null, entryDoubt: returnDoubt };
  const asking = fromSource.find(({ leg }) => leg === 'source-egress');
  const ttl = replied.expiresOn === undefined ? answered.result.packet.ttl : null;
  legs.push(walk('reply-source-ingress', source, { ...reply, ttl }, way, asking));
  return legs;
}

const nowhere: Entry = { device: null, doubt: null };

/**
 * Walks a flow that leaves the cluster. Its answer comes in by the interface by which it left, and connection tracking
 * gives it the pod's address again.
 */
function outwardLegs(
  flow: Flow,
  source: WalkedNode,
  ask: Packet,
  egress: ChosenWay,
  walk: WalkLeg,
): readonly PacketWalk[] {
  const there = sourceLegs(flow, { source, target: source }, ask, egress, walk).map((one) =>
    one.leg === 'source-egress' ? expiredBehind(one, source, routerTo(flow, source)) : one,
  );
  const entry = egress.device;
  if (entry === null || isOnNodeNetwork(flow.source)) return there;
  const { address: destination } = flow.source;
  const home = chosenWay(source, { of: 'reply-source-ingress', destination, inInterface: entry });
  const asking = there.find(({ leg }) => leg === 'source-egress');
  return [...there, walk('reply-source-ingress', source, replyPacket(ask), through(entry, home), asking)];
}

/** A tunnel's packet as its node sends it. */
function outerLeg(
  leg: 'source-outer' | 'reply-target-outer',
  node: WalkedNode,
  outer: Packet,
  walk: WalkLeg,
): readonly PacketWalk[] {
  const { device, doubt } = outerWay(node, leg, outer.destination);
  return device ? [walk(leg, node, outer, { stages: sent(device), doubt })] : [];
}

/** @param asking the walk on the same node of the packet that this one answers */
type WalkLeg = (leg: Leg, node: WalkedNode, packet: Packet, way: WalkedWay, asking?: PacketWalk) => PacketWalk;

function sourceLegs(
  { source: from, destination: to }: Flow,
  { source, target }: Readonly<Record<'source' | 'target', WalkedNode>>,
  ask: Packet,
  egress: ChosenWay,
  walk: WalkLeg,
): readonly PacketWalk[] {
  const { device: out } = egress;
  const pod = isOnNodeNetwork(from) ? null : (podDevice(from, source) ?? from.interface);
  if (!pod && out === null) return [];
  const tunnelAddress = source.links.find((link) => link.name === out)?.addresses[0]?.address;
  const packet: Packet =
    !pod && tunnelOfDevice(out).device !== null && tunnelAddress ? { ...ask, source: tunnelAddress } : ask;
  const way = pod ? through(pod, egress) : { stages: sent(out ?? ''), doubt: egress.doubt };
  const egressLeg = walk('source-egress', source, packet, way);
  const outer = out && outerPacket(out, packet, { end: from, read: source }, { end: to, read: target });
  return outer ? [egressLeg, ...outerLeg('source-outer', source, outer, walk)] : [egressLeg];
}

function walkOne({
  leg,
  node,
  packet: tracked,
  way: { stages, doubt, entryDoubt = null },
  names,
  asking,
}: {
  readonly leg: Leg;
  readonly node: WalkedNode;
  readonly packet: Packet;
  readonly way: WalkedWay;
  readonly names: KnownNames | undefined;
  readonly asking: PacketWalk | undefined;
}): PacketWalk {
  const known = asking ? { ...tracked, connmark: keptMark(asking.result.ends) } : tracked;
  const packet = asking?.result.untracked ? { ...known, ctState: stateOfStray(known) } : known;
  const entry = stages.find((stage) => stage.inInterface)?.inInterface ?? null;
  const back = entry === null || entry === 'lo' ? undefined : returnDevice(node, packet.source);
  const ofNode: Partial<NodeKnowledge> = {
    localAddresses: localAddresses(node.links),
    reversePath: back === undefined || back === null ? null : back === entry ? 'valid' : 'invalid',
  };
  const result = walkFlow(node.rulesets.ruleSets, packet, stages, { node: ofNode, ...(names ? { names } : {}) });
  const untracking = untrackingRule(node, asking, result);
  const notTracked =
    untracking === null || result.decision === 'accept'
      ? null
      : {
          rule: untracking,
          decisionIfTracked: walkFlow(node.rulesets.ruleSets, known, stages, { node: { ...ofNode, tracksAll: true } })
            .decision,
        };
  const redirected = redirectedBy(packet, result, node);
  const deciding = result.markedBy ?? result.rule;
  const found = deciding && findRule(node.rulesets.ruleSets, deciding);
  return {
    leg,
    node: node.rulesets.node,
    packet,
    hook: result.path.at(-1)?.hook ?? stages.at(-1)?.hook ?? 'FORWARD',
    result,
    authenticity: deciding && found ? authenticateChain(deciding.backend, deciding.table, found.chain) : null,
    standInForProfile:
      found && result.owner?.kind === 'profile' && standInFor(found.chain, result.owner.name)
        ? result.owner.name
        : null,
    rewritten: null,
    wayDoubt: doubt ?? wayBehind(redirected, packet),
    ...(entryDoubt === null ? {} : { entryDoubt }),
    ...(notTracked ? { notTracked } : {}),
    ...(redirected ? { redirected } : {}),
    ...changersOf(packet, result, node, asking),
    shown: result.rule
      ? shownRules(findRule(node.rulesets.ruleSets, result.rule)?.chain ?? null, result.rule, result.markedBy)
      : [],
    branch: result.path,
  };
}

/** The rule that took the packet, or the one that it answers, out of connection tracking. */
function untrackingRule(node: WalkedNode, asking: PacketWalk | undefined, own: WalkResult): RuleRef | null {
  for (const result of [own, ...(asking ? [asking.result] : [])]) {
    const rule = result.untracked ? lastRule(result, node, (kind) => kind === 'notrack') : null;
    if (rule) return rule;
  }
  return null;
}

/** How many rules before the ending one, and after it, are shown. */
const around = 3;

/**
 * Returns the ending rule with its neighbours, each with its counters as a save prints them, and the rule that set its
 * mark.
 */
function shownRules(chain: Chain | null, ending: RuleRef, marking: RuleRef | null): readonly string[] {
  const far =
    marking && marking !== ending && marking.chain !== ending.chain
      ? [`marked by ${marking.table} ${marking.chain}: ${marking.text}`]
      : [];
  if (!chain || ending.index === 0)
    return [
      `${ending.table} ${ending.chain}: ${ending.index === 0 ? `policy ${chain?.base?.policy ?? ''}` : ending.text}`,
      ...far,
    ];
  const shown = chain.rules
    .filter((rule) => Math.abs(rule.index - ending.index) <= around)
    .map(({ counters, text, index }) => {
      const before = counters ? `[${counters.packets}:${counters.bytes}] ` : '';
      return `${before}${text}${index === ending.index ? '   ← ends the packet' : ''}`;
    });
  return [...shown, ...far];
}
