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
/** Felix programs the whole node anew: what worked there must work again. */
export const flowsOfOwnNode: WatchedControl = {
  fact: 'own-node-flows',
  watches: 'flows to other pods of the node, and from the node to the API server, still work',
};
