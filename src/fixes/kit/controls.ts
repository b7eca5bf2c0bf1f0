import type { WatchedControl } from '../../model/fix.ts';

export const openWays: WatchedControl = { fact: 'reachability', watches: 'flows that reach the pod still reach it' };
export const policyDeniedFlow: WatchedControl = {
  fact: 'denied-flow',
  watches: 'a flow from another namespace that a policy denies stays denied',
};
/** A controller catches up after that, too, within its back-off. */
export const flowsToOtherNodes: WatchedControl = {
  fact: 'other-flows',
  watches: 'flows to pods on two other nodes still work once the fix is verified',
};
