import { observed, unavailable } from '../model/evidence.ts';
import { ebpfWords } from '../model/dataplane.ts';
import type { PacketWalk } from '../model/flow-walk.ts';
import { defineComputed } from '../model/computed.ts';
import { judgesOf, walkPrograms } from '../flow-walks/programs.ts';
import { pastLeftOvers } from './lib/left-over-walks.ts';
import { legsOf, onNodes, readWalk, walkFacts, withUnreadSetsOf } from './lib/read-walk.ts';

export const walks = defineComputed({
  id: 'walks',
  description: 'The asked packet walked through every rule set on its way, there and back.',
  // It is computed from facts that are essential themselves.
  essential: false,
  needs: ['flow', 'pod'],
  considers: [...walkFacts, 'dataplanes', 'left-over-rules', 'programs'],
  async compute(facts) {
    const [way, planes] = await Promise.all([readWalk(facts), facts.ask('dataplanes')]);
    if (way.status === 'unavailable') return unavailable(way.code, way.reason);
    const onEbpf = (planes.status === 'observed' ? planes.value : []).filter(({ dataplane }) => dataplane === 'ebpf');
    const read = onEbpf.length === 0 ? null : await facts.ask('programs');
    const programs = read?.status === 'observed' ? read.value : [];
    const judges = judgesOf(way.value.flow, programs);
    const walked = (walk: PacketWalk): PacketWalk => {
      const plane = onEbpf.find(({ node }) => node === walk.node);
      // Packets between the nodes' own addresses pass the packet filters, too.
      if (plane && !walk.leg.endsWith('-outer')) return walkPrograms(walk, judges, ebpfWords(plane));
      return withUnreadSetsOf(way.value, walk);
    };
    const split = await facts.ask('left-over-rules');
    return observed(
      pastLeftOvers(legsOf(way.value), split.status === 'observed' ? split.value : [], (change) =>
        legsOf(onNodes(way.value, change)),
      ).map(walked),
      [...way.evidence, ...(read?.evidence ?? [])],
      onEbpf
        .filter(({ node }) => !programs.some((one) => one.node === node))
        .map((plane) => ({ code: 'not-supported' as const, reason: ebpfWords(plane), node: plane.node })),
    );
  },
});
