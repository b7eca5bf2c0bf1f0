import type { PacketWalk } from '../../model/flow-walk.ts';
import type { JudgedWay, WayClass } from '../../model/judged-way.ts';
import type { KernelWay } from '../../model/kernel-way.ts';
import type { RuleRef } from '../../model/ruleset/walk.ts';
import type { WalkedNode } from '../../flow-walks/walked-node.ts';
import { letPass } from '../../ruleset/chains/passing-rule.ts';

/** Where the kernel leads the packet elsewhere than to its receiver, or has no way for it. */
const astray: readonly WayClass[] = [
  'own-address',
  'diverted',
  'wrong-device',
  'overlapped',
  'missing',
  'refused',
] satisfies readonly WayClass[];

/** What keeps the asked packet from its right way. */
export interface Astray {
  /** Ways of the kernels, of which the right interface is known. */
  readonly ways: readonly JudgedWay[];
  /** Rules that send the packet to another address, each with its node. */
  readonly rules: readonly { readonly node: string; readonly rule: RuleRef }[];
}

/** Returns what is known to lead the packet astray; a way whose right interface is not known is left out. */
export function astrayOf(ways: readonly JudgedWay[], walks: readonly PacketWalk[]): Astray {
  return {
    ways: ways.filter((one) => astray.includes(one.class) && one.rightDevice !== null),
    rules: walks.flatMap(({ node, packet, redirected }) =>
      redirected?.rule && redirected.address !== packet.destination ? [{ node, rule: redirected.rule }] : [],
    ),
  };
}

/** Returns the node as it would be if it led these packets to their receivers. */
export function rightedNode(node: WalkedNode, { ways: strays, rules }: Astray): WalkedNode {
  const { rulesets } = node;
  const passing = rules
    .filter((one) => one.node === rulesets.node)
    .reduce((ruleSets, { rule }) => letPass(ruleSets, rule, 'miss'), rulesets.ruleSets);
  const righted = (way: KernelWay): KernelWay => {
    const stray = strays.find((one) => isSameWay(one.way, way));
    if (!stray || stray.rightDevice === null) return way;
    const gateway = stray.expected?.gateway ?? null;
    return {
      ...way,
      doubt: null,
      answer: {
        kind: 'route',
        type: 'unicast',
        device: stray.rightDevice,
        gateway,
        table: 'main',
        preferredSource: null,
      },
    };
  };
  return {
    ...node,
    rulesets: { ...rulesets, ruleSets: passing },
    ...(node.ways ? { ways: node.ways.map(righted) } : {}),
  };
}

function isSameWay(a: KernelWay, b: KernelWay): boolean {
  return (
    a.of === b.of &&
    a.node === b.node &&
    a.destination === b.destination &&
    a.source === b.source &&
    a.inInterface === b.inInterface
  );
}
