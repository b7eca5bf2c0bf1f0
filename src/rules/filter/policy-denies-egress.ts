import { defineRule } from '../../model/rule.ts';
import { datastoreDenial, datastoreMessages } from '../lib/datastore-denial.ts';
import { policyDenial, policyMessages } from '../lib/policy-denial.ts';

export const policyDeniesEgress = defineRule({
  id: 'policy-denies-egress',
  description: 'A policy denies the flow on egress, or a tier selects the pod and does not allow the flow.',
  step: 'filter',
  requires: ['denials'],
  considers: ['datastore-decisions'],
  advice: {
    who: 'the owner of the policy',
    commands: ['calicoctl get networkpolicy -A', 'calicoctl get globalnetworkpolicy', 'kubectl get networkpolicy -A'],
  },
  messages: { ...policyMessages, ...datastoreMessages },
  judge({ denials }, { 'datastore-decisions': decisions }) {
    const seen = policyDenial('egress', denials);
    return seen.outcome === 'inconclusive' ? (datastoreDenial('egress', denials, decisions) ?? seen) : seen;
  },
});
