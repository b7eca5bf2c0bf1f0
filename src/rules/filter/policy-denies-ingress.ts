import { defineRule } from '../../model/rule.ts';
import { datastoreDenial, datastoreMessages } from '../lib/datastore-denial.ts';
import { policyAdvice, policyDenial, policyMessages } from '../lib/policy-denial.ts';

export const policyDeniesIngress = defineRule({
  id: 'policy-denies-ingress',
  description: 'A policy denies the flow on ingress, or a tier selects the pod and does not allow the flow.',
  step: 'filter',
  requires: ['flow', 'denials'],
  considers: ['datastore-decisions', 'drop-counters', 'policy-objects', 'source-endpoint', 'twin-walks'],
  lacks: ['sourceAddress'],
  advice: policyAdvice,
  messages: { ...policyMessages, ...datastoreMessages },
  judge(
    { flow, denials },
    {
      'datastore-decisions': decisions,
      'drop-counters': counters,
      'policy-objects': objects,
      'source-endpoint': peer,
      'twin-walks': twins,
    },
    evidence,
  ) {
    const seen = policyDenial('ingress', { flow, denials, objects, peer, twins, twinEvidence: evidence('twin-walks') });
    return seen.outcome === 'inconclusive'
      ? (datastoreDenial('ingress', flow, denials, decisions, counters) ?? seen)
      : seen;
  },
});
