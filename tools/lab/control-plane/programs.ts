import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { cacheRoot, type LabPaths } from '../paths.ts';
import { describeProcess } from '../processes.ts';
import { isDual, servicePrefix6 } from '../dual-stack.ts';
import { addresses, type Topology } from '../topology.ts';

const kubernetesVersion = 'v1.34.4';

/** The administrator's token; the lab's namespaces are its only audience. */
export const adminToken = 'lab-administrator';

/** @throws Error that names `make setup` when the API server was not built yet. */
export function apiServerProgram(): string {
  const program = `${cacheRoot}/kube-apiserver-${kubernetesVersion}/kube-apiserver`;
  if (!existsSync(program)) throw new Error(`${program} is missing: run make setup`);
  return program;
}

/** Memory is there, and the processor is what labs lack: Go's collector runs less often. */
const cheapCollector = { GOGC: '400' };

const inControlPlane = (paths: LabPaths, argv: string[]) => [
  'nsenter',
  `--net=${paths.namespaceFile('control')}`,
  ...argv,
];

async function describeEtcd(
  paths: LabPaths,
  which: 'calico' | 'kubernetes',
  clientPort: number,
  peerPort: number,
  address: string,
): Promise<void> {
  const data = paths.etcd(which);
  await mkdir(data, { recursive: true, mode: 0o700 });
  const listen = `https://${address}:${clientPort},https://127.0.0.1:${clientPort}`;
  await describeProcess(paths, `etcd-${which}`, {
    argv: inControlPlane(paths, [
      'etcd',
      '--name',
      which,
      '--data-dir',
      data,
      '--listen-client-urls',
      address === '127.0.0.1' ? `https://127.0.0.1:${clientPort}` : listen,
      '--advertise-client-urls',
      `https://${address}:${clientPort}`,
      '--listen-peer-urls',
      `http://127.0.0.1:${peerPort}`,
      '--initial-advertise-peer-urls',
      `http://127.0.0.1:${peerPort}`,
      '--initial-cluster',
      `${which}=http://127.0.0.1:${peerPort}`,
      '--cert-file',
      `${paths.pki}/etcd.crt`,
      '--key-file',
      `${paths.pki}/etcd.key`,
      '--trusted-ca-file',
      `${paths.pki}/ca.crt`,
      '--client-cert-auth',
      // Alone, it has nobody to hear a heartbeat.
      '--heartbeat-interval',
      '500',
      '--election-timeout',
      '5000',
      '--log-level',
      'warn',
      '--logger',
      'zap',
    ]),
    env: cheapCollector,
    log: `${paths.logs}/etcd-${which}.log`,
    earlierLog: null,
    restart: true,
  });
}

/**
 * Describes the API server, its etcd, and Calico's where that is its datastore. Calico's datastore and the API's store
 * can fail alone.
 */
export async function describeControlPlane(paths: LabPaths, topology: Topology): Promise<void> {
  await writeFile(`${paths.pki}/tokens.csv`, `${adminToken},administrator,administrator,"system:masters"\n`, {
    mode: 0o600,
  });
  if (topology.datastore === 'etcd') await describeEtcd(paths, 'calico', 2379, 2380, addresses.controlPlane);
  await describeEtcd(paths, 'kubernetes', 2381, 2382, '127.0.0.1');
  await describeProcess(paths, 'kube-apiserver', {
    argv: inControlPlane(paths, [
      apiServerProgram(),
      '--etcd-servers=https://127.0.0.1:2381',
      `--etcd-cafile=${paths.pki}/ca.crt`,
      `--etcd-certfile=${paths.pki}/etcd-kube-apiserver.crt`,
      `--etcd-keyfile=${paths.pki}/etcd-kube-apiserver.key`,
      '--bind-address=0.0.0.0',
      `--advertise-address=${addresses.controlPlane}`,
      '--secure-port=6443',
      `--cert-dir=${paths.pki}`,
      `--tls-cert-file=${paths.pki}/api-server.crt`,
      `--tls-private-key-file=${paths.pki}/api-server.key`,
      `--service-account-key-file=${paths.pki}/service-accounts.pub`,
      `--service-account-signing-key-file=${paths.pki}/service-accounts.key`,
      '--service-account-issuer=https://kubernetes.default.svc',
      '--service-account-max-token-expiration=8760h',
      '--authorization-mode=RBAC',
      `--token-auth-file=${paths.pki}/tokens.csv`,
      `--service-cluster-ip-range=10.96.0.0/16${isDual(topology) ? `,${servicePrefix6}` : ''}`,
      '--disable-admission-plugins=ServiceAccount',
      '--allow-privileged',
      '--profiling=false',
      '--enable-priority-and-fairness=false',
      `--kubelet-client-certificate=${paths.pki}/api-server-kubelet.crt`,
      `--kubelet-client-key=${paths.pki}/api-server-kubelet.key`,
      '--kubelet-preferred-address-types=InternalIP',
      `--kubelet-certificate-authority=${paths.pki}/ca.crt`,
    ]),
    env: { HOME: paths.root, ...cheapCollector },
    log: `${paths.logs}/kube-apiserver.log`,
    earlierLog: null,
    restart: true,
  });
}

/** The variables by which Calico's programs find the datastore, for one of its clients. */
export function datastoreEnvironment(directory: string, client: string): Record<string, string> {
  return {
    DATASTORE_TYPE: 'etcdv3',
    ETCD_ENDPOINTS: `https://${addresses.controlPlane}:2379`,
    ETCD_CA_CERT_FILE: `${directory}/ca.crt`,
    ETCD_CERT_FILE: `${directory}/${client}.crt`,
    ETCD_KEY_FILE: `${directory}/${client}.key`,
  };
}
