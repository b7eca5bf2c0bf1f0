import type { JudgedWay, WayClass } from '../../model/judged-way.ts';
import type { KernelWay } from '../../model/kernel-way.ts';
import type { WalkedNode } from '../../flow-walks/walked-node.ts';

/** Where the kernel leads the packet elsewhere than to its receiver, or has no way for it. */
const astray: readonly WayClass[] = [
  'own-address',
  'diverted',
  'wrong-device',
  'overlapped',
  'missing',
  'refused',
] satisfies readonly WayClass[];

/** The ways that lead a packet astray, of which the right interface is known. */
export function straysOf(ways: readonly JudgedWay[]): readonly JudgedWay[] {
  return ways.filter((one) => astray.includes(one.class) && one.rightDevice !== null);
}

/** Returns the node as it would be if its kernel led these packets to their receivers. */
export function rightedNode(node: WalkedNode, strays: readonly JudgedWay[]): WalkedNode {
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
  return node.ways ? { ...node, ways: node.ways.map(righted) } : node;
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
