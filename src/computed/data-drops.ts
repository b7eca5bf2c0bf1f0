import { defineComputed } from '../model/computed.ts';
import { isDenied } from '../model/denied-walk.ts';
import { observed } from '../model/evidence.ts';
import type { PacketWalk } from '../model/flow-walk.ts';
import { walkLegs } from '../flow-walks/legs.ts';
import { nodeFacts, readNode } from './lib/read-node.ts';

/** Bytes of a packet almost without data, and of one that fits every path: no smaller size of segments is agreed on. */
const lengths = [60, 576];

export const dataDrops = defineComputed({
  id: 'data-drops',
  description:
    'The walks of what follows a handshake of TCP that a rule outside Calico ends, where it lets the handshake pass.',
  essential: false,
  needs: ['flow', 'walks'],
  considers: nodeFacts,
  async compute(facts) {
    const flow = facts.get('flow');
    const [target, source] = await Promise.all([readNode(facts, 'target'), readNode(facts, 'source')]);
    if (flow.port.protocol !== 'tcp' || target.status === 'unavailable') return observed([]);
    const here = source.status === 'observed' ? source.value : null;
    const opened = facts.get('walks').filter(({ result, byPrograms }) => result.decision === 'accept' && !byPrograms);
    const isOpened = ({ leg, node }: PacketWalk) => opened.some((one) => one.leg === leg && one.node === node);
    const later = lengths.flatMap((length) => walkLegs(flow, target.value, here, { length }));
    const dropped = later.filter(
      (walk) =>
        isDenied(walk) &&
        walk.result.owner?.kind === 'foreign' &&
        walk.wayDoubt === null &&
        walk.entryDoubt === undefined &&
        isOpened(walk),
    );
    return observed(dropped, dropped.length === 0 ? [] : facts.evidence('walks'));
  },
});
