import { profilesOf, type Topology } from '../topology.ts';
import { flow } from './flows.ts';
import { ruleGone, ruleThere, type Step } from './steps.ts';

/** Felix's drops in the place of one missing profile, a direction each. */
const standInDrops = (profile: string) => ['pri', 'pro'].map((chain) => `-A cali-${chain}-${profile} .*-j DROP`);

const nodesOf = (topology: Topology, namespace: string) => [
  ...new Set(topology.pods.filter((one) => one.namespace === namespace).map((one) => one.node)),
];

/** Waits until every node with pods of the namespace has Felix's stand-ins for each of its profiles, or none. */
const awaitStandIns = (topology: Topology, namespace: string, wanted: 'there' | 'gone'): Step[] =>
  nodesOf(topology, namespace).flatMap((on) =>
    profilesOf(topology, namespace)
      .flatMap(standInDrops)
      .map((rule): Step => ({
        do: 'await',
        what: `Felix of ${on} to ${wanted === 'there' ? 'drop for the missing' : 'allow for the'} profile: ${rule}`,
        on,
        command: wanted === 'there' ? ruleThere(topology.dataplane, rule) : ruleGone(topology.dataplane, rule),
        seconds: 30,
      })),
  );

/** Deletes the profiles of a namespace and waits until Felix has put its stand-in drops in their place. */
export const loseProfiles = (topology: Topology, namespace = 'default'): Step[] => [
  ...profilesOf(topology, namespace).map((name): Step => ({ do: 'remove-calico', kind: 'profile', name })),
  ...awaitStandIns(topology, namespace, 'there'),
];

/** Writes the profiles of a namespace again and waits until no stand-in is left. */
export const regainProfiles = (topology: Topology, namespace = 'default'): Step[] => [
  ...profilesOf(topology, namespace).map((name): Step => ({ do: 'restore-calico', kind: 'profile', name })),
  ...awaitStandIns(topology, namespace, 'gone'),
];

/** What is to be said where a fault of Calico's controllers cost namespace default its profile. */
export const profileLostBy = (root: string) => ({
  verdict: 'fault' as const,
  roots: [root],
  consequences: ['pod-profile-missing'],
  answers: [flow('node-a', 'default/mypod'), flow('shop/db', 'shop/api')],
  silent: [flow('default/client', 'default/mypod'), flow('shop/api', 'default/client')],
});
