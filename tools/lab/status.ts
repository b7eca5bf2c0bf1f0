import { existsSync, readFileSync } from 'node:fs';
import { botEnvironment } from './operations/bot.ts';
import { labPaths, type LabPaths } from './paths.ts';
import { brokenFaults } from './state.ts';
import { encapsulations } from './encapsulation.ts';
import { calicoEtcd, type Topology } from './topology.ts';

/** What `status --json` prints: a contract that other checks read. */
export function status(topology: Topology) {
  const paths = labPaths(topology.name);
  const address = `${paths.root}/workspace-address`;
  return {
    name: topology.name,
    dataplane: topology.dataplane,
    datastore: topology.datastore,
    layout: topology.layout,
    encap: topology.encap,
    families: topology.families,
    typha: topology.typha,
    nodes: topology.nodes.map(({ name, address, tunnelAddress }) => ({ name, address, tunnelAddress })),
    pods: topology.pods.map(({ namespace, name, node, ip, interface: hostInterface, ports, labels }) => ({
      namespace,
      name,
      node,
      ip,
      interface: hostInterface,
      labels,
      ports: ports.map((port) => port.port),
    })),
    kubeconfig: paths.adminKubeconfig,
    etcd: {
      endpoint: calicoEtcd,
      ca: `${paths.pki}/ca.crt`,
      cert: `${paths.pki}/etcd-admin.crt`,
      key: `${paths.pki}/etcd-admin.key`,
    },
    bot: botEnvironment(paths),
    workspace: existsSync(address) ? readFileSync(address, 'utf8').trim() : null,
    realPrograms: topology.realPrograms === null ? [] : ['calicoctl', 'calico-felix', 'kube-controllers'],
    faults: brokenByName(paths),
  };
}

/** The faults that are broken now; of one that is made of parts, the parts that are not healed yet. */
function brokenByName(paths: LabPaths) {
  const groups = Map.groupBy(brokenFaults(paths), (one) => one.partOf ?? one.name);
  return [...groups].map(([name, records]) => ({
    name,
    parameters: records[0]?.parameters ?? {},
    parts: records.filter((one) => one.partOf !== null).map((one) => one.name),
  }));
}

/** The same for a person. */
export function describeStatus(topology: Topology): string {
  const now = status(topology);
  const device = encapsulations[now.encap].device ?? 'block';
  return [
    `lab ${now.name}: ${now.nodes.length} nodes, iptables ` +
      `${now.dataplane}, ${now.encap}${now.realPrograms.length > 0 ? ', real Calico' : ''}`,
    ...now.nodes.map((node) => `  ${node.name.padEnd(8)} ${node.address.padEnd(14)} ${device} ${node.tunnelAddress}`),
    ...now.pods.map(
      (pod) =>
        `  ${`${pod.namespace}/${pod.name}`.padEnd(16)} ${pod.ip.padEnd(12)} ${pod.node}  ` +
        `${pod.interface}  ${pod.ports.join(', ')}`,
    ),
    `  workspace: ${now.workspace ?? 'not served'}`,
    `  broken: ${now.faults.map((fault) => fault.name).join(', ') || 'nothing'}`,
  ].join('\n');
}
