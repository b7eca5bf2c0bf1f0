import type { Clusters } from '../compose-cluster.ts';
import { ProgramError } from '../errors.ts';

/**
 * Reads which cluster is meant before anything is asked: an answer about it would be one about nothing.
 * @throws ProgramError `configuration` for a context that is not in the kubeconfig, and for a file that is not one
 */
export async function readKubeconfig(clusters: Clusters, name: string): Promise<void> {
  try {
    await clusters.way(name).server();
  } catch (error) {
    throw new ProgramError('configuration', error instanceof Error ? error.message : String(error), {
      cause: error,
      next: 'Run kubectl config get-contexts, and correct KUBECONFIG, --kubeconfig or --context.',
    });
  }
}
