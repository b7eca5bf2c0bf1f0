import { defineComputed } from '../model/computed.ts';
import { isDenied, sameRule } from '../model/denied-walk.ts';
import { observed } from '../model/evidence.ts';
import type { PacketWalk } from '../model/flow-walk.ts';
import { packetsBehindHandshake } from '../flow-walks/packets.ts';
import { walkLegs } from '../flow-walks/legs.ts';
import { walkedBehind } from './lib/behind-drop.ts';
import { readWalk, walkFacts, type ReadWalk } from './lib/read-walk.ts';

export const dataDrops = defineComputed({
  id: 'data-drops',
  description:
    'The walks of what follows a handshake of TCP that a rule outside Calico ends, where it lets the handshake pass. ' +
    'Another rule may end that.',
  essential: false,
  needs: ['flow', 'pod', 'walks'],
  considers: walkFacts,
  async compute(facts) {
    const flow = facts.get('flow');
    if (flow.port.protocol !== 'tcp') return observed([]);
    const read = await readWalk(facts);
    if (read.status === 'unavailable') return observed([]);
    const { target, source } = read.value;
    const handshakes = facts.get('walks').filter(({ byPrograms }) => !byPrograms);
    const later = packetsBehindHandshake.flatMap((like) => walkLegs(flow, target, source, like));
    const dropped = later.filter(
      (walk) =>
        isDenied(walk) &&
        walk.result.owner?.kind === 'foreign' &&
        walk.wayDoubt === null &&
        walk.entryDoubt === undefined &&
        handshakes.some((one) => isSameWay(one, walk) && passes(one, walk, read.value)),
    );
    return observed(dropped, dropped.length === 0 ? [] : facts.evidence('walks'));
  },
});

/** Rules can lead the handshake elsewhere, and what follows it with it: the walk of that knows nothing of them. */
function isSameWay(one: PacketWalk, other: PacketWalk): boolean {
  return (
    one.leg === other.leg &&
    one.node === other.node &&
    one.packet.source === other.packet.source &&
    (one.result.packet ?? one.packet).destination === (other.result.packet ?? other.packet).destination &&
    (one.result.packet ?? one.packet).destinationPort === (other.result.packet ?? other.packet).destinationPort
  );
}

/** Does the handshake pass the rule that ends what follows it, once those before do not end the handshake? */
function passes(handshake: PacketWalk, { result: { rule } }: PacketWalk, way: ReadWalk): boolean {
  if (handshake.result.decision === 'accept') return true;
  if (!isDenied(handshake)) return false;
  const behind = walkedBehind(handshake, way);
  return behind.passes && ![handshake, ...behind.drops].some(({ result }) => sameRule(result.rule, rule));
}
