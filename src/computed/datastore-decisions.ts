import { defineComputed } from '../model/computed.ts';
import { unavailable } from '../model/evidence.ts';
import { undecidedWalks } from '../flow-walks/undecided.ts';
import { decisionInputs, decisionsOn } from './lib/decisions.ts';

export const datastoreDecisions = defineComputed({
  id: 'datastore-decisions',
  description:
    "Decisions of the datastore's policies, tiers and profiles on a packet whose end the packet filters do not tell.",
  essential: false,
  needs: ['flow', 'walks'],
  considers: decisionInputs,
  async compute(facts) {
    const undecided = undecidedWalks(facts.get('walks'));
    return undecided.length === 0
      ? unavailable('not-applicable', 'the packet filters tell where the packet ends')
      : decisionsOn(undecided, facts);
  },
});
