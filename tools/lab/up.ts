import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { makeCertificates } from './control-plane/certificates.ts';
import { administrator, type Administrator } from './control-plane/api.ts';
import { adminToken, apiServerProgram, describeControlPlane } from './control-plane/programs.ts';
import { down } from './down.ts';
import { layUnderlay, setNodeKernel } from './network.ts';
import { startLogServer, startTunnel } from './nodes/daemons.ts';
import { installAgent } from './nodes/agent.ts';
import { describeNode, nodeReady, writeAdministratorFiles } from './nodes/machine.ts';
import { startPod } from './nodes/pods.ts';
import { calicoProgram, controllersProgram, isBuilt, nodeCalicoctl, standIn, typhaProgram } from './nodes/programs.ts';
import { fillCalicoDatastore } from './objects/calico-datastore.ts';
import { fillKubernetesDatastore } from './objects/calico-kubernetes.ts';
import { ensureCalicoInstall } from './objects/calico-install.ts';
import { ensureCluster } from './objects/cluster.ts';
import { installBot, makeOperationsKey } from './operations/bot.ts';
import { type LabPaths, labPaths } from './paths.ts';
import { attempt, run, until } from './run.ts';
import { waitForPods } from './ready.ts';
import { currentTopology, writeBrokenFaults, writeTopology } from './state.ts';
import { layTyphaCertificates } from './nodes/typha-certificates.ts';
import type { Topology } from './topology.ts';

const started = Date.now();
const progress = (line: string) =>
  console.error(`${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s  ${line}`);

async function makeHome(paths: LabPaths, topology: Topology): Promise<void> {
  await mkdir(paths.root, { recursive: true });
  await run(['mount', '-t', 'tmpfs', '-o', 'mode=755', 'calico-chatops-lab', paths.root]);
  await Promise.all(
    [paths.processes, paths.stopped, paths.pids, paths.logs, paths.operations].map((one) => mkdir(one)),
  );
  writeTopology(paths, topology);
  writeBrokenFaults(paths, []);
}

async function startSupervisor(paths: LabPaths, name: string): Promise<void> {
  const log = openSync(`${paths.logs}/supervisor.log`, 'a');
  const child = spawn(
    'nsenter',
    [`--net=${paths.namespaceFile('control')}`, process.execPath, `${import.meta.dirname}/supervisor/main.ts`, name],
    { detached: true, stdio: ['ignore', log, log], cwd: '/' },
  );
  child.unref();
  await writeFile(paths.supervisorPid, String(child.pid));
  await until('the supervisor', 10, async () => (existsSync(paths.apiSocket) ? true : null));
}

async function apiReady(paths: LabPaths): Promise<Administrator> {
  const api = administrator(paths);
  await until('the API server', 60, async () => {
    const answer = await api.send('GET', '/readyz').catch(() => null);
    return answer?.status === 200 ? true : null;
  });
  return api;
}

/** Refuses at once what would fail later in a way that is hard to read. */
async function checkMachine(topology: Topology): Promise<void> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) throw new Error('the lab needs Linux and root');
  apiServerProgram();
  const missing = [
    ...(['calicoctl', 'calico-felix'] as const).map((one) => calicoProgram(topology, one)),
    controllersProgram(topology),
    nodeCalicoctl(topology),
    ...(topology.encap === 'ipip' ? [standIn('ipip')] : []),
    standIn('kubelet-logs'),
    ...(topology.typha ? [typhaProgram(topology)] : []),
  ].filter((program) => !isBuilt(program));
  if (missing.length > 0) throw new Error(`not built: ${missing.join(', ')}; run make setup`);
  const tools = [
    'ip',
    'nft',
    'iptables-legacy-save',
    'ipset',
    'etcd',
    'etcdctl',
    'sshd',
    'sudo',
    'openssl',
    'nsenter',
    'unshare',
    'tcpdump',
    'conntrack',
    'ping',
    'bridge',
    ...(topology.encap === 'none' ? ['bird', 'birdc'] : []),
  ];
  const absent = await attempt([
    'sh',
    '-c',
    tools.map((tool) => `command -v ${tool} >/dev/null || echo ${tool}`).join('; '),
  ]);
  if (absent.stdout.trim() !== '')
    throw new Error(`not installed: ${absent.stdout.trim().split('\n').join(', ')}; run make setup`);
}

/** Brings a lab up; one that is up already stays as it is. */
export async function up(topology: Topology): Promise<void> {
  const paths = labPaths(topology.name);
  const current = currentTopology(paths);
  if (current !== null) {
    progress(
      `lab ${topology.name} is up already (${current.nodes.length} nodes, ${current.dataplane}, ${current.encap})`,
    );
    return;
  }
  await checkMachine(topology);
  if (existsSync(paths.root)) await down(topology.name); // what an interrupted `up` left
  await makeHome(paths, topology);

  progress('certificates and the network between the nodes');
  await Promise.all([
    makeCertificates(paths, topology.nodes),
    makeOperationsKey(paths),
    layUnderlay(paths, topology).then(() => Promise.all(topology.nodes.map((node) => setNodeKernel(paths, node)))),
  ]);
  await startSupervisor(paths, topology.name);

  progress(topology.datastore === 'etcd' ? 'etcd (two), API server' : 'etcd, API server');
  await describeControlPlane(paths, topology);
  await writeAdministratorFiles(paths, adminToken);

  progress(`nodes ${topology.nodes.map((node) => node.name).join(', ')}`);
  await Promise.all(topology.nodes.map((node) => describeNode(paths, topology, node)));
  await Promise.all(topology.nodes.map((node) => nodeReady(paths, topology, node.name)));
  if (topology.typha) await layTyphaCertificates(paths, topology);
  progress('pods and tunnels');
  await Promise.all(
    topology.nodes.map(async (node) => {
      await startTunnel(paths, topology, node);
      await startLogServer(paths, node);
      for (const pod of topology.pods.filter((one) => one.node === node.name)) await startPod(paths, pod);
    }),
  );

  progress('waiting for the API server');
  const api = await apiReady(paths);
  progress('objects of Kubernetes and Calico');
  const secret = (file: string) => readFileSync(`${paths.pki}/${file}`, 'utf8');
  await Promise.all([
    ensureCluster(api, topology).then(() =>
      topology.datastore === 'kubernetes' ? fillKubernetesDatastore(api, topology) : undefined,
    ),
    ensureCalicoInstall(
      api,
      topology,
      topology.datastore === 'kubernetes'
        ? null
        : {
            'etcd-ca': secret('ca.crt'),
            'etcd-cert': secret('etcd-calico-node.crt'),
            'etcd-key': secret('etcd-calico-node.key'),
          },
    ),
    installBot(paths, api, topology.layout).then(() =>
      topology.nodeAccess === 'agent' ? installAgent(paths, api, topology) : undefined,
    ),
    topology.datastore === 'etcd' ? fillCalicoDatastore(paths, topology) : undefined,
  ]);
  api.close();
  await writeFile(paths.clusterReady, '');
  progress('Felix, kube-controllers, routes');
  await waitForPods(paths, topology);
  await until('the supervisor to have nothing to do', 60, async () => (existsSync(paths.settled) ? true : null));
  progress(`lab ${topology.name} is up`);
}
