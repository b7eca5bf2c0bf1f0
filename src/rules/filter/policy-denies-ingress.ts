import { defineRule } from '../../model/rule.ts';
import { policyAdvice, policyDenial, policyMessages } from '../lib/policy-denial.ts';

export const policyDeniesIngress = defineRule({
  id: 'policy-denies-ingress',
  description: 'A policy denies the flow on ingress, or a tier selects the pod and does not allow the flow.',
  step: 'filter',
  requires: ['flow', 'denials'],
  considers: ['policy-objects', 'source-endpoint'],
  lacks: ['sourceAddress'],
  advice: policyAdvice,
  messages: policyMessages,
  judge: (facts, { 'policy-objects': objects, 'source-endpoint': peer }) =>
    policyDenial('ingress', { ...facts, objects, peer }),
});
