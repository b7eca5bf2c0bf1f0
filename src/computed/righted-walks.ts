import { defineComputed } from '../model/computed.ts';
import { observed } from '../model/evidence.ts';
import { legsOf, onNodes, readWalk, walkFacts, withUnreadSetsOf } from './lib/read-walk.ts';
import { astrayOf, rightedNode } from './lib/righted-ways.ts';

export const rightedWalks = defineComputed({
  id: 'righted-walks',
  description:
    'The asked packet walked through the packet filters on its right way, where a kernel or a rule leads it astray. ' +
    'Nothing where none does.',
  essential: false,
  needs: ['flow', 'pod', 'judged-ways', 'walks'],
  considers: [...walkFacts, 'dataplanes', 'left-over-rules'],
  async compute(facts) {
    const astray = astrayOf(facts.get('judged-ways').ways, facts.get('walks'));
    if (astray.ways.length === 0 && astray.rules.length === 0) return observed([]);
    const [read, planes, split] = await Promise.all([
      readWalk(facts),
      facts.ask('dataplanes'),
      facts.ask('left-over-rules'),
    ]);
    if (read.status === 'unavailable') return observed([]);
    // There other programs, or one of two sets of rules, decide.
    const isEbpf = planes.status === 'observed' && planes.value.some(({ dataplane }) => dataplane === 'ebpf');
    const isSplit = split.status === 'observed' && split.value.length > 0;
    if (isEbpf || isSplit) return observed([]);
    const righted = onNodes(read.value, (node) => rightedNode(node, astray));
    return observed(
      legsOf(righted)
        .filter(({ leg }) => !leg.startsWith('reply-'))
        .map((walk) => withUnreadSetsOf(righted, walk)),
      facts.evidence('judged-ways'),
    );
  },
});
