import { defineComputed } from '../model/computed.ts';
import { observed, unavailable } from '../model/evidence.ts';
import { policedWalks } from '../ruleset/flow-walks/policed.ts';
import { decisionsOf, decisionInputs } from './lib/decisions.ts';

export const expectedDecisions = defineComputed({
  id: 'expected-decisions',
  description:
    "Decisions of the datastore's policies, tiers and profiles on a packet that the node's policy or profile chains end.",
  essential: false,
  needs: ['flow', 'walks'],
  considers: decisionInputs,
  async compute(facts) {
    const policed = policedWalks(facts.get('walks'));
    if (policed.length === 0) return unavailable('not-applicable', 'no policy or profile chain ends the packet');
    const read = await facts.ask('policy-objects');
    if (read.status === 'unavailable') return unavailable('needed-fact-missing', read.reason, read.evidence);
    return observed(await decisionsOf(policed, facts.get('flow'), read.value, facts.ask), read.evidence);
  },
});
