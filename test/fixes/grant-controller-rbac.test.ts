import { beforeEach, describe, expect, test } from '@jest/globals';
import { chooseGrant } from '../../src/fixes/grant-controller-rbac/choose-grant.ts';
import { grantRules } from '../../src/fixes/grant-controller-rbac/controller-manifest.ts';
import { grantControllerRbac } from '../../src/fixes/grant-controller-rbac/grant-controller-rbac.ts';
import type { ClusterAccess } from '../../src/model/cluster-access.ts';
import type { ClusterRole, ClusterRoleBinding } from '../../src/model/kubernetes.ts';
import { undoFix, writeFix } from '../../src/plans/use-fix.ts';
import {
  bind,
  binding,
  clusterBinding,
  clusterRole,
  context,
  create,
  draft,
  mayList,
  missing,
  name,
  own,
  ownedByOperator,
  pod,
  rbac,
  remove,
  role,
  until,
  why,
} from './controller-grants.ts';

describe.each<[string, () => Promise<unknown>]>([
  ['the binding is gone', () => create(role)],
  [
    'the role lacks the verbs',
    async () => [await create({ ...role, rules: role.rules?.slice(1) }), await create(binding)],
  ],
  ['the binding lost its subject', async () => [await create(role), await create({ ...binding, subjects: [] })]],
])('%s', (_, broken) => {
  beforeEach(async () => void (await broken()));

  test('the plan names the account, what it gets, and that it is for reading', async () => {
    const plan = await draft();
    expect(plan.title).toBe(`Bind kube-system/${name} to ClusterRole ${own}`);
    expect(plan.diff).toBe(`--- ClusterRoleBinding ${own}
+++ ClusterRoleBinding ${own}
@@ -1,4 +1,8 @@
 roleRef:
   apiGroup: rbac.authorization.k8s.io
   kind: ClusterRole
   name: ${own}
+subjects:
+  - kind: ServiceAccount
+    name: ${name}
+    namespace: kube-system`);
    expect(plan.blastRadius).toContain(
      'It can read pods, nodes, namespaces, serviceaccounts, networkpolicies, and this lets it write nothing',
    );
    expect(plan.preconditions.map(({ id, value }) => (id === 'denied' ? value : id))).toEqual([
      'account',
      'account-unshared',
      'no-operator',
      'list namespaces, watch namespaces',
      'object-1',
      'object-2',
      'object-3',
      'object-4',
    ]);
    expect((await clusterBinding(own))?.subjects).toBeUndefined();
  });

  test("the bot's own account may apply it, once, and roll it back", async () => {
    const plan = await draft();
    const [roleBefore, bindingBefore] = [await clusterRole(name), await clusterBinding(name)];
    const first = await writeFix(grantControllerRbac, context, plan);
    expect(first).toMatchObject({ outcome: 'applied' });
    await until(() => mayList('namespaces'));
    expect(await clusterBinding(own)).toMatchObject({ subjects: binding.subjects ?? [], roleRef: { name: own } });

    const { resourceVersion } = (await clusterBinding(own))?.metadata ?? {};
    expect(await writeFix(grantControllerRbac, context, plan)).toMatchObject({ outcome: 'superseded' });
    expect((await clusterBinding(own))?.metadata.resourceVersion).toBe(resourceVersion);

    if (first.outcome !== 'applied') throw new Error('not applied');
    expect(await undoFix(grantControllerRbac, context, plan, first.applied)).toMatchObject({ ok: true });
    expect((await clusterBinding(own))?.subjects).toBeUndefined();
    await until(async () => !(await mayList('namespaces')));
    expect([await clusterRole(name), await clusterBinding(name)]).toEqual([roleBefore, bindingBefore]);
  });
});

describe('the binding is gone', () => {
  beforeEach(async () => void (await create(role)));

  test('a binding that somebody changed since is not rolled back', async () => {
    const plan = await draft();
    const done = await writeFix(grantControllerRbac, context, plan);
    if (done.outcome !== 'applied') throw new Error('not applied');
    await bind([...(binding.subjects ?? []), { kind: 'ServiceAccount', name: 'added', namespace: 'kube-system' }]);
    expect(await undoFix(grantControllerRbac, context, plan, done.applied)).toMatchObject({
      ok: false,
      why: expect.stringContaining('left alone'),
    });
    expect((await clusterBinding(own))?.subjects).toHaveLength(2);
    await expect(undoFix(grantControllerRbac, context, plan, {})).rejects.toThrow();
    expect((await clusterBinding(own))?.subjects).toHaveLength(2);
  });

  test('an approved plan is refused when the role changed since', async () => {
    const plan = await draft();
    await remove({ apiVersion: rbac, kind: 'ClusterRole', name });
    await create(role);
    expect(await writeFix(grantControllerRbac, context, plan)).toMatchObject({
      outcome: 'refused',
      why: expect.stringContaining(`ClusterRole ${name}`),
    });
    expect((await clusterBinding(own))?.subjects).toBeUndefined();
  });

  test('it is superseded when a person restored the binding', async () => {
    const plan = await draft();
    await create(binding);
    await until(() => mayList('namespaces'));
    expect(await writeFix(grantControllerRbac, context, plan)).toMatchObject({
      outcome: 'superseded',
      why: expect.stringContaining('has these rights now'),
    });
    expect((await clusterBinding(own))?.subjects).toBeUndefined();
  });

  test('a write that fails says whether anything may have changed', async () => {
    const plan = await draft();
    const lost: ClusterAccess = {
      ...context,
      writer: {
        ...context.writer,
        merge: (reference, change, precondition, options) =>
          options.dryRun
            ? context.writer.merge(reference, change, precondition, options)
            : Promise.resolve({ ok: false, status: null, reason: 'no answer', request: 'PATCH', at: '' }),
      },
    };
    expect(await writeFix(grantControllerRbac, lost, plan)).toMatchObject({
      outcome: 'failed',
      why: 'PATCH: no answer (the binding may be changed or not)',
    });
  });
});

describe('what stands ready is not bound when', () => {
  const ready = {
    role: { kind: 'ClusterRole', metadata: { name: own }, rules: grantRules } satisfies ClusterRole,
    binding: {
      kind: 'ClusterRoleBinding',
      metadata: { name: own, uid: 'u', resourceVersion: '7' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: own },
    } satisfies ClusterRoleBinding,
  };
  const chosen = (change: { role?: ClusterRole | null; binding?: ClusterRoleBinding | null }) => {
    const grant = chooseGrant({ ...ready, ...change }, missing, { namespace: 'kube-system', name });
    return 'why' in grant ? grant.why : 'bound';
  };
  const rule = (verbs: string[], resources = ['pods'], apiGroups = ['']) => ({
    ...ready.role,
    rules: [...grantRules, { apiGroups, resources, verbs }],
  });
  test.each<[string, Parameters<typeof chosen>[0], string]>([
    ['it is as it was installed', {}, 'bound'],
    ['the role is missing', { role: null }, 'is not installed'],
    ['the binding is missing', { binding: null }, 'is not installed'],
    ['the role writes', { role: rule(['delete']) }, 'gives delete pods: somebody changed it'],
    ['the role has a wildcard verb', { role: rule(['*']) }, 'gives * pods'],
    ['the role has a wildcard resource', { role: rule(['get'], ['*']) }, 'gives get *'],
    ['the role reads secrets', { role: rule(['get'], ['secrets']) }, 'gives get secrets'],
    [
      'the role may fetch paths',
      { role: { ...ready.role, rules: [{ verbs: ['get'], nonResourceURLs: ['/metrics'] }] } },
      'gives get /metrics',
    ],
    ['the role lacks a verb', { role: { ...ready.role, rules: grantRules.slice(1) } }, 'does not give all'],
    [
      'it binds another role',
      { binding: { ...ready.binding, roleRef: { ...ready.binding.roleRef, name: 'cluster-admin' } } },
      'binds to ClusterRole cluster-admin',
    ],
    [
      'it binds somebody else',
      { binding: { ...ready.binding, subjects: [{ kind: 'Group', name: 'system:authenticated' }] } },
      'binds Group system:authenticated: somebody changed it',
    ],
    [
      'it binds somebody else too',
      { binding: { ...ready.binding, subjects: [...(binding.subjects ?? []), { kind: 'User', name: 'eve' }] } },
      `binds ServiceAccount kube-system/${name}, User eve`,
    ],
    [
      'it binds the account already',
      { binding: { ...ready.binding, subjects: binding.subjects ?? [] } },
      'something else refuses it',
    ],
  ])('%s', (_, change, why) => {
    expect(chosen(change)).toContain(why);
  });
});

describe('a plan is refused when', () => {
  test('the controller runs as another account', async () => {
    expect(await why({ accountName: 'default' })).toContain("not as the account of Calico's manifest");
    expect(await why({ accountNamespace: 'shop' })).toContain("not as the account of Calico's manifest");
  });
  test('other workloads use the account', async () => {
    await create(role);
    await create(pod('other', name, name));
    expect(await why()).toContain('other of kube-system run as the same account');
  });
  test("the missing right is none of the manifest's", async () => {
    expect(await why({ missing: [{ group: '', resource: 'secrets', verb: 'list' }] })).toContain(
      'list secrets is not a reading right',
    );
    expect(await why({ missing: [{ group: '', resource: 'pods', verb: 'delete' }] })).toContain(
      'delete pods is not a reading right',
    );
    expect(await why({ missing: [{ group: '*', resource: 'namespaces', verb: 'list' }] })).toContain(
      'is not a reading right',
    );
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
    expect(await why()).toContain('has these rights now');
  });
});
