import { observed, unavailable } from '../model/evidence.ts';
import { ebpfWords } from '../model/dataplane.ts';
import type { PacketWalk } from '../model/flow-walk.ts';
import { defineComputed } from '../model/computed.ts';
import { walkLegs } from '../flow-walks/legs.ts';
import { judgesOf, walkPrograms } from '../flow-walks/programs.ts';
import { withUnreadSets } from '../flow-walks/undecided.ts';
import type { WalkedNode } from '../flow-walks/walked-node.ts';
import { pastLeftOvers } from './lib/left-over-walks.ts';
import { likelyProfiles } from './lib/likely-profiles.ts';
import { nodeFacts, readNode } from './lib/read-node.ts';

export const walks = defineComputed({
  id: 'walks',
  description: 'The asked packet walked through every rule set on its way, there and back.',
  // It is computed from facts that are essential themselves.
  essential: false,
  needs: ['flow', 'pod'],
  considers: ['pods', ...nodeFacts, 'dataplanes', 'left-over-rules', 'programs'],
  async compute(facts) {
    const flow = facts.get('flow');
    const [pods, target, source] = await Promise.all([
      facts.ask('pods'),
      readNode(facts, 'target'),
      readNode(facts, 'source'),
    ]);
    if (target.status === 'unavailable') return unavailable(target.code, target.reason);
    const { rulesets } = target.value;
    const sourceNode = source.status === 'observed' ? source.value : null;
    const planes = await facts.ask('dataplanes');
    const onEbpf = (planes.status === 'observed' ? planes.value : []).filter(({ dataplane }) => dataplane === 'ebpf');
    const read = onEbpf.length === 0 ? null : await facts.ask('programs');
    const programs = read?.status === 'observed' ? read.value : [];
    const judges = judgesOf(flow, programs);
    const walked = (walk: PacketWalk): PacketWalk => {
      const plane = onEbpf.find(({ node }) => node === walk.node);
      // Packets between the nodes' own addresses pass the packet filters, too.
      if (plane && !walk.leg.endsWith('-outer')) return walkPrograms(walk, judges, ebpfWords(plane));
      return withUnreadSets(walk, walk.node === rulesets.node ? rulesets : (sourceNode?.rulesets ?? {}));
    };
    const profiles = likelyProfiles(flow, [facts.get('pod'), ...(pods.status === 'observed' ? pods.value : [])]);
    const onNodes = (change: (node: WalkedNode) => WalkedNode) =>
      walkLegs(flow, change(target.value), sourceNode && change(sourceNode), { names: { profiles, policies: [] } });
    const split = await facts.ask('left-over-rules');
    return observed(
      pastLeftOvers(
        onNodes((node) => node),
        split.status === 'observed' ? split.value : [],
        onNodes,
      ).map(walked),
      [...target.evidence, ...source.evidence, ...(read?.evidence ?? [])],
      onEbpf
        .filter(({ node }) => !programs.some((one) => one.node === node))
        .map((plane) => ({ code: 'not-supported' as const, reason: ebpfWords(plane), node: plane.node })),
    );
  },
});
