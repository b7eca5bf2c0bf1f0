/** A profile of Calico 2.x, by what calicoctl 1.6 prints. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { createPodProfile } from '../../src/fixes/create-pod-profile/create-pod-profile.ts';
import type { FixPlan } from '../../src/model/fix.ts';
import type { Namespace } from '../../src/model/kubernetes.ts';
import { undoFix, writeFix } from '../../src/plans/use-fix.ts';
import { endpointYaml, profileYaml, versionText } from '../support/calico-2.ts';
import { localAccess, localNode } from './local-node.ts';
import { planned } from './planned.ts';

const name = 'k8s_ns.default';
const input = {
  profile: name,
  namespace: 'default',
  pod: 'my.pod-0',
  workloadEndpoint: 'n1-k8s-my.pod--0-eth0',
  node: 'n1',
  nodeAddress: '127.0.0.1',
};
const active: Namespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'default', uid: 'ns-1', labels: { team: 'shop' } },
  status: { phase: 'Active' },
};
const json = (yaml: string) => JSON.stringify(parse(yaml));
const theirs = json(profileYaml);
const created = theirs.replace('["k8s_ns.default"]', '["k8s_ns.default","created-by-calico-chatops"]');
const node = localNode({});
const has = (profile: string) => node.says('calicoctl-v1-get-profile-json', profile);

beforeEach(() => {
  node.ran.length = 0;
  node.scripted.clear();
  node.before.clear();
  node.says('grep-datastore-type', '  datastoreType: "etcdv2"\n');
  node.says('calicoctl-version', versionText());
  node.says('calicoctl-v1-get-workloadendpoint-json', json(endpointYaml));
  has('[]');
  node.says('calicoctl-v1-create-namespace-profile', "Successfully created 1 'profile' resource(s)\n");
  node.before.set('calicoctl-v1-create-namespace-profile', async () => has(created));
  node.says('calicoctl-v1-delete-namespace-profile', "Successfully deleted 1 'profile' resource(s)\n");
  node.before.set('calicoctl-v1-delete-namespace-profile', async () => has('[]'));
});

const access = (namespace = active) => localAccess(node, [namespace]);
const plan = async (using = access(), change: Partial<typeof input> = {}) =>
  planned(createPodProfile, using, {
    rule: 'pod-profile-missing',
    subject: { kind: 'Profile', name },
    input: { ...input, ...change },
  });
const drafted = async (): Promise<FixPlan> => {
  const made = await plan();
  if (typeof made === 'string') throw new Error(made);
  return made;
};

test('the plan is what a person is asked to approve', async () => {
  const { diff, rollback, steps } = await drafted();
  expect(diff).toBe(`--- /dev/null
+++ Profile k8s_ns.default
@@ -0,0 +1,16 @@
+apiVersion: v1
+kind: profile
+spec:
+  egress:
+    - action: allow
+  ingress:
+    - action: allow
+metadata:
+  name: k8s_ns.default
+  tags:
+    - k8s_ns.default
+    - created-by-calico-chatops
+  labels:
+    calico/k8s_ns: default
+    k8s_ns/label/team: shop
+    pcns.team: shop`);
  expect(rollback).toEqual({
    kind: 'exact',
    description: 'Delete the profile, if it still holds what was created, with the tag of this program.',
  });
  expect(steps[0]?.command).toMatch(/^calicoctl create -f - <<'EOF'\napiVersion: v1\n/);
});

test('applying creates it, and rolling back deletes it by name', async () => {
  const made = await drafted();
  const done = await writeFix(createPodProfile, access(), made);
  if (done.outcome !== 'applied') throw new Error(done.outcome);
  expect(await undoFix(createPodProfile, access(), made, done.applied)).toMatchObject({ ok: true });
  expect(await undoFix(createPodProfile, access(), made, done.applied)).toMatchObject({
    ok: true,
    why: expect.stringContaining('gone already'),
  });
  expect(node.ran.filter((line) => /calicoctl (create|delete)/.test(line))).toHaveLength(2);
  expect(node.ran.join('\n')).not.toContain('allow-version-mismatch');
});

test('a profile that somebody changed since is not rolled back', async () => {
  const made = await drafted();
  const done = await writeFix(createPodProfile, access(), made);
  if (done.outcome !== 'applied') throw new Error(done.outcome);
  has(created.replaceAll('allow', 'deny'));
  expect(await undoFix(createPodProfile, access(), made, done.applied)).toMatchObject({
    ok: false,
    why: expect.stringContaining('left alone'),
  });
  expect(node.ran.filter((line) => line.includes('delete'))).toEqual([]);
});

/** It is theirs when we come to roll back. */
const expectLeftAlone = async () => {
  const made = await drafted();
  const done = await writeFix(createPodProfile, access(), made);
  if (done.outcome !== 'applied') throw new Error(done.outcome);
  has(theirs);
  expect(await undoFix(createPodProfile, access(), made, done.applied)).toMatchObject({
    ok: false,
    why: expect.stringContaining('left alone'),
  });
  expect(node.ran.filter((line) => line.includes('delete'))).toEqual([]);
};

describe('an equal profile of somebody else is not rolled back', () => {
  test('made after ours was deleted', expectLeftAlone);
  test('made before ours was read back, or by a node whose allow-list has no tag', async () => {
    node.before.set('calicoctl-v1-create-namespace-profile', async () => has(theirs));
    await expectLeftAlone();
  });
});

test('the controller was faster', async () => {
  const made = await drafted();
  node.says(
    'calicoctl-v1-create-namespace-profile',
    "Failed to create 'profile' resource: resource already exists: Profile(name=k8s_ns.default)\n",
    1,
  );
  expect(await writeFix(createPodProfile, access(), made)).toMatchObject({ outcome: 'superseded' });
});

describe('a plan is refused when', () => {
  test('the profile is there', async () => {
    has(created);
    expect(await plan()).toContain('exists already');
  });
  test('the same client does not return the endpoint', async () => {
    node.says('calicoctl-v1-get-workloadendpoint-json', '[]');
    expect(await plan()).toContain('does not return the endpoint');
  });
  test("the endpoint is another pod's", async () => {
    expect(await plan(access(), { pod: 'other' })).toContain('does not return the endpoint');
  });
  test('the profile is of another namespace', async () => {
    expect(await plan(access(), { profile: 'k8s_ns.shop' })).toContain('not a profile that');
  });
  test('the namespace denies by default, which the profile would undo', async () => {
    const annotations = { 'net.beta.kubernetes.io/network-policy': '{"ingress":{"isolation":"DefaultDeny"}}' };
    expect(await plan(access({ ...active, metadata: { ...active.metadata, annotations } }))).toContain(
      'undo its default deny',
    );
  });
  test.each<[string, string]>([
    ['a client of today', versionText().replace('v1.6.3', 'v3.26.1')],
    ['a cluster of today', versionText('v3.26.1')],
  ])('%s', async (_, text) => {
    node.says('calicoctl-version', text);
    expect(await plan()).toContain('a client of another version');
  });
  test('calicoctl cannot reach its datastore', async () => {
    node.says('calicoctl-v1-get-profile-json', 'Failed to get resources: client: etcd cluster is unavailable', 1);
    expect(await plan()).toContain('etcd cluster is unavailable');
  });
});

test.each(['v2.3.0', 'v1.3.0', 'unknown'])('a client of 1.x serves a cluster that says %s', async (cluster) => {
  node.says('calicoctl-version', versionText(cluster));
  expect(typeof (await plan())).toBe('object');
});
