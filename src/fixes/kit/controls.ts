import type { Control } from '../../model/fix.ts';

export const openWays: Control = { fact: 'reachability', watches: 'ways to the pod that are open stay open' };
export const policyDeniedFlow: Control = { fact: 'denied-flow', watches: 'a flow from another namespace that a policy denies stays denied' };
/** A controller goes on catching up after that, within its back-off. */
export const flowsToOtherNodes: Control = { fact: 'other-flows', watches: 'old flows to pods on two other nodes still get through as soon as it has healed' };
