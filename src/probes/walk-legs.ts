import type { Flow } from '../model/facts.ts';
import type { Leg, NodeRuleSets, PacketWalk } from '../model/flow-walk.ts';
import type { Link, Route } from '../model/network.ts';
import type { Chain, Packet, RuleRef } from '../model/ruleset.ts';
import { findRule } from '../ruleset/find-rule.ts';
import { standInFor } from '../ruleset/profile-stand-in.ts';
import { authenticateChain } from '../ruleset/rule-tags.ts';
import { delivered, forwarded, sent, walkFlow } from '../ruleset/walk-hook.ts';
import type { Stage } from '../ruleset/walk.ts';
import { askPacket, ipipPacket, replyPacket } from './flow-packet.ts';
import { localAddresses } from './local-addresses.ts';
import { deviceTo } from '../ruleset/routes.ts';

export interface WalkedNode {
  readonly rulesets: NodeRuleSets;
  readonly routes: readonly Route[];
  readonly links: readonly Link[];
}

/** Every leg of the flow that can be walked with what was read. Legs after one that ends the packet are walked too. */
export function walkLegs(flow: Flow, target: WalkedNode, source: WalkedNode | null): readonly PacketWalk[] {
  const { source: from, destination: to, port } = flow;
  const ask = askPacket(from, to, port);
  const toPod = deviceTo(target.routes, to.address) ?? to.interface;
  if (!toPod) return [];
  if (from.node === to.node) {
    const fromPod = deviceTo(target.routes, from.address) ?? from.interface;
    return [walk('same-node', target, ask, from.kind === 'node' || !fromPod ? sent(toPod) : forwarded(fromPod, toPod))];
  }
  const fromSource = source ? sourceLegs(flow, source, ask) : [];
  const into = deviceTo(target.routes, from.address);
  if (!into) return fromSource;
  const tunnelled = isTunnel(into);
  // What arrives is what the source node let out: addresses may have been rewritten there.
  const arrived = fromSource.find(({ leg, result }) => leg === 'source-egress' && result.decision === 'accept')?.result.packet;
  const asked: Packet = arrived ? { ...ask, source: arrived.source, destination: arrived.destination } : ask;
  const legs: PacketWalk[] = [...fromSource];
  const card = from.nodeAddress ? deviceTo(target.routes, from.nodeAddress) : null;
  if (tunnelled && card && from.nodeAddress && to.nodeAddress) legs.push(walk('target-outer', target, ipipPacket(from.nodeAddress, to.nodeAddress), delivered(card)));
  legs.push(walk('target-ingress', target, asked, forwarded(into, toPod)));
  legs.push(walk('reply-target-egress', target, replyPacket(asked), forwarded(toPod, into)));
  if (source) {
    const back = deviceTo(source.routes, to.address);
    const end = deviceTo(source.routes, from.address) ?? from.interface;
    if (back) legs.push(walk('reply-source-ingress', source, replyPacket(asked), from.kind === 'pod' && end ? forwarded(back, end) : delivered(back)));
  }
  return legs;
}

function sourceLegs(flow: Flow, source: WalkedNode, ask: Packet): readonly PacketWalk[] {
  const { source: from, destination: to } = flow;
  const out = deviceTo(source.routes, to.address);
  if (!out) return [];
  const end = deviceTo(source.routes, from.address) ?? from.interface;
  const tunnelAddress = source.links.find((link) => link.name === out)?.addresses[0]?.address;
  const packet: Packet = from.kind === 'node' && isTunnel(out) && tunnelAddress ? { ...ask, source: tunnelAddress } : ask;
  const legs = [walk('source-egress', source, packet, from.kind === 'node' || !end ? sent(out) : forwarded(end, out))];
  const card = to.nodeAddress ? deviceTo(source.routes, to.nodeAddress) : null;
  if (isTunnel(out) && card && from.nodeAddress && to.nodeAddress) legs.push(walk('source-outer', source, ipipPacket(from.nodeAddress, to.nodeAddress), sent(card)));
  return legs;
}

/** Calico's IP-in-IP device. */
function isTunnel(device: string): boolean {
  return device === 'tunl0';
}

function walk(leg: Leg, node: WalkedNode, packet: Packet, stages: readonly Stage[]): PacketWalk {
  const entry = stages.find((stage) => stage.inInterface)?.inInterface ?? null;
  const back = entry === null ? null : deviceTo(node.routes, packet.source);
  const result = walkFlow(node.rulesets.ruleSets, packet, stages, {
    node: { localAddresses: localAddresses(node.links), reversePath: entry === null || back === null ? null : back === entry ? 'valid' : 'invalid' },
  });
  const deciding = result.markedBy ?? result.rule;
  const found = deciding && findRule(node.rulesets.ruleSets, deciding);
  return {
    leg,
    node: node.rulesets.node,
    packet,
    hook: result.path.at(-1)?.hook ?? stages.at(-1)?.hook ?? 'FORWARD',
    result,
    authenticity: deciding && found ? authenticateChain(deciding.backend, deciding.table, found.chain) : null,
    standInForProfile: found && result.owner?.kind === 'profile' && standInFor(found.chain, result.owner.name) ? result.owner.name : null,
    shown: result.rule ? shownRules(findRule(node.rulesets.ruleSets, result.rule)?.chain ?? null, result.rule, result.markedBy) : [],
    branch: result.path,
  };
}

/** How many rules before the ending one, and after it, are shown. */
const around = 3;

/** The ending rule with its neighbours, counters before each as a save prints them; the rule that set its mark is told too. */
function shownRules(chain: Chain | null, ending: RuleRef, marking: RuleRef | null): readonly string[] {
  const far = marking && marking !== ending && marking.chain !== ending.chain ? [`marked by ${marking.table} ${marking.chain}: ${marking.text}`] : [];
  if (!chain || ending.index === 0) return [`${ending.table} ${ending.chain}: ${ending.index === 0 ? `policy ${chain?.base?.policy ?? ''}` : ending.text}`, ...far];
  const shown = chain.rules
    .filter((rule) => Math.abs(rule.index - ending.index) <= around)
    .map((rule) => `${rule.counters ? `[${rule.counters.packets}:${rule.counters.bytes}] ` : ''}${rule.text}${rule.index === ending.index ? '   ← ends the packet' : ''}`);
  return [...shown, ...far];
}
