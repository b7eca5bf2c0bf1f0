import type { KubeConfig } from '@kubernetes/client-node';
import { delimiter } from 'node:path';
import { noKubeconfig } from '../../model/no-kubeconfig.ts';

/** The official client, and the configuration that it was given. */
export interface KubernetesClient {
  readonly sdk: typeof import('@kubernetes/client-node');
  readonly config: KubeConfig;
}

/** Which cluster, and as whom. */
export interface ClientOptions {
  /**
   * Paths of kubeconfig files as in KUBECONFIG; null: the account of the pod that this runs in, or the user's own file.
   */
  readonly kubeconfig: string | null;
  /** One of its contexts; null: the current one. */
  readonly context?: string | null;
}

/**
 * Loads the client, which takes some 0.4 s the first time, and reads the kubeconfig afresh.
 * @throws Error that says what is wrong with the kubeconfig
 */
export async function loadClient({ kubeconfig, context = null }: ClientOptions): Promise<KubernetesClient> {
  const sdk = await import('@kubernetes/client-node');
  const config = new sdk.KubeConfig();
  const [first, ...others] = (kubeconfig ?? '').split(delimiter).filter((path) => path !== '');
  if (first === undefined) config.loadFromDefault();
  else config.loadFromFile(first);
  for (const path of others) {
    const other = new sdk.KubeConfig();
    other.loadFromFile(path);
    config.mergeConfig(other, true);
  }
  // What the SDK falls back to, where nothing is configured.
  if (first === undefined && config.getCurrentCluster()?.server === 'http://localhost:8080')
    throw new Error(noKubeconfig);
  if (context !== null) {
    if (config.getContextObject(context) === null)
      throw new Error(`the kubeconfig has no context ${context}: kubectl config get-contexts lists them`);
    config.setCurrentContext(context);
  }
  return { sdk, config };
}
