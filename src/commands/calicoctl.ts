/** calicoctl with the settings that the node has. Source: what real calicoctl prints. */
import { defineCommand } from '../model/command.ts';
import { withLabels } from './lib/labelled-document.ts';

/** With an unreachable datastore calicoctl is silent for more than 30 s: nobody waits that long at night. */
const reading = { timeoutSeconds: 6, maxBytes: 4_000_000 } as const;
const writing = { timeoutSeconds: 20, maxBytes: 100_000, writes: true } as const;
/** A client of another version may read; without this flag it could not even do that. Never for writing. */
const anyVersion = '--allow-version-mismatch';
const get = (...asked: readonly string[]) => ['calicoctl', 'get', ...asked, '-o', 'yaml', anyVersion];
const getJson = (...asked: readonly string[]) => ['calicoctl', 'get', ...asked, '-o', 'json', anyVersion];
const oneEndpoint = ['workloadendpoint', '{name:name}', '-n', '{namespace:name}'];
const oneProfile = ['profile', '{name:name}'];

export const calicoctlVersion = defineCommand({ id: 'calicoctl-version', argv: ['calicoctl', 'version'], ...reading });
export const calicoctlGetClusterInformation = defineCommand({
  id: 'calicoctl-get-clusterinformation',
  argv: get('clusterinformation', 'default'),
  ...reading,
});
export const calicoctlGetFelixconfiguration = defineCommand({
  id: 'calicoctl-get-felixconfiguration',
  argv: get('felixconfiguration', 'default'),
  ...reading,
});
export const calicoctlGetIppools = defineCommand({ id: 'calicoctl-get-ippools', argv: get('ippool'), ...reading });
export const calicoctlIpamShow = defineCommand({
  id: 'calicoctl-ipam-show',
  argv: ['calicoctl', 'ipam', 'show', anyVersion],
  ...reading,
  maxBytes: 500_000,
});
export const calicoctlIpamConfiguration = defineCommand({
  id: 'calicoctl-ipam-configuration',
  argv: ['calicoctl', 'ipam', 'show', '--show-configuration', anyVersion],
  ...reading,
  maxBytes: 500_000,
});
export const calicoctlGetWorkloadendpoint = defineCommand({
  id: 'calicoctl-get-workloadendpoint',
  argv: get(...oneEndpoint),
  ...reading,
});
export const calicoctlGetNode = defineCommand({
  id: 'calicoctl-get-node',
  argv: get('node', '{name:name}'),
  ...reading,
});
export const calicoctlGetProfile = defineCommand({ id: 'calicoctl-get-profile', argv: get(...oneProfile), ...reading });
export const calicoctlGetKubecontrollersconfiguration = defineCommand({
  id: 'calicoctl-get-kubecontrollersconfiguration',
  argv: get('kubecontrollersconfiguration', 'default'),
  ...reading,
  maxBytes: 200_000,
});
export const calicoctlGetNetworkpolicies = defineCommand({
  id: 'calicoctl-get-networkpolicies',
  argv: get('networkpolicy', '-n', '{namespace:name}'),
  ...reading,
});
export const calicoctlGetGlobalnetworkpolicies = defineCommand({
  id: 'calicoctl-get-globalnetworkpolicies',
  argv: get('globalnetworkpolicy'),
  ...reading,
});
export const calicoctlGetTiers = defineCommand({ id: 'calicoctl-get-tiers', argv: get('tier'), ...reading });
export const calicoctlGetNetworksets = defineCommand({
  id: 'calicoctl-get-networksets',
  argv: get('networkset', '-n', '{namespace:name}'),
  ...reading,
});
export const calicoctlGetGlobalnetworksets = defineCommand({
  id: 'calicoctl-get-globalnetworksets',
  argv: get('globalnetworkset'),
  ...reading,
});
/** Names alone, a line each: whether other namespaces have any. */
export const calicoctlGetNetworksetNames = defineCommand({
  id: 'calicoctl-get-networkset-names',
  argv: ['calicoctl', 'get', 'networkset', '-A', anyVersion],
  ...reading,
  maxBytes: 200_000,
});

/** Names alone, a line each: a controller deletes what it does not find in Kubernetes. */
export const calicoctlGetProfileNames = defineCommand({
  id: 'calicoctl-get-profile-names',
  argv: ['calicoctl', 'get', 'profile', anyVersion],
  ...reading,
  maxBytes: 500_000,
});
export const calicoctlGetNodeNames = defineCommand({
  id: 'calicoctl-get-node-names',
  argv: ['calicoctl', 'get', 'node', anyVersion],
  ...reading,
  maxBytes: 500_000,
});

/** What BIRD says of its sessions, from its own socket: no datastore is asked. */
export const calicoctlNodeStatus = defineCommand({
  id: 'calicoctl-node-status',
  argv: ['calicoctl', 'node', 'status'],
  ...reading,
  maxBytes: 500_000,
});

/** A fix compares uid and resourceVersion, and reads them as JSON. */
export const calicoctlGetWorkloadendpointJson = defineCommand({
  id: 'calicoctl-get-workloadendpoint-json',
  argv: getJson(...oneEndpoint),
  ...reading,
  maxBytes: 1_000_000,
});
export const calicoctlGetProfileJson = defineCommand({
  id: 'calicoctl-get-profile-json',
  argv: getJson(...oneProfile),
  ...reading,
  maxBytes: 1_000_000,
});

const profile = { apiVersion: 'projectcalico.org/v3', kind: 'Profile' } as const;
const allow = [{ action: 'Allow' }] as const;

/** A namespace's profile allows everything that no policy decides. */
export const calicoctlCreateNamespaceProfile = defineCommand({
  id: 'calicoctl-create-namespace-profile',
  argv: ['calicoctl', 'create', '-f', '-'],
  input: withLabels(
    {
      ...profile,
      metadata: { name: 'kns.{namespace:namespace}' },
      spec: {
        egress: allow,
        ingress: allow,
        labelsToApply: { 'pcns.projectcalico.org/name': '{namespace:namespace}' },
      },
    },
    '{,labels:nslabel}',
  ),
  ...writing,
});
/** An account's profile has labels alone. */
export const calicoctlCreateAccountProfile = defineCommand({
  id: 'calicoctl-create-account-profile',
  argv: ['calicoctl', 'create', '-f', '-'],
  input: withLabels(
    {
      ...profile,
      metadata: { name: 'ksa.{namespace:namespace}.{account:account}' },
      spec: { labelsToApply: { 'pcsa.projectcalico.org/name': '{account:account}' } },
    },
    '{,labels:salabel}',
  ),
  ...writing,
});
/** calicoctl refuses it when the profile has another resourceVersion. */
export const calicoctlDeleteProfile = defineCommand({
  id: 'calicoctl-delete-profile',
  argv: ['calicoctl', 'delete', '-f', '-'],
  input: JSON.stringify({
    ...profile,
    metadata: { name: '{name:profile}', uid: '{uid:uid}', resourceVersion: '{resourceVersion:revision}' },
  }),
  ...writing,
});
