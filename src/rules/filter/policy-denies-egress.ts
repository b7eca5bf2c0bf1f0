import { defineRule } from '../../model/rule.ts';
import { policyAdvice, policyDenial, policyMessages } from '../lib/policy-denial.ts';

export const policyDeniesEgress = defineRule({
  id: 'policy-denies-egress',
  description: 'A policy denies the flow on egress, or a tier selects the pod and does not allow the flow.',
  step: 'filter',
  requires: ['flow', 'denials'],
  considers: ['policy-objects', 'endpoint'],
  advice: policyAdvice,
  messages: policyMessages,
  judge: (facts, { 'policy-objects': objects, endpoint: peer }) => policyDenial('egress', { ...facts, objects, peer }),
});
