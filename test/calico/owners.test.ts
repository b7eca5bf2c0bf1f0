import { describe, expect, test } from '@jest/globals';
import { ownerOf } from '../../src/calico/owners.ts';
import type { ObjectMeta } from '../../src/model/kubernetes.ts';

const owner = (metadata: Partial<ObjectMeta>) => ownerOf({ metadata: { name: 'calico-node', ...metadata } });
const installation = { kind: 'Installation', name: 'default', uid: 'u', controller: true };

describe('who applies an object again', () => {
  test.each<[string, Partial<ObjectMeta>, string]>([
    ['an object owns it', { ownerReferences: [installation] }, 'operator: Installation default'],
    [
      'its controller counts before another owner',
      { ownerReferences: [{ kind: 'Tenant', name: 'a', uid: 'v' }, installation] },
      'operator: Installation default',
    ],
    [
      'an owner that is no controller counts too',
      { ownerReferences: [{ kind: 'Tenant', name: 'a', uid: 'v' }] },
      'operator: Tenant a',
    ],
    [
      'the label of an operator',
      { labels: { 'app.kubernetes.io/managed-by': 'tigera-operator' } },
      'operator: tigera-operator',
    ],
    [
      'Helm, by its release',
      {
        labels: { 'app.kubernetes.io/managed-by': 'Helm' },
        annotations: { 'meta.helm.sh/release-name': 'calico', 'meta.helm.sh/release-namespace': 'net' },
      },
      'helm: Helm release calico of namespace net',
    ],
    [
      'a chart that something else applied',
      { labels: { 'app.kubernetes.io/managed-by': 'Helm' } },
      'helm: a Helm chart',
    ],
    [
      'Argo CD, before the chart that it renders',
      {
        labels: { 'app.kubernetes.io/managed-by': 'Helm' },
        annotations: { 'argocd.argoproj.io/tracking-id': 'net:apps/DaemonSet:kube-system/calico-node' },
      },
      'gitops: Argo CD application net',
    ],
    ['Argo CD, by its label', { labels: { 'argocd.argoproj.io/instance': 'net' } }, 'gitops: Argo CD application net'],
    ['Argo CD, by what it wrote', { managedFields: [{ manager: 'argocd-controller' }] }, 'gitops: Argo CD'],
    [
      'Flux, by a Kustomization',
      {
        labels: {
          'kustomize.toolkit.fluxcd.io/name': 'infra',
          'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
        },
      },
      'gitops: Kustomization infra of namespace flux-system',
    ],
    [
      'Flux, by a HelmRelease before the release that it makes',
      {
        labels: { 'helm.toolkit.fluxcd.io/name': 'calico' },
        annotations: { 'meta.helm.sh/release-name': 'calico' },
      },
      'gitops: HelmRelease calico',
    ],
    [
      'kOps',
      { labels: { 'addon.kops.k8s.io/name': 'networking.projectcalico.org' } },
      'other: kOps addon networking.projectcalico.org',
    ],
    ['k3s', { labels: { 'objectset.rio.cattle.io/hash': 'f0' } }, 'other: the addons of k3s or RKE2'],
    [
      'an addon manager that restores',
      { labels: { 'addonmanager.kubernetes.io/mode': 'Reconcile' } },
      "other: Kubernetes' addon manager",
    ],
    ['another manager, by its own name', { labels: { 'app.kubernetes.io/managed-by': 'acme' } }, 'other: acme'],
  ])('%s', (_, metadata, expected) => {
    const found = owner(metadata);
    expect(found && `${found.by}: ${found.name}`).toBe(expected);
  });

  test.each<[string, Partial<ObjectMeta>]>([
    ['a plain object', { labels: { 'k8s-app': 'calico-node' } }],
    ['one that kubectl applied', { managedFields: [{ manager: 'kubectl-client-side-apply' }, {}] }],
    ['one that an addon manager only creates', { labels: { 'addonmanager.kubernetes.io/mode': 'EnsureExists' } }],
    ['a label that names nobody', { labels: { 'app.kubernetes.io/managed-by': '' } }],
    ['a manager called like a method of objects', { managedFields: [{ manager: 'constructor' }] }],
  ])('%s has no owner', (_, metadata) => {
    expect(owner(metadata)).toBeNull();
  });
});
