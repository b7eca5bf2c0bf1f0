import type { KubeConfig } from '@kubernetes/client-node';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { noKubeconfig } from '../../model/no-kubeconfig.ts';
import { readRegularFile } from '../regular-file.ts';

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
  const given = (kubeconfig ?? '').split(delimiter).filter((path) => path !== '');
  const own = join(homedir(), '.kube', 'config');
  const [first, ...others] = given.length > 0 || !existsSync(own) ? given : [own];
  if (first === undefined) config.loadFromDefault();
  else await readInto(config, first);
  for (const path of others) {
    const other = new sdk.KubeConfig();
    await readInto(other, path);
    config.mergeConfig(other, true);
  }
  // What the SDK falls back to, where nothing is configured.
  if (first === undefined && config.getCurrentCluster()?.server === 'http://localhost:8080')
    throw new Error(noKubeconfig);
  if (context !== null) {
    if (config.getContextObject(context) === null) throw new Error(`the kubeconfig has no context ${context}`);
    config.setCurrentContext(context);
  }
  return { sdk, config };
}

/** As the SDK's own loadFromFile, which waits at a pipe for its writer. */
async function readInto(config: KubeConfig, path: string): Promise<void> {
  const text = (await readRegularFile(path).catch(refuse(path))).toString('utf8');
  try {
    config.loadFromString(text);
  } catch {
    throw new Error(`the kubeconfig ${path} is empty, or is not a kubeconfig`);
  }
  config.makePathsAbsolute(dirname(path));
}

const refuse = (path: string) => (error: NodeJS.ErrnoException) => {
  throw new Error(`the kubeconfig ${path} cannot be read (${error.code ?? 'unknown'})`);
};
