import { existsSync, readFileSync } from 'node:fs';
import { appendFile, cp, mkdir, writeFile } from 'node:fs/promises';
import { datastoreEnvironment } from '../control-plane/programs.ts';
import { podMtu } from '../dual-stack.ts';
import { type LabPaths, projectRoot } from '../paths.ts';
import { describeProcess, processPid } from '../processes.ts';
import { run, until } from '../run.ts';
import { addresses, apiServer, type Era, type LabNode, type Topology } from '../topology.ts';
import { nodeCalicoctl } from './programs.ts';

/**
 * A node: network, mount, uts and pid namespaces with an /etc, /run, /var/log and /var/lib of its
 * own, in which an OpenSSH server is process 1.
 */

const calicoctlConfig = (directory: string, endpoint: string, era: Era = '3') => {
  const datastore = datastoreEnvironment(directory, 'calicoctl');
  const [version, kind, type] =
    era === '2' ? ['v1', 'calicoApiConfig', 'etcdv2'] : ['projectcalico.org/v3', 'CalicoAPIConfig', 'etcdv3'];
  return `apiVersion: ${version}
kind: ${kind}
metadata:
spec:
  datastoreType: ${type}
  etcdEndpoints: ${endpoint}
  etcdKeyFile: ${datastore['ETCD_KEY_FILE']}
  etcdCertFile: ${datastore['ETCD_CERT_FILE']}
  etcdCACertFile: ${datastore['ETCD_CA_CERT_FILE']}
`;
};

const sshdConfig = `Port 22
HostKey /etc/ssh/ssh_host_ed25519_key
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin no
PidFile none
`;

/** Runs inside the node's new namespaces, with the node's folder on the machine as $1. */
const init = `set -e
node=$1 name=$2 calicoctl=$3 install=$4 access=$5
mount --make-rprivate /
hostname "$name"
mount -t sysfs sysfs /sys
mount --bind "$node/etc" /etc
mount --bind "$node/var-log" /var/log
mount --bind "$node/var-lib" /var/lib
mount --bind "$node/local-bin" /usr/local/bin
[ -z "$calicoctl" ] || mount --bind "$calicoctl" /usr/local/bin/calicoctl
[ "$access" = agent ] || sh "$install/install" "$node/authorized-key"
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/sshd /run/netns /run/lock /run/calico/endpoint-status
: >/run/started
[ "$access" = agent ] || exec /usr/sbin/sshd -D -e
# Process 1 takes in whom others leave behind.
while :; do sleep 3600 & wait $!; done
`;

async function writeNodeFiles(paths: LabPaths, topology: Topology, node: LabNode): Promise<void> {
  const root = paths.node(node.name);
  await Promise.all(
    ['var-log/calico/cni', 'var-log/pods', 'var-lib/calico', 'var-lib/kubelet', 'local-bin'].map((one) =>
      mkdir(`${root}/${one}`, { recursive: true }),
    ),
  );
  await run(['cp', '-a', '/etc/.', `${root}/etc`]);
  await run([
    'sh',
    '-c',
    `rm -rf ${root}/etc/calico ${root}/etc/ssh/ssh_host_* ${root}/etc/ssh/sshd_config.d && mkdir -p ` +
      `${root}/etc/kubernetes${topology.datastore === 'etcd' ? ` ${root}/etc/calico/pki` : ''}`,
  ]);
  const names = topology.nodes.map((one) => `${one.address} ${one.name}\n`).join('');
  await Promise.all([
    writeFile(`${root}/init`, init),
    writeFile(`${root}/etc/hostname`, `${node.name}\n`),
    // Without its own name in here every sudo waits 12 s for a resolver.
    writeFile(`${root}/etc/hosts`, `127.0.0.1 localhost\n::1 localhost ip6-localhost\n${names}`),
    writeFile(`${root}/etc/resolv.conf`, ''),
    writeFile(`${root}/etc/ssh/sshd_config`, sshdConfig),
    writeFile(`${root}/var-lib/calico/nodename`, node.name),
    writeFile(`${root}/var-lib/calico/mtu`, podMtu(topology)),
    cp(`${paths.operations}/id_ed25519.pub`, `${root}/authorized-key`),
    ...(topology.datastore === 'etcd' ? etcdFiles(paths, root, topology.era) : []),
    ...['crt', 'key'].map((part) =>
      cp(`${paths.pki}/kubelet-${node.name}.${part}`, `${root}/etc/kubernetes/kubelet.${part}`),
    ),
    cp(`${paths.pki}/ca.crt`, `${root}/etc/kubernetes/ca.crt`),
  ]);
  await run([
    'ssh-keygen',
    '-q',
    '-t',
    'ed25519',
    '-N',
    '',
    '-C',
    node.name,
    '-f',
    `${root}/etc/ssh/ssh_host_ed25519_key`,
  ]);
  const hostKey = readFileSync(`${root}/etc/ssh/ssh_host_ed25519_key.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
  await appendFile(`${paths.operations}/known_hosts`, `${node.address},${node.name} ${hostKey}\n`);
}

/** With etcd, calicoctl, its settings and certificates are on every node; with the API server nothing of that is. */
function etcdFiles(paths: LabPaths, root: string, era: Era): Promise<void>[] {
  const settings = calicoctlConfig('/etc/calico/pki', `https://${addresses.controlPlane}:2379`, era);
  return [
    cp(`${paths.pki}/ca.crt`, `${root}/etc/calico/pki/ca.crt`),
    writeFile(`${root}/etc/calico/calicoctl.cfg`, settings),
    writeFile(`${root}/local-bin/calicoctl`, '', { mode: 0o755 }),
    ...['calicoctl', 'calico-node', 'kube-controllers'].flatMap((client) =>
      ['crt', 'key'].map((part) =>
        cp(`${paths.pki}/etcd-${client}.${part}`, `${root}/etc/calico/pki/${client}.${part}`),
      ),
    ),
  ];
}

/** Prepares a node's files and lets the supervisor start it. */
export async function describeNode(paths: LabPaths, topology: Topology, node: LabNode): Promise<void> {
  await writeNodeFiles(paths, topology, node);
  const root = paths.node(node.name);
  await describeProcess(paths, node.name, {
    argv: [
      'nsenter',
      `--net=${paths.namespaceFile(node.name)}`,
      'unshare',
      '--mount',
      '--uts',
      '--pid',
      '--fork',
      '--kill-child',
      '--mount-proc',
      'sh',
      `${root}/init`,
      root,
      node.name,
      topology.datastore === 'etcd' ? nodeCalicoctl(topology) : '',
      `${projectRoot}/deploy/node`,
      topology.nodeAccess,
    ],
    env: {},
    log: `${paths.logs}/${node.name}.log`,
    earlierLog: null,
    restart: false,
  });
}

/** Process 1 of a node as the machine numbers it, or null while the node is not up. */
export function nodePid(paths: LabPaths, node: string): number | null {
  const parent = processPid(paths, node);
  if (parent === null) return null;
  try {
    return Number(readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ')[0]) || null;
  } catch {
    return null;
  }
}

/** Waits until a node has begun, and its SSH server listens where it has one. */
export async function nodeReady(paths: LabPaths, { nodeAccess }: Topology, node: string): Promise<void> {
  await until(`${node} to begin`, 15, async () => {
    const pid = nodePid(paths, node);
    if (pid === null) return null;
    try {
      if (nodeAccess === 'agent') return existsSync(`/proc/${pid}/root/run/started`) || null;
      return /^\s*\d+: 00000000:0016 /m.test(readFileSync(`/proc/${pid}/net/tcp`, 'utf8')) || null;
    } catch {
      return null;
    }
  });
}

/**
 * The command that runs another one as root inside a node: its network, mount, uts and pid namespaces.
 * @throws Error when the node is down.
 */
export function insideNode(paths: LabPaths, node: string, argv: string[]): string[] {
  const pid = nodePid(paths, node);
  if (pid === null) throw new Error(`${node} is not running`);
  return ['nsenter', '-t', String(pid), '-m', '-u', '-n', '-p', '--wd=/', '--', ...argv];
}

/** The administrator's calicoctl configuration, for use in the control plane's namespace. */
export async function writeAdministratorFiles(paths: LabPaths, adminToken: string): Promise<void> {
  await Promise.all(
    ['crt', 'key'].map((part) => cp(`${paths.pki}/etcd-calicoctl.${part}`, `${paths.pki}/calicoctl.${part}`)),
  );
  await writeFile(paths.adminCalicoctl, calicoctlConfig(paths.pki, `https://${addresses.controlPlane}:2379`));
  await writeFile(paths.adminKubeconfig, kubeconfig(readFileSync(`${paths.pki}/ca.crt`), 'administrator', adminToken), {
    mode: 0o600,
  });
}

/** A kubeconfig for one bearer token, with the authority's certificate inside. */
export function kubeconfig(authority: Buffer, user: string, token: string): string {
  return `apiVersion: v1
kind: Config
clusters:
- name: lab
  cluster:
    server: ${apiServer}
    certificate-authority-data: ${authority.toString('base64')}
users:
- name: ${user}
  user:
    token: ${token}
contexts:
- name: lab
  context:
    cluster: lab
    user: ${user}
current-context: lab
`;
}
