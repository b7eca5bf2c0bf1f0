/** What `init` knows of the cluster and of what was asked. */
export interface InitFacts {
  /** Absolute. */
  readonly folder: string;
  /** The kubeconfig and context of the person who installs; null: kubectl's own. */
  readonly kubeconfig: string | null;
  readonly context: string | null;
  /** Kubernetes' names with the addresses at which SSH reaches them. */
  readonly nodes: readonly { readonly name: string; readonly address: string }[];
  /** How the bot reaches the nodes; `image`: of the agent's pods, as the nodes can pull it. */
  readonly access: { readonly via: 'ssh' } | { readonly via: 'agent'; readonly image: string };
  /** Where Calico runs: at least one. */
  readonly calicoNamespaces: readonly string[];
  /** Slack ids of users and user groups. */
  readonly approvers: readonly string[];
  /** Where alerts are told, and where the bot waits for them; null: there are none yet. */
  readonly alerts: { readonly channel: string; readonly listen: string } | null;
}
