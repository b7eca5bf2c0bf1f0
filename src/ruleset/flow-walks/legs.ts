import type { Flow, FlowEnd } from '../../model/facts.ts';
import type { Leg, NodeRuleSets, PacketWalk } from '../../model/flow-walk.ts';
import type { Link, Route } from '../../model/network.ts';
import type { Chain } from '../../model/ruleset/rules.ts';
import type { KnownNames } from '../../model/ruleset/owner.ts';
import type { CtState, NodeKnowledge, Packet } from '../../model/ruleset/packet.ts';
import { protocols } from '../../model/protocols.ts';
import type { RuleRef, WalkResult } from '../../model/ruleset/walk.ts';
import { findRule } from '../chains/find-rule.ts';
import { standInFor } from '../felix/profile-stand-in.ts';
import { authenticateChain } from '../felix/rule-tags.ts';
import { delivered, forwarded, sent, walkFlow } from '../walk/walk-hook.ts';
import type { Stage } from '../walk/walk-state.ts';
import { askPacket, replyPacket } from './packets.ts';
import { localAddresses } from './local-addresses.ts';
import { isOnNodeNetwork } from './ends.ts';
import { outerPacket, type TunnelNode } from './outer.ts';
import { deviceTo } from '../../model/routes.ts';
import { tunnelOfDevice } from '../../tunnels/registry.ts';

export interface WalkedNode {
  readonly rulesets: NodeRuleSets;
  readonly routes: readonly Route[];
  readonly links: readonly Link[];
}

/**
 * Every leg of the flow that can be walked with what was read. Legs after one that ends the packet are walked too.
 * @param names of profiles and policies, to know the owners of hashed chains
 */
export function walkLegs(
  flow: Flow,
  target: WalkedNode,
  source: WalkedNode | null,
  names?: KnownNames,
): readonly PacketWalk[] {
  const { source: from, destination: to, port } = flow;
  const ask = askPacket(from, to, port);
  const walk: WalkLeg = (leg, node, packet, stages, asking) => walkOne({ leg, node, packet, stages, names, asking });
  const toPod = isOnNodeNetwork(to) ? null : (deviceTo(target.routes, to.address) ?? to.interface);
  if (!toPod && !isOnNodeNetwork(to)) return [];
  if (from.node === to.node) {
    const there = walk('same-node', target, ask, sameNodeStages(from, target, toPod));
    const back = sameNodeReplyStages(from, target, toPod);
    return back ? [there, walk('reply-same-node', target, replyPacket(ask), back, there)] : [there];
  }
  const fromSource = source ? sourceLegs(flow, { source, target }, ask, walk) : [];
  const card = from.nodeAddress ? deviceTo(target.routes, from.nodeAddress) : null;
  // What the node itself is asked for comes in as its peer's card sends it, never out of a tunnel.
  const into = toPod === null && card ? card : deviceTo(target.routes, from.address);
  if (!into) return fromSource;
  // What arrives is what the source node let out: addresses may have been rewritten there.
  const left = fromSource.find(({ leg, result }) => leg === 'source-egress' && result.decision === 'accept');
  const arrived = left?.result.packet;
  const asked: Packet = arrived ? { ...ask, source: arrived.source, destination: arrived.destination } : ask;
  const legs: PacketWalk[] = [...fromSource];
  const [asker, answerer]: readonly [TunnelNode, TunnelNode] = [
    { end: from, read: source },
    { end: to, read: target },
  ];
  const outer = outerPacket(into, asked, asker, answerer);
  const inward = outer && deviceTo(target.routes, outer.source);
  if (outer && inward) legs.push(walk('target-outer', target, outer, delivered(inward)));
  const inside = toPod ? forwarded(into, toPod) : delivered(into);
  const ingress = walk('target-ingress', target, asked, inside);
  const before =
    left && left.packet.source !== asked.source
      ? walk('target-ingress', target, { ...asked, source: left.packet.source }, inside)
      : null;
  legs.push(
    left && source && before
      ? {
          ...ingress,
          rewritten: {
            asked: before.packet.source,
            now: asked.source,
            by: rewriterOf(left, source),
            decisionAsAsked: before.result.decision,
          },
        }
      : ingress,
  );
  const reply = replyPacket(asked);
  const outward = deviceTo(target.routes, asked.source) ?? into;
  legs.push(walk('reply-target-egress', target, reply, toPod ? forwarded(toPod, into) : sent(outward), ingress));
  const around = outerPacket(outward, reply, answerer, asker);
  const leaving = around && deviceTo(target.routes, around.destination);
  if (around && leaving) legs.push(walk('reply-target-outer', target, around, sent(leaving)));
  const back = source && deviceTo(source.routes, to.address);
  if (!source || !back) return legs;
  const arriving = around && deviceTo(source.routes, around.source);
  if (around && arriving) legs.push(walk('reply-source-outer', source, around, delivered(arriving)));
  const end = podDevice(from, source);
  const egress = fromSource.find(({ leg }) => leg === 'source-egress');
  legs.push(walk('reply-source-ingress', source, reply, end ? forwarded(back, end) : delivered(back), egress));
  return legs;
}

function sameNodeStages(from: FlowEnd, node: WalkedNode, toPod: string | null): readonly Stage[] {
  const fromPod = podDevice(from, node);
  if (toPod) return fromPod ? forwarded(fromPod, toPod) : sent(toPod);
  return fromPod ? delivered(fromPod) : [...sent('lo'), ...delivered('lo')];
}

/** null: the node talks to itself. */
function sameNodeReplyStages(from: FlowEnd, node: WalkedNode, toPod: string | null): readonly Stage[] | null {
  const fromPod = podDevice(from, node);
  if (toPod) return fromPod ? forwarded(toPod, fromPod) : delivered(toPod);
  return fromPod ? sent(fromPod) : null;
}

/** The interface that leads to a pod of this node; null for what shares the node's own network. */
function podDevice(end: FlowEnd, node: WalkedNode): string | null {
  return isOnNodeNetwork(end) ? null : (deviceTo(node.routes, end.address) ?? end.interface);
}

/** The last rule of the way that gives packets another source address. */
function rewriterOf({ result }: PacketWalk, { rulesets }: WalkedNode): string | null {
  for (const step of result.trail.toReversed()) {
    const rule = findRule(rulesets.ruleSets, step)?.rule;
    if (rule?.actions.some(({ kind }) => kind === 'masquerade' || kind === 'snat' || kind === 'netmap'))
      return `${step.table} ${step.chain}: ${rule.text}`;
  }
  return null;
}

/** @param asking the walk on the same node of the packet that this one answers */
type WalkLeg = (
  leg: Leg,
  node: WalkedNode,
  packet: Packet,
  stages: readonly Stage[],
  asking?: PacketWalk,
) => PacketWalk;

function sourceLegs(
  { source: from, destination: to }: Flow,
  { source, target }: Readonly<Record<'source' | 'target', WalkedNode>>,
  ask: Packet,
  walk: WalkLeg,
): readonly PacketWalk[] {
  const out = deviceTo(source.routes, to.address);
  if (!out) return [];
  const end = podDevice(from, source);
  const tunnelAddress = source.links.find((link) => link.name === out)?.addresses[0]?.address;
  const packet: Packet =
    isOnNodeNetwork(from) && tunnelOfDevice(out).device !== null && tunnelAddress
      ? { ...ask, source: tunnelAddress }
      : ask;
  const legs = [walk('source-egress', source, packet, end ? forwarded(end, out) : sent(out))];
  const outer = outerPacket(out, packet, { end: from, read: source }, { end: to, read: target });
  const card = outer && deviceTo(source.routes, outer.destination);
  if (outer && card) legs.push(walk('source-outer', source, outer, sent(card)));
  return legs;
}

function walkOne({
  leg,
  node,
  packet: tracked,
  stages,
  names,
  asking,
}: {
  readonly leg: Leg;
  readonly node: WalkedNode;
  readonly packet: Packet;
  readonly stages: readonly Stage[];
  readonly names: KnownNames | undefined;
  readonly asking: PacketWalk | undefined;
}): PacketWalk {
  const packet = asking?.result.untracked ? { ...tracked, ctState: stateOfStray(tracked) } : tracked;
  const entry = stages.find((stage) => stage.inInterface)?.inInterface ?? null;
  const back = entry === null || entry === 'lo' ? null : deviceTo(node.routes, packet.source);
  const known: Partial<NodeKnowledge> = {
    localAddresses: localAddresses(node.links),
    reversePath: entry === null || back === null ? null : back === entry ? 'valid' : 'invalid',
  };
  const result = walkFlow(node.rulesets.ruleSets, packet, stages, { node: known, ...(names ? { names } : {}) });
  const untracking = untrackingRule(node, asking, result);
  const notTracked =
    untracking === null || result.decision === 'accept'
      ? null
      : {
          rule: untracking,
          decisionIfTracked: walkFlow(node.rulesets.ruleSets, tracked, stages, { node: { ...known, tracksAll: true } })
            .decision,
        };
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
    ...(notTracked ? { notTracked } : {}),
    shown: result.rule
      ? shownRules(findRule(node.rulesets.ruleSets, result.rule)?.chain ?? null, result.rule, result.markedBy)
      : [],
    branch: result.path,
  };
}

/**
 * What conntrack makes of an answer to a packet that it did not see: TCP's second segment and ICMP's reply open nothing
 * (nf_conntrack_proto_tcp.c, nf_conntrack_proto_icmp.c).
 */
function stateOfStray({ protocol }: Packet): CtState {
  return protocol === protocols.tcp || protocol === protocols.icmp ? 'INVALID' : 'NEW';
}

/** The rule that took the packet, or the one that it answers, out of connection tracking. */
function untrackingRule({ rulesets }: WalkedNode, asking: PacketWalk | undefined, own: WalkResult): RuleRef | null {
  for (const result of [own, ...(asking ? [asking.result] : [])]) {
    if (!result.untracked) continue;
    for (const step of result.trail.toReversed()) {
      const rule = findRule(rulesets.ruleSets, step)?.rule;
      if (rule?.actions.some(({ kind }) => kind === 'notrack'))
        return { ...step, text: rule.text, comments: rule.comments, tag: rule.tag };
    }
  }
  return null;
}

/** How many rules before the ending one, and after it, are shown. */
const around = 3;

/** The ending rule with its neighbours, counters before each as a save prints them; the rule that set its mark is told too. */
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
    .map(
      (rule) =>
        `${rule.counters ? `[${rule.counters.packets}:${rule.counters.bytes}] ` : ''}${rule.text}${rule.index === ending.index ? '   ← ends the packet' : ''}`,
    );
  return [...shown, ...far];
}
