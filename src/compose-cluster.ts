/** The ways into the configured cluster, shared by all runs of this process. */
import { readFile } from 'node:fs/promises';
import { createClock } from './adapters/clock.ts';
import { createCluster } from './adapters/kubernetes.ts';
import { createNodeConnections } from './adapters/ssh.ts';
import { clusterName } from './compose-cluster-name.ts';
import type { Config } from './config.ts';
import { ProgramError } from './errors.ts';
import type { OpenCluster } from './model/cluster-access.ts';

export interface Clusters {
  readonly open: OpenCluster;
  close(): Promise<void>;
}

/** @throws ProgramError `configuration` where a key file cannot be read. */
export async function connectClusters(config: Config): Promise<Clusters> {
  const { SSH_USER: user, SSH_KEY_FILE: keyFile, SSH_KNOWN_HOSTS_FILE: hostsFile } = config;
  if (!user || !keyFile || !hostsFile)
    throw new ProgramError('configuration', 'SSH_USER, SSH_KEY_FILE and SSH_KNOWN_HOSTS_FILE are needed');
  const [privateKey, knownHosts] = await Promise.all([
    readText('SSH_KEY_FILE', keyFile),
    readText('SSH_KNOWN_HOSTS_FILE', hostsFile),
  ]);
  const cluster = createCluster({ kubeconfig: config.KUBECONFIG ?? null });
  const nodes = createNodeConnections({ user, privateKey, knownHosts });
  const clock = createClock();
  return {
    async open(name) {
      if (name !== clusterName)
        throw new ProgramError('unknown-cluster', `there is no cluster ${name}: the configuration has ${clusterName}`);
      const shells = nodes.shells();
      return {
        cluster: cluster.reader,
        writer: cluster.writer,
        shells,
        clock,
        calicoNamespaces: config.CALICO_NAMESPACES,
        close: () => shells.close(),
      };
    },
    async close() {
      await Promise.all([cluster.close(), nodes.close()]);
    },
  };
}

async function readText(name: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ProgramError('configuration', `${name}: ${path} cannot be read`, { cause: error });
  }
}
