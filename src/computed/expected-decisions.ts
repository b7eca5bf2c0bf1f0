import { defineComputed } from '../model/computed.ts';
import { observed, unavailable } from '../model/evidence.ts';
import { policedWalks } from '../ruleset/flow-walks/policed.ts';
import { decisionsOf, decisionInputs } from './lib/decisions.ts';

export const expectedDecisions = defineComputed({
  id: 'expected-decisions',
  description:
    "Decisions of the datastore's policies, tiers and profiles on a packet that the node's policy or profile " +
    'chains end.',
  essential: false,
  needs: ['flow', 'walks'],
  considers: decisionInputs,
  async compute(facts) {
    const policed = policedWalks(facts.get('walks'));
    if (policed.length === 0) return unavailable('not-applicable', 'no policy or profile chain ends the packet');
    const [read, endpoint, profiles, sourceEndpoint, sourceProfiles] = await Promise.all([
      facts.ask('policy-objects'),
      facts.ask('endpoint'),
      facts.ask('profiles'),
      facts.ask('source-endpoint'),
      facts.ask('source-profiles'),
    ]);
    if (read.status === 'unavailable') return unavailable('needed-fact-missing', read.reason, read.evidence);
    const ends = { endpoint, profiles, sourceEndpoint, sourceProfiles };
    return observed(decisionsOf(policed, facts.get('flow'), read.value, ends), read.evidence);
  },
});
