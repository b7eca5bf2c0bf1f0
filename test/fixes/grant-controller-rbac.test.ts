import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../src/fixes/digest.ts';
import { grantControllerRbac } from '../../src/fixes/grant-controller-rbac.ts';
import type { FixContext, FixPlan, PlanDraft } from '../../src/model/fix.ts';
import type { ClusterRole, ClusterRoleBinding, KubernetesObject } from '../../src/model/kubernetes.ts';
import type { ObjectReference } from '../../src/model/ports.ts';
import { until as untilSo } from '../lab/run.ts';
import { startBotCluster, type BotCluster } from './bot-account.ts';
import { localNode } from './local-node.ts';
import { samplePlan } from '../jobs/sample-plan.ts';

const name = 'calico-kube-controllers';
const own = 'calico-chatops-controller-grant';
const rbac = 'rbac.authorization.k8s.io/v1';
const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'kube-system' } };
const template = { metadata: { labels: { 'k8s-app': name } }, spec: { serviceAccountName: name, containers: [{ name, image: 'none' }] } };
const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'kube-system' }, spec: { replicas: 1, selector: { matchLabels: { 'k8s-app': name } }, template } };
const role: ClusterRole = {
  apiVersion: rbac, kind: 'ClusterRole', metadata: { name },
  rules: [
    { apiGroups: [''], resources: ['pods', 'nodes', 'namespaces', 'serviceaccounts'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['services', 'services/status'], verbs: ['get', 'list', 'update', 'watch'] },
    { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['list', 'watch'] },
  ],
};
const binding: ClusterRoleBinding = { apiVersion: rbac, kind: 'ClusterRoleBinding', metadata: { name }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name }, subjects: [{ kind: 'ServiceAccount', name, namespace: 'kube-system' }] };
const pod = (of: string, app: string, serviceAccountName: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: of, namespace: 'kube-system', labels: { 'k8s-app': app } }, spec: { serviceAccountName, containers: [{ name: 'main', image: 'none' }] } });
const ownedByOperator = { name, ownerReferences: [{ apiVersion: 'operator.tigera.io/v1', kind: 'Installation', name: 'default', uid: 'u-1' }] };
const missing = [{ group: '', resource: 'namespaces', verb: 'list' }, { group: '', resource: 'namespaces', verb: 'watch' }];
const input = { accountNamespace: 'kube-system', accountName: name, missing: JSON.stringify(missing), role: name, binding: name };
const request = { rule: 'controller-forbidden', input, nodes: [] };

let clusters: BotCluster;
let context: FixContext;
const create = async (object: KubernetesObject | ClusterRole | ClusterRoleBinding) => {
  const answer = await clusters.admin.writer.create(object, { dryRun: false });
  if (!answer.ok) throw new Error(`${object.kind} ${object.metadata.name}: ${answer.reason}`);
};
const find = async <T extends KubernetesObject>(reference: ObjectReference): Promise<T | null> => {
  const answer = await clusters.admin.reader.read<T>(reference);
  return answer.ok ? answer.value : null;
};
const remove = async (reference: ObjectReference) => {
  const found = await find(reference);
  const { uid = '', resourceVersion = '' } = found?.metadata ?? {};
  if (found) await clusters.admin.writer.delete(reference, { uid, resourceVersion });
};
const clusterRole = (of: string) => find<ClusterRole>({ apiVersion: rbac, kind: 'ClusterRole', name: of });
const clusterBinding = (of: string) => find<ClusterRoleBinding>({ apiVersion: rbac, kind: 'ClusterRoleBinding', name: of });
const mayList = async (resource: string) => {
  const answer = await clusters.admin.reader.accessReview({ user: `system:serviceaccount:kube-system:${name}`, groups: [], group: '', resource, verb: 'list' });
  return answer.ok && answer.value.allowed;
};
/** The authorizer follows its watch: a change is there a moment later. */
const until = (isSo: () => Promise<boolean>) => untilSo('the authorizer to know', 10, async () => ((await isSo()) ? true : null));
const draft = async (): Promise<PlanDraft> => {
  const result = await grantControllerRbac.plan(context, request);
  if (!result.ok) throw new Error(result.why);
  return result.draft;
};
const why = async (change: Partial<typeof input> = {}) => {
  const result = await grantControllerRbac.plan(context, { ...request, input: { ...input, ...change } });
  return result.ok ? 'planned' : result.why;
};
const approved = (content: PlanDraft): FixPlan => {
  const plan = { ...content, id: 'p-1', fix: grantControllerRbac.id, controls: grantControllerRbac.controls, run: 'r-1', cluster: 'default', target: samplePlan().target, rule: request.rule, createdAt: '2026-01-01T00:00:00.000Z', expiresAt: '2026-01-01T01:00:00.000Z' };
  return { ...plan, digest: digestOf(plan) };
};

beforeAll(async () => {
  clusters = await startBotCluster();
  context = { cluster: clusters.bot.reader, writer: clusters.bot.writer, shells: localNode({}), clock: { now: () => new Date(), sleep: async () => undefined } };
}, 90_000);
afterAll(() => clusters.stop());
beforeEach(async () => {
  for (const kind of ['ClusterRole', 'ClusterRoleBinding']) for (const each of [name, own]) await remove({ apiVersion: rbac, kind, name: each });
  for (const each of ['controller', 'other']) await remove({ apiVersion: 'v1', kind: 'Pod', namespace: 'kube-system', name: each });
  await remove({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'kube-system', name });
  await remove({ apiVersion: 'v1', kind: 'ServiceAccount', namespace: 'kube-system', name });
  for (const object of [account, deployment, pod('controller', name, name)]) await create(object);
  await until(async () => !(await mayList('namespaces')));
});

describe('the binding is gone and the role has the verbs', () => {
  beforeEach(() => create(role));

  test("the plan restores the manifest's binding, shown whole", async () => {
    const plan = await draft();
    expect(plan.title).toBe(`Bind kube-system/${name} to ClusterRole ${name} again`);
    expect(plan.diff).toBe(`--- /dev/null
+++ ClusterRoleBinding ${name}
@@ -0,0 +1,14 @@
+apiVersion: rbac.authorization.k8s.io/v1
+kind: ClusterRoleBinding
+metadata:
+  name: ${name}
+  labels:
+    app.kubernetes.io/managed-by: calico-chatops
+roleRef:
+  apiGroup: rbac.authorization.k8s.io
+  kind: ClusterRole
+  name: ${name}
+subjects:
+  - kind: ServiceAccount
+    name: ${name}
+    namespace: kube-system`);
    expect(plan.preconditions.map(({ id, value }) => (id === 'denied' ? value : id))).toEqual(['account', 'account-unshared', 'no-operator', 'list namespaces, watch namespaces', 'object-1', 'object-2', 'object-3', 'object-4']);
    expect(await clusterBinding(name)).toBeNull();
  });

  test("the bot's own account may apply it, once, and roll it back", async () => {
    const plan = approved(await draft());
    const first = await grantControllerRbac.apply(context, plan);
    expect(first).toMatchObject({ outcome: 'applied' });
    await until(() => mayList('namespaces'));
    const made = await clusterBinding(name);
    expect(made).toMatchObject({ metadata: { labels: { 'app.kubernetes.io/managed-by': 'calico-chatops' } }, subjects: binding.subjects ?? [] });

    expect(await grantControllerRbac.apply(context, plan)).toMatchObject({ outcome: 'superseded' });
    expect((await clusterBinding(name))?.metadata.uid).toBe(made?.metadata.uid);

    if (first.outcome !== 'applied') throw new Error('not applied');
    expect(await grantControllerRbac.rollback(context, plan, first.applied)).toMatchObject({ ok: true });
    expect(await clusterBinding(name)).toBeNull();
    expect(await clusterRole(name)).not.toBeNull();
  });

  test('a binding that somebody made anew is not rolled back', async () => {
    const plan = approved(await draft());
    const done = await grantControllerRbac.apply(context, plan);
    if (done.outcome !== 'applied') throw new Error('not applied');
    await remove({ apiVersion: rbac, kind: 'ClusterRoleBinding', name });
    await create(binding);
    expect(await grantControllerRbac.rollback(context, plan, done.applied)).toMatchObject({ ok: false, why: expect.stringContaining('left alone') });
    expect(await clusterBinding(name)).not.toBeNull();
  });

  test('a binding that lost its subject is left as it is, beside one of our own', async () => {
    await create({ ...binding, subjects: [] });
    const plan = approved(await draft());
    expect(plan.diff).toContain(`+++ ClusterRoleBinding ${own}`);
    expect(await grantControllerRbac.apply(context, plan)).toMatchObject({ outcome: 'applied' });
    await until(() => mayList('namespaces'));
    expect((await clusterBinding(name))?.subjects).toBeUndefined();
  });

  test('an approved plan is refused when the role changed since', async () => {
    const plan = approved(await draft());
    await remove({ apiVersion: rbac, kind: 'ClusterRole', name });
    await create(role);
    expect(await grantControllerRbac.apply(context, plan)).toMatchObject({ outcome: 'refused', why: expect.stringContaining(`ClusterRole ${name}`) });
    expect(await clusterBinding(name)).toBeNull();
  });

  test('it is superseded when a person restored the binding', async () => {
    const plan = approved(await draft());
    await create(binding);
    await until(() => mayList('namespaces'));
    expect(await grantControllerRbac.apply(context, plan)).toMatchObject({ outcome: 'superseded', why: expect.stringContaining('by now') });
    expect((await clusterBinding(name))?.metadata.labels).toBeUndefined();
  });
});

describe('the role lacks the verbs', () => {
  beforeEach(async () => {
    await create({ ...role, rules: role.rules?.slice(1) });
    await create(binding);
  });

  test('a role of our own gets exactly the missing verbs, and is rolled back with its binding', async () => {
    const plan = approved(await draft());
    const done = await grantControllerRbac.apply(context, plan);
    expect(done).toMatchObject({ outcome: 'applied' });
    await until(() => mayList('namespaces'));
    expect((await clusterRole(own))?.rules).toEqual([{ apiGroups: [''], resources: ['namespaces'], verbs: ['list', 'watch'] }]);
    expect(await mayList('pods')).toBe(false);
    expect((await clusterRole(name))?.rules).toHaveLength(2);
    if (done.outcome !== 'applied') throw new Error('not applied');
    expect(await grantControllerRbac.rollback(context, plan, done.applied)).toMatchObject({ ok: true });
    expect([await clusterRole(own), await clusterBinding(own)]).toEqual([null, null]);
  });

  test('when the binding cannot be made, the role does not stay', async () => {
    const plan = approved(await draft());
    const halfway: FixContext = { ...context, writer: { ...context.writer, create: (object, options) => (object.kind === 'ClusterRoleBinding' ? Promise.resolve({ ok: false, status: 500, reason: 'etcdserver: no space', request: 'POST', at: '' }) : context.writer.create(object, options)) } };
    expect(await grantControllerRbac.apply(halfway, plan)).toMatchObject({ outcome: 'failed', why: expect.stringContaining('no space') });
    expect(await clusterRole(own)).toBeNull();
  });

  test("an earlier grant's role is not changed", async () => {
    await create({ apiVersion: rbac, kind: 'ClusterRole', metadata: { name: own }, rules: [] });
    expect(await why()).toContain('an earlier grant');
  });

  test('a role of the right name that gives everything is not bound', async () => {
    await remove({ apiVersion: rbac, kind: 'ClusterRole', name });
    await remove({ apiVersion: rbac, kind: 'ClusterRoleBinding', name });
    await create({ ...role, rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] });
    await until(async () => !(await mayList('namespaces')));
    expect((await draft()).diff).toContain(`+++ ClusterRole ${own}`);
  });
});

describe('a plan is refused when', () => {
  test('the controller runs as another account', async () => {
    expect(await why({ accountName: 'default' })).toContain("not as the account of Calico's manifest");
    expect(await why({ accountNamespace: 'shop' })).toContain("not as the account of Calico's manifest");
  });
  test('other workloads use the account', async () => {
    await create(role);
    await create(pod('other', 'something', name));
    expect(await why()).toContain('other of kube-system run as the same account');
  });
  test("the missing right is none of the manifest's", async () => {
    expect(await why({ missing: JSON.stringify([{ group: '', resource: 'secrets', verb: 'list' }]) })).toContain('list secrets is not a right');
    expect(await why({ missing: JSON.stringify([{ group: '', resource: 'pods', verb: 'delete' }]) })).toContain('delete pods is not a right');
    expect(await why({ missing: JSON.stringify([{ group: '*', resource: 'namespaces', verb: 'list' }]) })).toContain('is not a right');
  });
  test('an operator owns the role', async () => {
    await create({ ...role, metadata: ownedByOperator });
    expect(await why()).toContain('belongs to Installation default');
  });
  test('the account is gone', async () => {
    await remove({ apiVersion: 'v1', kind: 'ServiceAccount', namespace: 'kube-system', name });
    expect(await why()).toContain('does not exist');
  });
  test('nothing is refused by now', async () => {
    await create(role);
    await create(binding);
    await until(() => mayList('namespaces'));
    expect(await why()).toContain('by now');
  });
});

test('the API server refuses the bot more than this', async () => {
  await create(role);
  const subjects = [{ kind: 'ServiceAccount', name, namespace: 'kube-system' }];
  const refused = [
    { apiVersion: rbac, kind: 'ClusterRole', metadata: { name: 'mine' }, rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['list'] }] },
    { apiVersion: rbac, kind: 'ClusterRole', metadata: { name: own }, rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] },
    { apiVersion: rbac, kind: 'ClusterRoleBinding', metadata: { name: 'mine' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' }, subjects },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mine' } },
  ];
  for (const object of refused) expect(await clusters.bot.writer.create(object, { dryRun: false })).toMatchObject({ ok: false, status: 403 });
});
