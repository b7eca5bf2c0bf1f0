import { defineComputed } from '../model/computed.ts';
import { unavailable } from '../model/evidence.ts';
import { policedWalks } from '../flow-walks/policed.ts';
import { decisionInputs, decisionsOn } from './lib/decisions.ts';

export const expectedDecisions = defineComputed({
  id: 'expected-decisions',
  description:
    "Decisions of the datastore's policies, tiers and profiles on a packet that the node's policy or profile " +
    'chains end.',
  essential: false,
  needs: ['flow', 'walks'],
  considers: ['further-drops', ...decisionInputs],
  async compute(facts) {
    const further = await facts.ask('further-drops');
    const policed = policedWalks([...facts.get('walks'), ...(further.status === 'observed' ? further.value : [])]);
    return policed.length === 0
      ? unavailable('not-applicable', 'no policy or profile chain ends the packet')
      : decisionsOn(policed, facts);
  },
});
