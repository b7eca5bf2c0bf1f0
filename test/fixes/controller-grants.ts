/** A cluster in which the controller lacks rights, and the bot with its own. */
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { grantControllerRbac } from '../../src/fixes/grant-controller-rbac/grant-controller-rbac.ts';
import type { ClusterAccess } from '../../src/model/cluster-access.ts';
import type { FixPlan } from '../../src/model/fix.ts';
import type { ClusterRole, ClusterRoleBinding, KubernetesObject } from '../../src/model/kubernetes.ts';
import type { ObjectReference } from '../../src/model/ports.ts';
import { until as untilSo } from '../../tools/lab/run.ts';
import { startBotCluster, type BotCluster } from './bot-account.ts';
import { localNode } from './local-node.ts';
import { planned } from './planned.ts';

export const name = 'calico-kube-controllers';
export const own = 'calico-chatops-controller-grant';
export const rbac = 'rbac.authorization.k8s.io/v1';
const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'kube-system' } };
const template = {
  metadata: { labels: { 'k8s-app': name } },
  spec: { serviceAccountName: name, containers: [{ name, image: 'none' }] },
};
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'kube-system' },
  spec: { replicas: 1, selector: { matchLabels: { 'k8s-app': name } }, template },
};
export const role: ClusterRole = {
  apiVersion: rbac,
  kind: 'ClusterRole',
  metadata: { name },
  rules: [
    { apiGroups: [''], resources: ['pods', 'nodes', 'namespaces', 'serviceaccounts'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['services', 'services/status'], verbs: ['get', 'list', 'update', 'watch'] },
    { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['list', 'watch'] },
  ],
};
export const binding: ClusterRoleBinding = {
  apiVersion: rbac,
  kind: 'ClusterRoleBinding',
  metadata: { name },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
  subjects: [{ kind: 'ServiceAccount', name, namespace: 'kube-system' }],
};
const ownedBy = (owner: KubernetesObject) => [
  {
    apiVersion: 'apps/v1',
    kind: owner.kind ?? '',
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
  },
];
const replicaSet = (owner: KubernetesObject) => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name, namespace: 'kube-system', labels: { 'k8s-app': name }, ownerReferences: ownedBy(owner) },
  spec: { selector: { matchLabels: { 'k8s-app': name } }, template },
});
export const pod = (of: string, app: string, serviceAccountName: string, owner?: KubernetesObject) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: of,
    namespace: 'kube-system',
    labels: { 'k8s-app': app },
    ...(owner ? { ownerReferences: ownedBy(owner) } : {}),
  },
  spec: { serviceAccountName, containers: [{ name: 'main', image: 'none' }] },
});
export const ownedByOperator = {
  name,
  ownerReferences: [{ apiVersion: 'operator.tigera.io/v1', kind: 'Installation', name: 'default', uid: 'u-1' }],
};
export const missing = [
  { group: '', resource: 'namespaces', verb: 'list' },
  { group: '', resource: 'namespaces', verb: 'watch' },
];
const input = { accountNamespace: 'kube-system', accountName: name, missing };
const request = {
  rule: 'controller-forbidden',
  subject: { kind: 'ServiceAccount', name: `kube-system/${name}` },
  input,
} as const;

let clusters: BotCluster;
export let context: ClusterAccess;
export const create = async (
  object: KubernetesObject | ClusterRole | ClusterRoleBinding,
): Promise<KubernetesObject> => {
  const made = await clusters.objects.create<KubernetesObject>(object);
  return { ...made, kind: object.kind ?? '' };
};
/** As an administrator: the binding that stands ready, with these subjects. */
export const bind = async (subjects: readonly object[] | null) => {
  const { uid = '', resourceVersion = '' } = (await clusterBinding(own))?.metadata ?? {};
  const answer = await clusters.admin.writer.merge(
    { apiVersion: rbac, kind: 'ClusterRoleBinding', name: own },
    { subjects },
    { uid, resourceVersion },
    { dryRun: false },
  );
  if (!answer.ok) throw new Error(answer.reason);
};
const find = async <T extends KubernetesObject>(reference: ObjectReference): Promise<T | null> => {
  const answer = await clusters.admin.reader.read<T>(reference);
  return answer.ok ? answer.value : null;
};
export const remove = async (reference: ObjectReference) => {
  if (await find(reference)) await clusters.objects.remove(reference);
};
export const clusterRole = (of: string) => find<ClusterRole>({ apiVersion: rbac, kind: 'ClusterRole', name: of });
export const clusterBinding = (of: string) =>
  find<ClusterRoleBinding>({ apiVersion: rbac, kind: 'ClusterRoleBinding', name: of });
export const mayList = async (resource: string) => {
  const answer = await clusters.admin.reader.accessReview({
    user: `system:serviceaccount:kube-system:${name}`,
    groups: [],
    group: '',
    resource,
    verb: 'list',
  });
  return answer.ok && answer.value.allowed;
};
/** The authorizer follows its watch: a change is there a moment later. */
export const until = (isSo: () => Promise<boolean>) =>
  untilSo('the authorizer to know', 10, async () => ((await isSo()) ? true : null));
export const draft = async (): Promise<FixPlan> => {
  const plan = await planned(grantControllerRbac, context, request);
  if (typeof plan === 'string') throw new Error(plan);
  return plan;
};
export const why = async (change: Partial<typeof input> = {}) => {
  const plan = await planned(grantControllerRbac, context, { ...request, input: { ...input, ...change } });
  return typeof plan === 'string' ? plan : 'planned';
};

beforeAll(async () => {
  clusters = await startBotCluster();
  context = {
    cluster: clusters.bot.reader,
    calicoNamespaces: ['kube-system'],
    close: async () => undefined,
    writer: clusters.bot.writer,
    shells: localNode({}),
    clock: { now: () => new Date(), sleep: async () => undefined },
  };
}, 90_000);

afterAll(() => clusters.stop());

beforeEach(async () => {
  for (const kind of ['ClusterRole', 'ClusterRoleBinding']) await remove({ apiVersion: rbac, kind, name });
  await bind(null);
  for (const each of ['controller', 'other'])
    await remove({ apiVersion: 'v1', kind: 'Pod', namespace: 'kube-system', name: each });
  for (const kind of ['Deployment', 'ReplicaSet'])
    await remove({ apiVersion: 'apps/v1', kind, namespace: 'kube-system', name });
  await remove({ apiVersion: 'v1', kind: 'ServiceAccount', namespace: 'kube-system', name });
  await create(account);
  await create(pod('controller', name, name, await create(replicaSet(await create(deployment)))));
  await until(async () => !(await mayList('namespaces')));
});
