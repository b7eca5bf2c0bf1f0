import { describe, expect, test } from '@jest/globals';
import { createPodProfile } from '../../src/fixes/create-pod-profile/create-pod-profile.ts';
import { LookError } from '../../src/model/look-error.ts';
import { undoFix, writeFix } from '../../src/plans/use-fix.ts';
import { active, calicoctl, context, draft, input, node, profileNow, version, why } from './profiles-in-etcd.ts';

test('the plan is what a person is asked to approve', async () => {
  const plan = await draft();
  expect(plan.diff).toBe(`--- /dev/null
+++ Profile kns.default
@@ -0,0 +1,13 @@
+apiVersion: projectcalico.org/v3
+kind: Profile
+metadata:
+  name: kns.default
+spec:
+  egress:
+    - action: Allow
+  ingress:
+    - action: Allow
+  labelsToApply:
+    pcns.kubernetes.io/metadata.name: default
+    pcns.projectcalico.org/name: default
+    pcns.team: shop`);
  expect(plan.steps).toEqual([
    {
      description: 'Create the profile, if it is still absent',
      command: expect.stringMatching(/^calicoctl create -f - <<'EOF'\napiVersion/),
      node: 'n1',
    },
  ]);
  expect(plan).toMatchObject({
    risk: 'medium',
    rollback: { kind: 'exact' },
    verify: { rule: 'pod-profile-missing', withinSeconds: 60 },
    nodes: [{ name: 'n1', address: '127.0.0.1' }],
    input,
  });
  expect(plan.preconditions.map(({ id }) => id)).toEqual([
    'datastore',
    'profile-absent',
    'endpoint',
    'namespace-active',
    'no-isolation-annotation',
    'labels',
    'client-version',
  ]);
});

test("an account's profile has labels and no rules", async () => {
  const { diff, risk } = await draft({ profile: 'ksa.default.default' });
  expect(diff).toContain('+    pcsa.projectcalico.org/name: default\n+    pcsa.role: web');
  expect(diff).not.toContain('Allow');
  expect(risk).toBe('low');
});

test('planning changes nothing, applying creates the profile, applying again is superseded, rolling back removes it', async () => {
  const plan = await draft();
  expect(profileNow()).toBeNull();
  const first = await writeFix(createPodProfile, context(), plan);
  expect(first).toMatchObject({ outcome: 'applied', applied: { name: 'kns.default' } });
  const stored = profileNow();
  expect(stored.spec).toEqual({
    ingress: [{ action: 'Allow' }],
    egress: [{ action: 'Allow' }],
    labelsToApply: {
      'pcns.kubernetes.io/metadata.name': 'default',
      'pcns.projectcalico.org/name': 'default',
      'pcns.team': 'shop',
    },
  });

  const second = await writeFix(createPodProfile, context(), plan);
  expect(second).toMatchObject({ outcome: 'superseded', why: expect.stringContaining('the controller was faster') });
  expect(profileNow().metadata).toEqual(stored.metadata);

  if (first.outcome !== 'applied') throw new Error('not applied');
  expect(first.applied).toMatchObject({ uid: stored.metadata.uid, resourceVersion: stored.metadata.resourceVersion });
  expect(await undoFix(createPodProfile, context(), plan, first.applied)).toMatchObject({ ok: true });
  expect(profileNow()).toBeNull();
  expect(await undoFix(createPodProfile, context(), plan, first.applied)).toMatchObject({
    ok: true,
    why: expect.stringContaining('gone already'),
  });
  expect(node.ran.filter((line) => line.startsWith('calicoctl create'))).toHaveLength(1);
});

test('a profile that somebody changed since is not rolled back', async () => {
  const plan = await draft();
  const done = await writeFix(createPodProfile, context(), plan);
  if (done.outcome !== 'applied') throw new Error('not applied');
  calicoctl(['apply', '-f', '-'], JSON.stringify({ ...profileNow(), spec: { ingress: [{ action: 'Deny' }] } }));
  expect(await undoFix(createPodProfile, context(), plan, done.applied)).toMatchObject({
    ok: false,
    why: expect.stringContaining('left alone'),
  });
  expect(profileNow().spec.ingress).toEqual([{ action: 'Deny' }]);
});

test('a profile that somebody changes between the last look and the delete is refused by calicoctl', async () => {
  const plan = await draft();
  const done = await writeFix(createPodProfile, context(), plan);
  if (done.outcome !== 'applied') throw new Error('not applied');
  node.before.set('calicoctl-delete-profile', async () => {
    calicoctl(['apply', '-f', '-'], JSON.stringify({ ...profileNow(), spec: { ingress: [{ action: 'Deny' }] } }));
  });
  expect(await undoFix(createPodProfile, context(), plan, done.applied)).toMatchObject({
    ok: false,
    why: expect.stringContaining('conflict'),
  });
  expect(profileNow().spec.ingress).toEqual([{ action: 'Deny' }]);
});

test('what was written stands in the evidence', async () => {
  const done = await writeFix(createPodProfile, context(), await draft());
  expect(done.evidence.map(({ command }) => command).find((command) => command.includes('calicoctl create'))).toContain(
    '"pcns.team":"shop"',
  );
});

describe('a plan is refused when', () => {
  test('the datastore is the Kubernetes API', async () => {
    node.scripted.set('grep-datastore-type', { after: false, answer: { stdout: '  datastoreType: "kubernetes"\n' } });
    expect(await why(context())).toContain('the datastore is the Kubernetes API');
  });
  test('the words of the missing profile are not those of etcd and no file tells', async () => {
    node.scripted.set('calicoctl-get-profile-json', {
      after: false,
      answer: {
        exit: 1,
        stdout: 'null\n',
        stderr: 'resource does not exist: Profile(kns.default) with error: namespaces "default" not found\n',
      },
    });
    expect(await why(context())).toContain('does not tell which datastore');
  });
  test('the profile is there', async () => {
    calicoctl(
      ['create', '-f', '-'],
      JSON.stringify({
        apiVersion: 'projectcalico.org/v3',
        kind: 'Profile',
        metadata: { name: 'kns.default' },
        spec: {},
      }),
    );
    expect(await why(context())).toContain('exists already');
  });
  test('the same client does not return the endpoint', async () => {
    expect(await why(context(), { workloadEndpoint: 'n1-k8s-other-eth0' })).toContain('does not return the endpoint');
  });
  test("the endpoint is another pod's", async () => {
    expect(await why(context(), { pod: 'other' })).toContain('does not return the endpoint');
  });
  test('the endpoint does not name the profile', async () => {
    expect(await why(context(), { profile: 'ksa.default.other' })).toContain('does not name the profile');
  });
  test("the profile is not one of the controller's", async () => {
    expect(await why(context(), { profile: 'k8s-pod-network' })).toContain(
      "not a profile that Calico's controller makes",
    );
    expect(await why(context(), { profile: 'kns.kube-system' })).toContain(
      "not a profile that Calico's controller makes",
    );
  });
  test('the namespace ends', async () => {
    expect(await why(context({ ...active, status: { phase: 'Terminating' } }))).toContain('Terminating');
    expect(
      await why(context({ ...active, metadata: { ...active.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } })),
    ).toContain('not Active');
  });
  test('the namespace denies by default in the way of old', async () => {
    const annotations = { 'net.beta.kubernetes.io/network-policy': '{"ingress":{"isolation":"DefaultDeny"}}' };
    expect(await why(context({ ...active, metadata: { ...active.metadata, annotations } }))).toContain(
      'undo its default deny',
    );
  });
  test('client and cluster are of different versions, though not of different builds', async () => {
    node.scripted.set('calicoctl-version', version('v3.26.1'));
    expect(await why(context())).toContain('a client of another version');
    node.scripted.set('calicoctl-version', version('v3.31.2-12-gabc'));
    expect(await why(context())).toBe('planned');
  });
  test("the node's helper does not take what would be written", async () => {
    const labels = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`label-${index}`, 'x']));
    expect(await why(context({ ...active, metadata: { ...active.metadata, labels } }))).toContain(
      'more than 64 values of labels',
    );
    expect(await why(context({ ...active, metadata: { ...active.metadata, labels: { 'a b': 'x' } } }))).toContain(
      'the value of labels is no nslabel',
    );
  });
  test('the node cannot be asked', async () => {
    node.scripted.set('calicoctl-get-workloadendpoint-json', {
      after: false,
      answer: new LookError('ssh-lost', 'the connection to n1 was lost'),
    });
    expect(await why(context())).toContain('the connection to n1 was lost');
  });
  test('calicoctl cannot reach its datastore', async () => {
    node.scripted.set('calicoctl-get-profile-json', { after: false, answer: { exit: null, timedOut: true } });
    expect(await why(context())).toContain('did not answer in time');
  });
});

describe('an approved plan', () => {
  test("is refused when the namespace's labels changed", async () => {
    const plan = await draft();
    const relabelled = { ...active, metadata: { ...active.metadata, labels: { team: 'other' } } };
    expect(await writeFix(createPodProfile, context(relabelled), plan)).toMatchObject({
      outcome: 'refused',
      why: expect.stringContaining('labels computed'),
    });
    expect(profileNow()).toBeNull();
  });
  test('is refused when the namespace was made anew', async () => {
    const plan = await draft();
    const other = { ...active, metadata: { ...active.metadata, uid: 'ns-2' } };
    expect(await writeFix(createPodProfile, context(other), plan)).toMatchObject({
      outcome: 'refused',
      why: expect.stringContaining('the same as when planned'),
    });
    expect(profileNow()).toBeNull();
  });
  test('is superseded when the controller comes between the last look and the write', async () => {
    const plan = await draft();
    node.before.set('calicoctl-create-namespace-profile', async () => {
      calicoctl(
        ['create', '-f', '-'],
        JSON.stringify({
          apiVersion: 'projectcalico.org/v3',
          kind: 'Profile',
          metadata: { name: 'kns.default' },
          spec: { labelsToApply: { by: 'controller' } },
        }),
      );
    });
    expect(await writeFix(createPodProfile, context(), plan)).toMatchObject({ outcome: 'superseded' });
    expect(profileNow().spec).toEqual({ labelsToApply: { by: 'controller' } });
  });
  test('is failed, not repeated, when the outcome of the write is unknown', async () => {
    const plan = await draft();
    node.scripted.set('calicoctl-create-namespace-profile', {
      after: true,
      answer: new LookError('ssh-lost', 'the connection was lost'),
    });
    const done = await writeFix(createPodProfile, context(), plan);
    expect(done).toMatchObject({ outcome: 'failed', why: expect.stringContaining('may be created or not') });
    // The audit record has the write itself, though nobody knows how it ended.
    expect(done.evidence.at(-1)).toMatchObject({
      command: expect.stringContaining('calicoctl create'),
      node: 'n1',
      excerpt: 'no outcome: the connection was lost',
    });
    expect(node.ran.filter((line) => line.startsWith('calicoctl create'))).toHaveLength(1);
  });
});
