import { defineComputed } from '../model/computed.ts';
import { observed } from '../model/evidence.ts';
import type { PacketWalk } from '../model/flow-walk.ts';
import { walkLegs } from '../flow-walks/legs.ts';
import { withUnreadSets } from '../flow-walks/undecided.ts';
import { likelyProfiles } from './lib/likely-profiles.ts';
import { nodeFacts, readNode } from './lib/read-node.ts';
import { rightedNode, straysOf } from './lib/righted-ways.ts';

export const rightedWalks = defineComputed({
  id: 'righted-walks',
  description:
    'The asked packet walked through the packet filters on its right way, where a kernel leads it astray. ' +
    'Nothing where none does.',
  essential: false,
  needs: ['flow', 'pod', 'judged-ways'],
  considers: ['pods', ...nodeFacts, 'dataplanes', 'left-over-rules'],
  async compute(facts) {
    const flow = facts.get('flow');
    const strays = straysOf(facts.get('judged-ways').ways);
    if (strays.length === 0) return observed([]);
    const [pods, target, source, planes, split] = await Promise.all([
      facts.ask('pods'),
      readNode(facts, 'target'),
      readNode(facts, 'source'),
      facts.ask('dataplanes'),
      facts.ask('left-over-rules'),
    ]);
    if (target.status === 'unavailable') return observed([]);
    // There other programs, or one of two sets of rules, decide.
    const isEbpf = planes.status === 'observed' && planes.value.some(({ dataplane }) => dataplane === 'ebpf');
    const isSplit = split.status === 'observed' && split.value.length > 0;
    if (isEbpf || isSplit) return observed([]);
    const [there, here] = [target.value, source.status === 'observed' ? source.value : null];
    const known = [facts.get('pod'), ...(pods.status === 'observed' ? pods.value : [])];
    const walks = walkLegs(flow, rightedNode(there, strays), here && rightedNode(here, strays), {
      names: { profiles: likelyProfiles(flow, known), policies: [] },
    });
    const rulesetsOf = ({ node }: PacketWalk) =>
      node === there.rulesets.node ? there.rulesets : (here?.rulesets ?? {});
    return observed(
      walks.filter(({ leg }) => !leg.startsWith('reply-')).map((walk) => withUnreadSets(walk, rulesetsOf(walk))),
      facts.evidence('judged-ways'),
    );
  },
});
