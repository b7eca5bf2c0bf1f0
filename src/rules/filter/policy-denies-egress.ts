import { defineRule } from '../../model/rule.ts';
import { datastoreDenial, datastoreMessages } from '../lib/datastore-denial.ts';
import { policyAdvice, policyDenial, policyMessages } from '../lib/policy-denial.ts';

export const policyDeniesEgress = defineRule({
  id: 'policy-denies-egress',
  description: 'A policy denies the flow on egress, or a tier selects the pod and does not allow the flow.',
  step: 'filter',
  requires: ['flow', 'denials'],
  considers: ['datastore-decisions', 'drop-counters', 'policy-objects', 'endpoint', 'twin-walks'],
  advice: policyAdvice,
  messages: { ...policyMessages, ...datastoreMessages },
  judge(
    { flow, denials },
    {
      'datastore-decisions': decisions,
      'drop-counters': counters,
      'policy-objects': objects,
      endpoint: peer,
      'twin-walks': twins,
    },
    evidence,
  ) {
    const seen = policyDenial('egress', { flow, denials, objects, peer, twins, twinEvidence: evidence('twin-walks') });
    return seen.outcome === 'inconclusive'
      ? (datastoreDenial('egress', flow, denials, decisions, counters) ?? seen)
      : seen;
  },
});
