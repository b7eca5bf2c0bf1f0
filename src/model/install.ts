/** How Calico was installed: where its parts run, what they are called, and who would undo a change to them. */

import type { Backend } from './ruleset/places.ts';

/**
 * `manifest`: applied by hand. `operator`: another object owns them (an Installation). `other`: a program that is not
 * Helm applies them again (GitOps, an addon manager). `unknown`: no namespace of Calico's has calico-node.
 */
export type InstallKind = 'manifest' | 'operator' | 'helm' | 'other' | 'unknown';

export interface Install {
  readonly kind: InstallKind;
  /** calico-node; null: no namespace of Calico's has its DaemonSet. The others: their Deployments. */
  readonly node: InstalledPart | null;
  /**
   * What brings routes to nodes, as calico-node is told: `bird`, `vxlan` (Felix alone), or `none`, where another
   * network plugin or a cloud does, and calico-node finds no addresses of nodes; null: its DaemonSet does not say.
   */
  readonly backend: string | null;
  /**
   * Which packet filter Felix is told to program; not given: calico-node's environment does not say. A Felix that is
   * told a backend of iptables may still go after kube-proxy, and program nftables.
   */
  readonly packetFilter?: Backend;
  readonly controllers: InstalledPart | null;
  readonly typha: InstalledPart | null;
  readonly apiServer: InstalledPart | null;
  /** null: the cluster has no Installation. */
  readonly operator: OperatorState | null;
  /** Parts that could not be read, which are null here and may be there. */
  readonly unread: readonly string[];
}

export interface InstalledPart {
  readonly kind: 'DaemonSet' | 'Deployment';
  readonly namespace: string;
  readonly name: string;
  /** Labels of its pods, as `kubectl -l` takes them; null: its selector has no plain labels. */
  readonly selector: string | null;
  /** Name of the service account of its pods. */
  readonly account: string;
  /** null: nobody says so. */
  readonly owner: ObjectOwner | null;
}

/** Who applies an object again. */
export interface ObjectOwner {
  readonly by: 'operator' | 'helm' | 'gitops' | 'other';
  /** As people call it: `Installation default`, `Helm release calico of namespace tigera-operator`. */
  readonly name: string;
}

/** Annotations that name an owner: what is read of an object keeps these. */
export const ownerAnnotations: readonly string[] = [
  'meta.helm.sh/release-name',
  'meta.helm.sh/release-namespace',
  'argocd.argoproj.io/tracking-id',
];

/** Programs that apply objects again and leave only their name in managedFields: of it, these names are kept. */
export const ownerManagers = {
  'argocd-controller': { by: 'gitops', name: 'Argo CD' },
  'argocd-application-controller': { by: 'gitops', name: 'Argo CD' },
  'kustomize-controller': { by: 'gitops', name: 'Flux' },
  'helm-controller': { by: 'gitops', name: 'Flux' },
  helm: { by: 'helm', name: 'Helm' },
} as const satisfies Readonly<Record<string, ObjectOwner>>;

/** Programs by which people and controllers change objects: of managedFields, these names are kept, too. */
export const knownWriters: readonly string[] = [
  'kubectl',
  'kubectl-annotate',
  'kubectl-client-side-apply',
  'kubectl-create',
  'kubectl-edit',
  'kubectl-label',
  'kubectl-last-applied',
  'kubectl-patch',
  'kubectl-replace',
  'kubectl-rollout',
  'kubectl-scale',
  'kubectl-set',
  'k9s',
  'Terraform',
  'rancher',
  'kube-controller-manager',
];

/** The operator's own resources. */
export interface OperatorState {
  /** Name of the Installation. */
  readonly installation: string;
  /** Who applies the Installation again; null: nobody says so. */
  readonly owner: ObjectOwner | null;
  /** Of the Installation; null: it does not say. */
  readonly linuxDataplane: 'Iptables' | 'Nftables' | 'BPF' | 'VPP' | null;
  /** Calico's version; null: the operator does not say it yet. */
  readonly version: string | null;
  /** Components that the operator calls degraded, with its own message. */
  readonly degraded: readonly { readonly component: string; readonly message: string }[];
}

/** The namespace in which Calico's own pods run; null: none was found. */
export function calicoNamespaceOf({ node, controllers, typha }: Install): string | null {
  return node?.namespace ?? controllers?.namespace ?? typha?.namespace ?? null;
}

/** Returns how Calico was installed, and where, in words. @param install null: it was not read */
export function installWords(install: Install | null): string {
  if (!install) return 'installed in an unknown way';
  const { kind, node, operator } = install;
  const namespace = calicoNamespaceOf(install);
  const place = namespace === null ? '' : ` in ${namespace}`;
  if (kind === 'unknown') return `installed in an unknown way${place}`;
  if (kind === 'manifest') return `installed from a manifest${place}`;
  const owner = kind === 'operator' && operator ? `Installation ${operator.installation}` : node?.owner?.name;
  return kind === 'operator'
    ? `installed by an operator (${owner ?? 'not named'})${place}`
    : `installed by ${owner ?? 'another program'}${place}`;
}
