import { defineComputed } from '../model/computed.ts';
import { endsIn, isDenied } from '../model/denied-walk.ts';
import { observed } from '../model/evidence.ts';
import type { PacketWalk } from '../model/flow-walk.ts';
import { walkedBehind } from './lib/behind-drop.ts';
import { onNodes, readWalk, walkFacts } from './lib/read-walk.ts';
import { astrayOf, rightedNode } from './lib/righted-ways.ts';

export const furtherDrops = defineComputed({
  id: 'further-drops',
  description:
    "The drops behind the first one on the packet's way on a node. Those on its right way, too, where a kernel or a " +
    'rule leads the packet astray.',
  essential: false,
  needs: ['flow', 'pod', 'walks'],
  considers: [...walkFacts, 'judged-ways', 'righted-walks'],
  async compute(facts) {
    const walked = await facts.ask('righted-walks');
    const righted = walked.status === 'observed' ? walked.value.filter(isDenied) : [];
    const walks = facts.get('walks');
    const denied = walks.filter((walk) => isDenied(walk) && !walk.leg.startsWith('reply-'));
    const certain = denied.filter(({ wayDoubt }) => wayDoubt === null);
    if (denied.length === 0 && righted.length === 0) return observed([]);
    const [read, judged] = await Promise.all([readWalk(facts), facts.ask('judged-ways')]);
    if (read.status === 'unavailable') return observed([]);
    const way = read.value;
    const astray = astrayOf(judged.status === 'observed' ? judged.value.ways : [], walks);
    const rightWay = onNodes(way, (node) => rightedNode(node, astray));
    const behindRight = (walk: PacketWalk) => walkedBehind(walk, rightWay).drops.map(marked);
    return observed(
      [
        ...denied.flatMap((walk) => {
          if (!endsIn(righted, walk)) return walkedBehind(walk, way).drops;
          return endsIn(certain, walk) ? behindRight(walk) : [];
        }),
        ...righted.flatMap((walk) => (endsIn(certain, walk) ? [] : [marked(walk), ...behindRight(walk)])),
      ],
      facts.evidence('walks'),
    );
  },
});

function marked(walk: PacketWalk): PacketWalk {
  return { ...walk, onRightWay: true };
}
