/** Facts of a denied flow, and what the datastore answers about it. */
import { beforeAll } from '@jest/globals';
import type { Datastore } from '../../src/model/control-plane.ts';
import { unavailable } from '../../src/model/evidence.ts';
import { policyObjects } from '../../src/probes/datastore/policy-objects.ts';
import { expectedDecisions } from '../../src/computed/expected-decisions.ts';
import { captured, type Facts } from '../support/facts.ts';
import { codeOf, probing, type ApiScript, type Script } from '../probes/scripted.ts';

export const list = (...items: readonly unknown[]) => ({ stdout: JSON.stringify({ items }) });
export const unsupported = (kind: string) => ({
  exit: 1,
  stderr: `failed to get resources: resource type '${kind}' is not supported`,
});
export const denyWeb = {
  kind: 'NetworkPolicy',
  metadata: { name: 'knp.default.deny-web', namespace: 'default' },
  spec: { order: 1000, tier: 'default', selector: "app == 'web'", types: ['Ingress'] },
};
export const admitting = (source: unknown) => ({
  kind: 'NetworkPolicy',
  metadata: { name: 'some', namespace: 'default' },
  spec: { selector: "app == 'web'", types: ['Ingress'], ingress: [{ action: 'Allow', source }] },
});
const defaultTier = { metadata: { name: 'default' }, spec: { order: 1_000_000, defaultAction: 'Deny' } };
const empty: Script = {
  'calicoctl-get-networkpolicies': list(),
  'calicoctl-get-globalnetworkpolicies': list(),
  'calicoctl-get-tiers': list(defaultTier),
  'calicoctl-get-networksets': list(),
  'calicoctl-get-globalnetworksets': list(),
  'calicoctl-get-networkset-names': { stdout: 'NAMESPACE   NAME   \n\n' },
};
export const etcd: Datastore = {
  node: 'n1',
  kind: 'etcdv3',
  reachable: true,
  error: null,
  clientVersion: null,
  clusterVersion: null,
  state: 'ready',
};

export let denied: Facts;
export let healthy: Facts;
beforeAll(async () => {
  denied = await captured('k8s-deny-ingress-legacy');
  healthy = await captured('healthy-legacy');
});
const nodes = ['n1', 'n2'].map((name, at) => ({
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address: `10.250.0.${11 + at}` }] },
}));
export const looking = (
  {
    flow,
    walks,
    endpoint,
    profiles,
    'source-endpoint': sourceEndpoint,
    'source-profiles': sourceProfiles,
    datastore,
  }: Facts,
  script: Script,
  api: ApiScript = {},
) => {
  const missing = unavailable('not-recorded', 'not gathered');
  const given = {
    nodes,
    flow: flow ?? missing,
    walks: walks ?? missing,
    datastore: datastore ?? missing,
    endpoint: endpoint ?? missing,
    profiles: profiles ?? missing,
    'source-endpoint': sourceEndpoint ?? missing,
    'source-profiles': sourceProfiles ?? missing,
  };
  return probing(policyObjects, { computed: [expectedDecisions], script: { ...empty, ...script }, api, facts: given });
};
export const said = async (facts: Facts, script: Script, api: ApiScript = {}) => {
  const gathered = looking(facts, script, api);
  const [found, objects] = [await gathered.fact('expected-decisions'), await gathered.fact('policy-objects')];
  return found.status === 'observed'
    ? found.value.map(({ direction, node, decision, by }) => `${direction} ${node} ${decision}: ${by}`)
    : [`${codeOf(objects)}: ${found.reason}`];
};

export const set = (namespace: string | undefined, nets: readonly string[]) => ({
  metadata: { name: 's', ...(namespace ? { namespace } : {}), labels: { role: 'trusted' } },
  spec: { nets },
});
