import { defineRule } from '../../model/rule.ts';
import { policyDenial, policyMessages } from '../lib/policy-denial.ts';

export const policyDeniesEgress = defineRule({
  id: 'policy-denies-egress',
  description: 'A policy denies the flow on egress, or a tier selects the pod and does not allow the flow.',
  step: 'filter',
  requires: ['denials'],
  advice: {
    who: 'the owner of the policy',
    commands: ['calicoctl get networkpolicy -A', 'calicoctl get globalnetworkpolicy', 'kubectl get networkpolicy -A'],
  },
  messages: policyMessages,
  judge: ({ denials }) => policyDenial('egress', denials),
});
