import { defineComputed } from '../model/computed.ts';
import { observed, unavailable } from '../model/evidence.ts';
import { undecidedWalks } from '../ruleset/flow-walks/undecided.ts';
import { decisionsOf, decisionInputs } from './lib/decisions.ts';

export const datastoreDecisions = defineComputed({
  id: 'datastore-decisions',
  description:
    "Decisions of the datastore's policies, tiers and profiles on a packet whose end the packet filters do not tell.",
  essential: false,
  needs: ['flow', 'walks'],
  considers: decisionInputs,
  async compute(facts) {
    const undecided = undecidedWalks(facts.get('walks'));
    if (undecided.length === 0) return unavailable('not-applicable', 'the packet filters tell where the packet ends');
    const [read, endpoint, profiles, sourceEndpoint, sourceProfiles] = await Promise.all([
      facts.ask('policy-objects'),
      facts.ask('endpoint'),
      facts.ask('profiles'),
      facts.ask('source-endpoint'),
      facts.ask('source-profiles'),
    ]);
    if (read.status === 'unavailable') return unavailable('needed-fact-missing', read.reason, read.evidence);
    const ends = { endpoint, profiles, sourceEndpoint, sourceProfiles };
    return observed(decisionsOf(undecided, facts.get('flow'), read.value, ends), read.evidence);
  },
});
