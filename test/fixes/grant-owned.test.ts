/** The controller's rights are given back only where nobody undoes it, and the plan names who gives the rest. */
import { describe, expect, test } from '@jest/globals';
import { grantRules, ownName } from '../../src/fixes/grant-controller-rbac/controller-manifest.ts';
import { grantControllerRbac } from '../../src/fixes/grant-controller-rbac/grant-controller-rbac.ts';
import type { ClusterAccess } from '../../src/model/cluster-access.ts';
import type { KubernetesObject, ObjectMeta } from '../../src/model/kubernetes.ts';
import { clusterOf } from '../probes/cluster-of.ts';
import { byInstallation, workloadIn } from '../support/installs.ts';
import { localNode } from './local-node.ts';
import { planned } from './planned.ts';

const name = 'calico-kube-controllers';
const missing = [{ group: '', resource: 'namespaces', verb: 'list' }];
const uid = { uid: 'u', resourceVersion: '1' };
type Part = 'ServiceAccount' | 'Deployment' | 'ClusterRole' | 'ClusterRoleBinding' | 'own ClusterRoleBinding';

/** The objects of the manifest and of the bot, one of them with marks of whoever applies it. */
function objects(
  marked: Part | null,
  marks: Partial<ObjectMeta>,
  namespace = 'kube-system',
): readonly KubernetesObject[] {
  const meta = (part: Part, of: ObjectMeta): ObjectMeta => (part === marked ? { ...of, ...marks } : of);
  const role = (of: string) => ({ kind: 'ClusterRole', metadata: { name: of, ...uid }, rules: grantRules });
  const binding = (of: string) => ({
    kind: 'ClusterRoleBinding',
    metadata: { name: of, ...uid },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: of },
  });
  const deployment = workloadIn(namespace, 'Deployment', name);
  return [
    { kind: 'ServiceAccount', metadata: meta('ServiceAccount', { name, namespace, ...uid }) },
    { ...deployment, metadata: meta('Deployment', deployment.metadata) },
    { ...role(name), metadata: meta('ClusterRole', role(name).metadata) },
    { ...binding(name), metadata: meta('ClusterRoleBinding', binding(name).metadata) },
    role(ownName),
    { ...binding(ownName), metadata: meta('own ClusterRoleBinding', binding(ownName).metadata) },
  ];
}

async function planOf(marked: Part | null, marks: Partial<ObjectMeta> = {}, namespace = 'kube-system') {
  const cluster = clusterOf(objects(marked, marks, namespace));
  const at = '2026-11-23T18:00:00.000Z';
  const access: ClusterAccess = {
    cluster: {
      ...cluster,
      accessReview: async (question) => ({
        ok: true,
        value: { ...question, allowed: false, reason: '' },
        request: 'review',
        at,
      }),
    },
    writer: { merge: async (_, change) => ({ ok: true, value: change as never, request: 'merge', at }) },
    shells: localNode({}),
    clock: { now: () => new Date(at), sleep: async () => undefined },
    calicoNamespaces: ['kube-system', 'calico-system'],
    close: async () => undefined,
  };
  return planned(grantControllerRbac, access, {
    rule: 'controller-forbidden',
    subject: { kind: 'ServiceAccount', name: `${namespace}/${name}` },
    input: { accountNamespace: namespace, accountName: name, missing },
  });
}

const reasonOf = async (marked: Part | null, marks: Partial<ObjectMeta> = {}) => {
  const plan = await planOf(marked, marks);
  return typeof plan === 'string' ? plan : plan.reason;
};

describe('an operator undoes changes of what it owns', () => {
  test.each<Part>(['ServiceAccount', 'Deployment', 'ClusterRole', 'ClusterRoleBinding', 'own ClusterRoleBinding'])(
    'no plan where it owns the %s',
    async (part) => {
      const why = await planOf(part, byInstallation);
      expect(why).toMatch(/^\w+ [\w-]+ belongs to Installation default, which would undo the change/);
    },
  );
  test('its label counts where no reference does', async () => {
    expect(await planOf('ClusterRole', { labels: { 'app.kubernetes.io/managed-by': 'tigera-operator' } })).toContain(
      'ClusterRole calico-kube-controllers belongs to tigera-operator',
    );
  });
  test("no plan in the operator's namespace, and no command about a workload that is not there", async () => {
    const why = await planOf(null, {}, 'calico-system');
    expect(why).toContain(
      "the controller runs as calico-system/calico-kube-controllers, not as the account of Calico's",
    );
  });
});

describe('the plan says who restores the rest', () => {
  test.each<[string, Partial<ObjectMeta>, string]>([
    ['the manifest', {}, 'kubectl apply -f calico-etcd.yaml'],
    ['Helm', { annotations: { 'meta.helm.sh/release-name': 'calico' } }, 'where Helm release calico applies it from'],
    ['GitOps', { labels: { 'argocd.argoproj.io/instance': 'net' } }, 'where Argo CD application net applies it from'],
  ])('%s', async (_, marks, words) => {
    expect(await reasonOf('ClusterRole', marks)).toContain(words);
  });
});
