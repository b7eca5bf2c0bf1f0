/**
 * calicoctl 1.x, of Calico 2.x: it knows neither the options nor the kinds of today's. Source: projectcalico/calicoctl
 * v1.6.5, calicoctl/commands and calicoctl/resourcemgr.
 */
import { defineCommand } from '../model/command.ts';
import { withLabels } from './lib/labelled-document.ts';

const reading = { timeoutSeconds: 6, maxBytes: 4_000_000 } as const;
const writing = { timeoutSeconds: 20, maxBytes: 100_000, writes: true } as const;
/** It names an endpoint by all of these. `eth0` is what the CNI plugin calls the first interface of a pod. */
const oneEndpoint = [
  'workloadendpoint',
  'eth0',
  '--node={node:name}',
  '--orchestrator=k8s',
  '--workload={namespace:namespace}.{pod:name}',
];
const oneProfile = ['profile', '{name:name}'];
const get = (...asked: readonly string[]) => ['calicoctl', 'get', ...asked, '-o', 'yaml'];
const getJson = (...asked: readonly string[]) => ['calicoctl', 'get', ...asked, '-o', 'json'];

export const calicoctlV1GetIppools = defineCommand({ id: 'calicoctl-v1-get-ippools', argv: get('ippool'), ...reading });
export const calicoctlV1GetWorkloadendpoint = defineCommand({
  id: 'calicoctl-v1-get-workloadendpoint',
  argv: get(...oneEndpoint),
  ...reading,
});
export const calicoctlV1GetProfile = defineCommand({
  id: 'calicoctl-v1-get-profile',
  argv: get(...oneProfile),
  ...reading,
});
/** Kubernetes' own too, as the policy controller writes them: this version has one kind of policy. */
export const calicoctlV1GetPolicies = defineCommand({
  id: 'calicoctl-v1-get-policies',
  argv: get('policy'),
  ...reading,
});

/** A fix compares objects, and reads them as JSON. */
export const calicoctlV1GetWorkloadendpointJson = defineCommand({
  id: 'calicoctl-v1-get-workloadendpoint-json',
  argv: getJson(...oneEndpoint),
  ...reading,
  maxBytes: 1_000_000,
});
export const calicoctlV1GetProfileJson = defineCommand({
  id: 'calicoctl-v1-get-profile-json',
  argv: getJson(...oneProfile),
  ...reading,
  maxBytes: 1_000_000,
});

const profile = { apiVersion: 'v1', kind: 'profile' } as const;
const allow = [{ action: 'allow' }] as const;
const name = 'k8s_ns.{namespace:namespace}';
/** A tag of the profiles that this program creates, and of no other: no revision tells them from an equal one. */
export const ownProfileTag = 'created-by-calico-chatops';

/**
 * A namespace's profile allows everything that no policy decides. Its first tag is its name, as the controller's is.
 * The second selects nothing: no rule names it. Every endpoint of the namespace has the first label already, so it
 * selects nothing new: a list needs a member before it.
 */
export const calicoctlV1CreateNamespaceProfile = defineCommand({
  id: 'calicoctl-v1-create-namespace-profile',
  argv: ['calicoctl', 'create', '-f', '-'],
  input: withLabels(
    {
      ...profile,
      spec: { egress: allow, ingress: allow },
      metadata: { name, tags: [name, ownProfileTag], labels: { 'calico/k8s_ns': '{namespace:namespace}' } },
    },
    '{,labels:oldlabel}',
  ),
  ...writing,
});
/** This version keeps no revision of a profile. The caller compares the object, and its tag, just before. */
export const calicoctlV1DeleteNamespaceProfile = defineCommand({
  id: 'calicoctl-v1-delete-namespace-profile',
  argv: ['calicoctl', 'delete', '-f', '-'],
  input: JSON.stringify({ ...profile, metadata: { name } }),
  ...writing,
});
