import { defineComputed } from '../model/computed.ts';
import { isDenied } from '../model/denied-walk.ts';
import { observed } from '../model/evidence.ts';
import type { Flow, FlowEnd } from '../model/flow.ts';
import type { PacketWalk } from '../model/flow-walk.ts';
import { podLink } from '../model/pod-link.ts';
import { walkLegs } from '../flow-walks/legs.ts';
import type { WalkedNode } from '../flow-walks/walked-node.ts';
import { nodeFacts, readNode } from './lib/read-node.ts';

/** Bytes of a packet almost without data, such as the first packet of a TCP connection. */
const smallLength = 60;

export const largeDrops = defineComputed({
  id: 'large-drops',
  description:
    'The walks of full-sized packets of the flow that a rule outside Calico ends, where it lets small ones pass.',
  essential: false,
  needs: ['flow', 'walks'],
  considers: nodeFacts,
  async compute(facts) {
    const flow = facts.get('flow');
    const [target, source] = await Promise.all([readNode(facts, 'target'), readNode(facts, 'source')]);
    const [there = null, here = null] = [target, source].map((node) =>
      node.status === 'observed' ? node.value : null,
    );
    const length = fullLength(flow, there, here);
    if (!there || length === null) return observed([]);
    const passes = new Set(
      facts
        .get('walks')
        .filter(({ result, byPrograms }) => result.decision === 'accept' && !byPrograms)
        .map(legOf),
    );
    const dropped = walkLegs(flow, there, here, { length }).filter(
      (walk) => isDenied(walk) && walk.result.owner?.kind === 'foreign' && isOnItsWay(walk) && passes.has(legOf(walk)),
    );
    if (dropped.length === 0) return observed([]);
    const ofSegments = flow.port.protocol === 'icmp' ? endsOf(walkLegs(segments(flow), there, here, { length })) : null;
    const small = new Set(
      walkLegs(flow, there, here, { length: smallLength })
        .filter(({ result }) => result.decision === 'accept')
        .map(legOf),
    );
    return observed(
      dropped.filter((walk) => small.has(legOf(walk)) && (ofSegments?.has(endOf(walk)) ?? true)),
      facts.evidence('walks'),
    );
  },
});

function isOnItsWay({ wayDoubt, entryDoubt }: PacketWalk): boolean {
  return wayDoubt === null && entryDoubt === undefined;
}

function legOf({ leg, node }: PacketWalk): string {
  return `${leg} ${node}`;
}

/** Returns the flow as TCP. Many firewalls drop large pings only; such a rule does not harm other traffic. */
function segments(flow: Flow): Flow {
  return { ...flow, port: { protocol: 'tcp', number: 80 } };
}

function endsOf(walks: readonly PacketWalk[]): ReadonlySet<string> {
  return new Set(walks.filter(isDenied).map(endOf));
}

function endOf({ leg, node, result: { rule } }: PacketWalk): string {
  return `${leg} ${node} ${rule?.table} ${rule?.chain} ${rule?.index}`;
}

/** Returns the bytes of the largest packet that both pods can send; null if neither interface is known. */
function fullLength({ source, destination }: Flow, target: WalkedNode | null, from: WalkedNode | null): number | null {
  const mtus = [mtuOf(destination, target), mtuOf(source, source.node === destination.node ? target : from)];
  const known = mtus.filter((mtu) => mtu !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function mtuOf(end: FlowEnd, node: WalkedNode | null): number | null {
  return (node && podLink(node.links, end)?.mtu) ?? null;
}
