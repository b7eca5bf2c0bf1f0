import { isIP } from 'node:net';
import { delimiter, resolve } from 'node:path';
import { greets } from '../../adapters/ssh/greeting.ts';
import { connectClusters } from '../../compose-cluster.ts';
import { inspectConfig, loadConfig, type Config } from '../../config.ts';
import { ProgramError } from '../../errors.ts';
import { declaredReader } from '../../model/api-reads.ts';
import { onlyCluster } from '../../model/known-clusters.ts';
import type { KubernetesNode } from '../../model/kubernetes.ts';
import type { ClusterReader } from '../../model/ports.ts';
import { setupReads } from '../../setup/all-reads.ts';
import { apiTrouble } from '../../setup/api-server.ts';
import { exitCode, type Surroundings } from '../output.ts';
import { line } from '../plain-output.ts';
import { askFor, checkOptions, usualListen, type Answers } from './answers.ts';
import { accessIn, imageIn } from './earlier-access.ts';
import type { InitFacts } from './init-facts.ts';
import { nextSteps } from './next-steps.ts';
import { configFile, plannedFiles } from './planned-files.ts';
import { proposedAccess, type SeenNode } from './proposed-access.ts';
import { writeFiles } from './write-files.ts';

export interface InitOptions {
  readonly folder: string;
  /** What is not given is as the folder has it already, else as a person answers, else as usual. */
  readonly approvers?: string;
  readonly via?: 'ssh' | 'agent';
  /** Of the agent's pods. */
  readonly image?: string;
  readonly alertChannel?: string;
  readonly listen?: string;
  /** Nobody is asked. */
  readonly yes?: boolean;
}

/**
 * `calico-chatops init`: looks at the cluster, and writes everything that an installation needs into a folder. It
 * applies nothing. It may run again: files that people edit are kept, the others follow the cluster.
 * On a terminal it asks what no option says, before it writes anything.
 * @throws ProgramError if the cluster does not answer, or Calico is not found
 */
export async function initCommand(options: InitOptions, surroundings: Surroundings): Promise<number> {
  const { told, err, environment } = surroundings;
  const given = givenIn(options);
  checkOptions(given);
  // The file of the configuration names the kubeconfig of the bot, and this is done as an administrator.
  const own = { ...environment, CALICO_CHATOPS_CONFIG: undefined, CLUSTERS: 'none' };
  const config = loadConfig(own, ['cluster']);
  const folder = resolve(options.folder);
  const { nodes, calicoNamespaces } = await seenOf(config, environment);
  told(line`${nodes.length} nodes, Calico in ${calicoNamespaces.join(', ')}\n`);
  const before = accessIn(folder);
  // What a folder has is answered already.
  const isAsked = before === null && options.yes !== true;
  // Nobody waits for what nobody is asked.
  const proposed = isAsked && given.via === undefined && surroundings.questions !== null;
  const usual = {
    via: before ?? (proposed ? await proposedTo(surroundings, nodes, config) : 'ssh'),
    image: await imageIn(folder),
  };
  const answers = isAsked ? await askFor(given, usual, surroundings) : given;
  if (answers === null) {
    err('Nothing was written.\n');
    return exitCode.cancelled;
  }
  const access =
    (answers.via ?? usual.via) === 'ssh'
      ? ({ via: 'ssh' } as const)
      : ({ via: 'agent', image: answers.image ?? usual.image } as const);
  const files = plannedFiles({
    folder,
    nodes: nodes
      .filter(({ address }) => address !== null)
      .map(({ name, address }) => ({ name, address: address ?? '' })),
    calicoNamespaces,
    approvers: idsOf(answers),
    access,
    alerts: alertsOf(answers),
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
  const isKept = done.some(({ path, done: what }) => path === configFile && what === 'kept');
  told(
    [
      ...(unreachable.length > 0 ? [line`No address for SSH: ${unreachable.join(', ')}. They are left out.\n`] : []),
      ...done.map(({ path, done: what }) => line`${what.padEnd(9)} ${path}\n`),
      ...[
        ...(accessIn(folder) === access.via ? [] : [`set NODES_VIA to ${access.via}`]),
        ...(isKept && given.approvers !== undefined ? ['edit APPROVERS'] : []),
        ...(isKept && given.alertChannel !== undefined ? ['edit ALERT_CHANNEL'] : []),
        ...(isKept && given.listen !== undefined ? ['edit LISTEN'] : []),
      ].map((what) => line`${configFile} is yours and was kept: ${what} there.\n`),
      '\n',
      nextSteps({ folder, access }, Boolean(environment['KUBECONFIG'])),
    ].join(''),
  );
  return exitCode.done;
}

const givenIn = ({ via, image, approvers, alertChannel, listen }: InitOptions): Answers => ({
  via,
  image,
  approvers,
  alertChannel,
  listen,
});

const idsOf = ({ approvers = '' }: Answers): readonly string[] => approvers.split(/[\s,]+/).filter((id) => id !== '');

const alertsOf = ({ alertChannel, listen = usualListen }: Answers): InitFacts['alerts'] =>
  alertChannel === undefined ? null : { channel: alertChannel, listen };

/** Says what suggests it. */
async function proposedTo(
  { told }: Pick<Surroundings, 'told'>,
  nodes: readonly SeenNode[],
  { SSH_PORT }: Config,
): Promise<'ssh' | 'agent'> {
  const { via, why } = await proposedAccess(nodes, (address) => greets(address, SSH_PORT, 2000));
  told(line`${why}\n`);
  return via;
}

/** Looks at the cluster as the administrator. */
async function seenOf(config: Config, environment: Surroundings['environment']) {
  const clusters = await connectClusters(config.clusters);
  try {
    const { cluster } = await clusters.open(onlyCluster);
    const reader = declaredReader(cluster, setupReads, [], 'init');
    const [nodes, calicoNamespaces] = await Promise.all([
      nodesOf(reader, config.KUBECONFIG ?? null),
      namespacesOf(reader, inspectConfig(environment, []).config.CALICO_NAMESPACES),
    ]);
    return { nodes, calicoNamespaces };
  } finally {
    await clusters.close();
  }
}

/** Only names and addresses that mean nothing to a shell are taken. */
async function nodesOf(
  reader: ClusterReader,
  kubeconfig: string | null,
): Promise<readonly (SeenNode & { readonly name: string })[]> {
  const nodes = await reader.list<KubernetesNode>({ apiVersion: 'v1', kind: 'Node' });
  if (!nodes.ok) {
    const { text, next } = apiTrouble(nodes, kubeconfig);
    throw new ProgramError('configuration', text, { next: `${next}.` });
  }
  return nodes.value
    .filter(({ metadata }) => /^[a-z0-9](?:[a-z0-9.-]{0,252})$/.test(metadata.name))
    .map(({ metadata, status }) => {
      const given = status?.addresses?.find(({ type, address }) => type === 'InternalIP' && isIP(address) === 4);
      return { name: metadata.name, labels: metadata.labels ?? {}, address: given?.address ?? null };
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
