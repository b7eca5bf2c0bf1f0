import { observed, unavailable, type Evidence } from '../../model/evidence.ts';
import type { PolicyObjects } from '../../model/calico.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { policedWalks } from '../../flow-walks/policed.ts';
import { undecidedWalks } from '../../flow-walks/undecided.ts';
import { datastoreKindOf } from '../lib/datastore-kind-of.ts';
import { endPolicyReads, readEndPolicies } from '../lib/end-policies.ts';
import { policyObjectCommands } from '../lib/policy-object-reading.ts';

export const policyObjects = defineClusterProbe({
  id: 'policy-objects',
  description:
    "The datastore's policies, tiers and network sets that judge an end of the flow. " +
    "Read only where the node's policy or profile chains end the packet, or its packet filters do not tell.",
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: policyObjectCommands,
  reads: endPolicyReads,
  needs: ['flow', 'walks', 'datastore-kind'],
  uses: ['further-drops', 'endpoint', 'profiles', 'source-endpoint', 'source-profiles', 'datastore'],
  runsOn: ['target', 'source'],
  provides: ['policy-objects'],
  async read(look, facts) {
    const walks = facts.get('walks');
    const known = new Set([...policedWalks(walks), ...undecidedWalks(walks)].map(({ direction }) => direction));
    // What is known to be judged is read beside it.
    const asked = facts.ask('further-drops').then((further) => {
      const behind = further.status === 'observed' ? policedWalks(further.value) : [];
      return new Set([...known, ...behind.map(({ direction }) => direction)]);
    });
    const flow = facts.get('flow');
    const namespaces = [...new Set([flow.destination, flow.source].flatMap(({ namespace }) => namespace ?? []))];
    const home = facts.get('datastore-kind');
    const evidence: Evidence[] = [];
    // Asked of the client that returned the endpoint: an empty list counts only beside it. Without the endpoint's
    // profiles, policies decide nothing.
    const objects = async (direction: 'ingress' | 'egress'): Promise<PolicyObjects | null> => {
      if (!known.has(direction) && !(await asked).has(direction)) return null;
      const [endpoint, profiles] = await Promise.all(
        direction === 'ingress'
          ? [facts.ask('endpoint'), facts.ask('profiles')]
          : [facts.ask('source-endpoint'), facts.ask('source-profiles')],
      );
      if (endpoint.status === 'unavailable' || !endpoint.value || profiles.status === 'unavailable') return null;
      const end = direction === 'ingress' ? flow.destination : flow.source;
      const node = look.on(direction === 'ingress' ? 'target' : 'source');
      const { evidence: seen, ...found } = await readEndPolicies(
        {
          cluster: look.cluster,
          home,
          run: (command, params) => node.run(command, params),
          kind: () => datastoreKindOf(home, () => facts.ask('datastore')),
        },
        end.namespace ?? '',
        namespaces,
      );
      evidence.push(...seen);
      return found;
    };
    const [ingress, egress, directions] = await Promise.all([objects('ingress'), objects('egress'), asked]);
    return directions.size === 0
      ? { 'policy-objects': unavailable('not-applicable', 'no policy or profile chain ends the packet') }
      : { 'policy-objects': observed({ ingress, egress }, evidence) };
  },
});
