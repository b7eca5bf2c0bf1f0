import { copyFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { datastoreEnvironment } from '../control-plane/programs.ts';
import type { LabPaths } from '../paths.ts';
import { typhaVariables } from '../objects/typha.ts';
import { describeProcess, removeProcess } from '../processes.ts';
import { attempt, run } from '../run.ts';
import { calicoNamespace, controllersName, type LabNode, type Topology } from '../topology.ts';
import { containersFolder } from './agent.ts';
import { startBird } from './bird.ts';
import { insideNode } from './machine.ts';
import { calicoProgram, controllersProgram, standIn, typhaProgram } from './programs.ts';

const tunnelProcess = (node: string) => `ipip-${node}`;
export const felixProcess = (node: string) => `felix-${node}`;
const logServerProcess = (node: string) => `kubelet-logs-${node}`;
export const controllersProcess = 'kube-controllers';
export const typhaProcess = 'typha';

/** Where a container writes on its node's own file system; the log server reads the same folder. */
const containerLog = (topology: Topology, pod: string, container: string, part = '') =>
  `pods/${calicoNamespace(topology)}/${pod}/${container}${part}.log`;

/**
 * What carries pods' packets to other nodes, as far as programs of the lab do: the tunnel device of IPIP (the kernel's
 * own where there is one, else the program over a TUN device), or BIRD where packets travel as they are.
 */
export async function startTunnel(paths: LabPaths, topology: Topology, node: LabNode): Promise<void> {
  const inNode = ['ip', '-n', paths.namespace(node.name)];
  if (topology.encap !== 'ipip') {
    // As wherever the kernel has its module: it is there, down, and nobody uses it.
    await attempt(insideNode(paths, node.name, ['ip', 'tuntap', 'add', 'dev', 'tunl0', 'mode', 'tun']));
    if (topology.encap === 'none') await startBird(paths, topology, node);
    return;
  }
  if ((await attempt([...inNode, 'link', 'show', 'tunl0'])).status === 0) {
    await run([...inNode, 'addr', 'replace', `${node.tunnelAddress}/32`, 'dev', 'tunl0']);
    await run([...inNode, 'link', 'set', 'tunl0', 'mtu', '1480', 'up']);
    return;
  }
  await describeProcess(paths, tunnelProcess(node.name), {
    argv: insideNode(paths, node.name, [
      standIn('ipip'),
      '--device',
      'tunl0',
      '--address',
      node.tunnelAddress,
      '--local',
      node.address,
    ]),
    env: {},
    log: `${paths.logs}/${tunnelProcess(node.name)}.log`,
    earlierLog: null,
    restart: true,
  });
}

/** The account of a program, by the file of its token on its node; and that the API server is its datastore. */
function kubernetesEnvironment(program: string, isDatastore = true): Record<string, string> {
  return {
    KUBECONFIG: `/etc/kubernetes/${program}.kubeconfig`,
    ...(isDatastore ? { DATASTORE_TYPE: 'kubernetes' } : {}),
  };
}

/** What answers the API server when somebody reads a container's log. */
export async function startLogServer(paths: LabPaths, node: LabNode): Promise<void> {
  await describeProcess(paths, logServerProcess(node.name), {
    argv: insideNode(paths, node.name, [
      standIn('kubelet-logs'),
      '--listen',
      `${node.address}:10250`,
      '--cert',
      '/etc/kubernetes/kubelet.crt',
      '--key',
      '/etc/kubernetes/kubelet.key',
      '--client-ca',
      '/etc/kubernetes/ca.crt',
      '--logs',
      '/var/log/pods',
      '--containers',
      containersFolder,
    ]),
    env: {},
    log: `${paths.logs}/${logServerProcess(node.name)}.log`,
    earlierLog: null,
    restart: true,
  });
}

/** Where runit has the service in the container of calico-node. */
const service = '/etc/service/enabled/felix';
/**
 * Plays runit's supervisor of Felix: its control file takes `t` (end it), `c` (let it go on) and `u` (keep it up). A
 * Felix that ends by itself ends this, too: the lab starts both again. calicoctl knows Felix by its first argument.
 */
const supervisor = `rm -f supervise/control; mkfifo supervise/control; exec 3<>supervise/control
asked=no; (exec -a calico-felix "$1" 3>&-) & child=$!
while :; do
  order=; read -r -t 0.5 -n 1 -u 3 order
  case $order in
    t) asked=yes; kill -TERM $child ;;
    c) kill -CONT $child ;;
    *) kill -0 $child 2>/dev/null || {
         wait $child; status=$?
         [ $asked = yes ] || exit $status
         asked=no; (exec -a calico-felix "$1" 3>&-) & child=$!
       } ;;
  esac
done
`;

/** The supervisor is known by the name of its executable and by its argument. */
async function writeSupervisor(paths: LabPaths, node: string): Promise<void> {
  const root = paths.node(node);
  await mkdir(`${root}${service}/supervise`, { recursive: true });
  await writeFile(`${root}${service}/felix`, supervisor);
  await copyFile('/bin/bash', `${root}/local-bin/runsv`).catch((problem: NodeJS.ErrnoException) => {
    // A supervisor that runs: its file is this one already.
    if (problem.code !== 'ETXTBSY') throw problem;
  });
}

/** Felix as the container of a calico-node pod; its log is the container's. */
export async function startFelix(
  paths: LabPaths,
  topology: Topology,
  node: string,
  pod: string,
  env: Record<string, string>,
): Promise<void> {
  await removeProcess(paths, felixProcess(node));
  const logs = `${paths.node(node)}/var-log`;
  await mkdir(`${logs}/pods/${calicoNamespace(topology)}/${pod}`, { recursive: true });
  await rm(`${logs}/calico/felix.log`, { force: true });
  await symlink(`../${containerLog(topology, pod, 'calico-node')}`, `${logs}/calico/felix.log`);
  await writeSupervisor(paths, node);
  await describeProcess(paths, felixProcess(node), {
    argv: insideNode(paths, node, [
      'sh',
      '-c',
      `cd ${service} && exec /usr/local/bin/runsv felix "$0"`,
      calicoProgram(topology, 'calico-felix'),
    ]),
    env: {
      ...env,
      ...(topology.datastore === 'kubernetes'
        ? kubernetesEnvironment('calico-node')
        : datastoreEnvironment('/etc/calico/pki', 'calico-node')),
      FELIX_FELIXHOSTNAME: node,
      FELIX_DebugSkipCTLBCleanup: 'true',
      // As felix.cfg of the image has it. The file would be the container's log, written twice.
      FELIX_LOGFILEPATH: 'none',
      FELIX_LOGSEVERITYSYS: 'none',
      ...(topology.era === '2' ? { CALICO_LAB_ERA: '2' } : {}),
    },
    log: `${logs}/${containerLog(topology, pod, 'calico-node')}`,
    earlierLog: `${logs}/${containerLog(topology, pod, 'calico-node', '.previous')}`,
    restart: true,
  });
}

/** Typha as the container of its pod, with the pod's own token. */
export async function startTypha(paths: LabPaths, topology: Topology, node: string, pod: string): Promise<void> {
  await removeProcess(paths, typhaProcess);
  const logs = `${paths.node(node)}/var-log`;
  await describeProcess(paths, typhaProcess, {
    argv: insideNode(paths, node, [typhaProgram(topology)]),
    env: { ...typhaVariables, ...kubernetesEnvironment('calico-typha') },
    log: `${logs}/${containerLog(topology, pod, 'calico-typha')}`,
    earlierLog: `${logs}/${containerLog(topology, pod, 'calico-typha', '.previous')}`,
    restart: true,
  });
}

/** kube-controllers as the container of its pod, with the pod's own token in `kubeconfig` (a path on the node). */
export async function startControllers(
  paths: LabPaths,
  topology: Topology,
  node: string,
  pod: string,
  env: Record<string, string>,
): Promise<void> {
  await removeProcess(paths, controllersProcess);
  const logs = `${paths.node(node)}/var-log`;
  await describeProcess(paths, controllersProcess, {
    // A container has a root of its own; here the status must go to the node's /run, not to the machine's /status.
    argv: insideNode(paths, node, [
      controllersProgram(topology),
      ...(topology.era === '2' ? [] : ['--status-file=/run/calico/kube-controllers-status.json']),
    ]),
    env: {
      ...env,
      ...(topology.datastore === 'kubernetes' ? {} : datastoreEnvironment('/etc/calico/pki', 'kube-controllers')),
      ...kubernetesEnvironment('kube-controllers', topology.datastore === 'kubernetes'),
    },
    log: `${logs}/${containerLog(topology, pod, controllersName(topology))}`,
    earlierLog: `${logs}/${containerLog(topology, pod, controllersName(topology), '.previous')}`,
    restart: true,
  });
}
