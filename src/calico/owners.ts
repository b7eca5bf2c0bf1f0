/**
 * Who applies an object again and so undoes a change to it. Sources: Kubernetes' recommended labels, the labels and
 * annotations that Helm, Argo CD, Flux, Kubernetes' addon manager, kOps and k3s put on what they apply.
 */
import { ownerManagers, type ObjectOwner } from '../model/install.ts';
import type { KubernetesObject } from '../model/kubernetes.ts';
import { own } from '../model/own.ts';

const managedBy = 'app.kubernetes.io/managed-by';

interface Marks {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** In this order: a chart that GitOps renders carries the marks of both. */
const signs: readonly ((marks: Marks) => ObjectOwner | null)[] = [
  ({ labels }) => flux(labels, 'helm.toolkit.fluxcd.io', 'HelmRelease'),
  ({ labels }) => flux(labels, 'kustomize.toolkit.fluxcd.io', 'Kustomization'),
  ({ labels, annotations }) => {
    const [application] = (annotations['argocd.argoproj.io/tracking-id'] ?? '').split(':');
    const name = application || labels['argocd.argoproj.io/instance'];
    return name ? { by: 'gitops', name: `Argo CD application ${name}` } : null;
  },
  ({ annotations }) => {
    const release = annotations['meta.helm.sh/release-name'];
    const namespace = annotations['meta.helm.sh/release-namespace'];
    return release
      ? { by: 'helm', name: `Helm release ${release}${namespace ? ` of namespace ${namespace}` : ''}` }
      : null;
  },
  ({ labels }) => {
    const kops = labels['addon.kops.k8s.io/name'];
    return kops ? { by: 'other', name: `kOps addon ${kops}` } : null;
  },
  ({ labels }) =>
    labels['addonmanager.kubernetes.io/mode'] === 'Reconcile'
      ? { by: 'other', name: "Kubernetes' addon manager" }
      : null,
  ({ labels }) =>
    labels['objectset.rio.cattle.io/hash'] === undefined ? null : { by: 'other', name: 'the addons of k3s or RKE2' },
  ({ labels }) => {
    const manager = labels[managedBy];
    if (!manager) return null;
    if (manager === 'Helm') return { by: 'helm', name: 'a Helm chart' };
    return { by: /operator/i.test(manager) ? 'operator' : 'other', name: manager };
  },
];

/** Returns who applies the object again: what owns it, else what its marks name; null: nobody says so. */
export function ownerOf({ metadata }: KubernetesObject): ObjectOwner | null {
  const { ownerReferences = [], labels = {}, annotations = {}, managedFields = [] } = metadata;
  const owner = ownerReferences.find(({ controller }) => controller === true) ?? ownerReferences[0];
  if (owner) return { by: 'operator', name: `${owner.kind} ${owner.name}` };
  for (const sign of signs) {
    const found = sign({ labels, annotations });
    if (found) return found;
  }
  return managedFields.flatMap(({ manager = '' }) => own<ObjectOwner>(ownerManagers, manager) ?? [])[0] ?? null;
}

function flux(labels: Readonly<Record<string, string>>, prefix: string, kind: string): ObjectOwner | null {
  const name = labels[`${prefix}/name`];
  const namespace = labels[`${prefix}/namespace`];
  return name ? { by: 'gitops', name: `${kind} ${name}${namespace ? ` of namespace ${namespace}` : ''}` } : null;
}
