import { defineComputed } from '../model/computed.ts';
import { observed, unavailable } from '../model/evidence.ts';
import { undecidedWalks } from '../ruleset/flow-walks/undecided.ts';
import { decisionsOf, decisionInputs } from './lib/decisions.ts';

export const datastoreDecisions = defineComputed({
  id: 'datastore-decisions',
  description:
    "Decisions of the datastore's policies, tiers and profiles on a packet whose end on a node the packet filters do not tell.",
  essential: false,
  needs: ['flow', 'walks'],
  considers: decisionInputs,
  async compute(facts) {
    const undecided = undecidedWalks(facts.get('walks'));
    if (undecided.length === 0) return unavailable('not-applicable', 'the packet filters tell where the packet ends');
    const read = await facts.ask('policy-objects');
    if (read.status === 'unavailable') return unavailable('needed-fact-missing', read.reason, read.evidence);
    return observed(await decisionsOf(undecided, facts.get('flow'), read.value, facts.ask), read.evidence);
  },
});
