import { isIP } from 'node:net';
import { delimiter, resolve } from 'node:path';
import { connectClusters } from '../../compose-cluster.ts';
import { inspectConfig, loadConfig } from '../../config.ts';
import { ProgramError } from '../../errors.ts';
import { declaredReader } from '../../model/api-reads.ts';
import { onlyCluster } from '../../model/known-clusters.ts';
import type { KubernetesNode } from '../../model/kubernetes.ts';
import type { ClusterReader } from '../../model/ports.ts';
import { setupReads } from '../../setup/all-reads.ts';
import { apiTrouble } from '../../setup/api-server.ts';
import { exitCode, type Surroundings } from '../output.ts';
import { line } from '../plain-output.ts';
import { accessIn, accessOf } from './earlier-access.ts';
import { configFile, plannedFiles } from './planned-files.ts';
import { writeFiles } from './write-files.ts';

export interface InitOptions {
  readonly folder: string;
  readonly approvers: readonly string[];
  /** Not given: as the folder has it already, else SSH. */
  readonly via: 'ssh' | 'agent' | undefined;
  /** Of the agent's pods. Not given: as the folder has it already, else the one of this version. */
  readonly image: string | undefined;
}

/**
 * `calico-chatops init`: looks at the cluster, and writes everything that an installation needs into a folder. It
 * applies nothing. It may run again: files that people edit are kept, the others follow the cluster.
 * @throws ProgramError if the cluster does not answer, or Calico is not found
 */
export async function initCommand(options: InitOptions, { told, environment }: Surroundings): Promise<number> {
  // The file of the configuration names the kubeconfig of the bot, and this is done as an administrator.
  const own = { ...environment, CALICO_CHATOPS_CONFIG: undefined, CLUSTERS: 'none' };
  const config = loadConfig(own, ['cluster']);
  const folder = resolve(options.folder);
  const access = await accessOf(folder, options);
  const clusters = await connectClusters(config.clusters);
  try {
    const { cluster } = await clusters.open(onlyCluster);
    const reader = declaredReader(cluster, setupReads, [], 'init');
    const [nodes, calicoNamespaces] = await Promise.all([
      nodesOf(reader, config.KUBECONFIG ?? null),
      namespacesOf(reader, inspectConfig(environment, []).config.CALICO_NAMESPACES),
    ]);
    const files = plannedFiles({
      folder,
      nodes: nodes
        .filter(({ address }) => address !== null)
        .map(({ name, address }) => ({ name, address: address ?? '' })),
      calicoNamespaces,
      approvers: options.approvers,
      access,
      // The script runs in another folder.
      kubeconfig:
        config.KUBECONFIG?.split(delimiter)
          .map((path) => resolve(path))
          .join(delimiter) ?? null,
      context: config.KUBE_CONTEXT ?? null,
    });
    const done = await writeFiles(folder, files).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw new ProgramError('configuration', `${folder} cannot be written: ${why}`, { cause: error });
    });
    const unreachable = nodes.flatMap(({ name, address }) => (address === null && access.via === 'ssh' ? [name] : []));
    told(
      [
        line`${nodes.length} nodes, Calico in ${calicoNamespaces.join(', ')}\n`,
        ...(unreachable.length > 0 ? [line`No address for SSH: ${unreachable.join(', ')}. They are left out.\n`] : []),
        ...done.map(({ path, done: what }) => line`${what.padEnd(9)} ${path}\n`),
        ...(accessIn(folder) === access.via
          ? []
          : [line`${configFile} is yours and was kept: set NODES_VIA to ${access.via} there.\n`]),
        ...(options.approvers.length > 0 && done.some(({ path, done: what }) => path === configFile && what === 'kept')
          ? [line`${configFile} is yours and was kept: edit APPROVERS there.\n`]
          : []),
        '\n',
        nextSteps(folder, Boolean(environment['KUBECONFIG'])),
      ].join(''),
    );
    return exitCode.done;
  } finally {
    await clusters.close();
  }
}

/** Only names and addresses that mean nothing to a shell are taken. */
async function nodesOf(
  reader: ClusterReader,
  kubeconfig: string | null,
): Promise<readonly { readonly name: string; readonly address: string | null }[]> {
  const nodes = await reader.list<KubernetesNode>({ apiVersion: 'v1', kind: 'Node' });
  if (!nodes.ok) {
    const { text, next } = apiTrouble(nodes, kubeconfig);
    throw new ProgramError('configuration', text, { next: `${next}.` });
  }
  return nodes.value
    .filter(({ metadata }) => /^[a-z0-9](?:[a-z0-9.-]{0,252})$/.test(metadata.name))
    .map(({ metadata, status }) => {
      const given = status?.addresses?.find(({ type, address }) => type === 'InternalIP' && isIP(address) === 4);
      return { name: metadata.name, address: given?.address ?? null };
    });
}

async function namespacesOf(reader: ClusterReader, candidates: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    candidates.map(async (name) => (await reader.read({ apiVersion: 'v1', kind: 'Namespace', name })).ok),
  );
  const there = candidates.filter((_, at) => found[at]);
  if (there.length === 0)
    throw new ProgramError('configuration', `the cluster has none of the namespaces ${candidates.join(', ')}`, {
      next: 'Run kubectl get pods -A -l k8s-app=calico-node, and set CALICO_NAMESPACES.',
    });
  return there;
}

/** @param isNamed whether the environment names a kubeconfig: it would win over the one of the bot */
function nextSteps(folder: string, isNamed: boolean): string {
  return [
    'Next:\n',
    line`1. Make the Slack app from ${folder}/slack/manifest.yaml. Put its tokens into ${folder}/secrets/.\n`,
    line`2. Read ${folder}/apply, then run it. It installs what reads the nodes, and the account of the bot.\n`,
    line`3. export CALICO_CHATOPS_CONFIG=${folder}/calico-chatops.yaml${isNamed ? '; unset KUBECONFIG' : ''}\n`,
    '4. calico-chatops doctor\n',
    '5. calico-chatops serve\n',
  ].join('');
}
