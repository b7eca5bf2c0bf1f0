import { mkdir, writeFile } from 'node:fs/promises';
import type { LabPaths } from '../paths.ts';
import { describeProcess } from '../processes.ts';
import { addresses, type LabNode, type Topology } from '../topology.ts';
import { insideNode } from './machine.ts';

/** Where BIRD of a calico-node pod listens, as the node sees it. */
export const birdSocket = '/run/calico/bird.ctl';

const birdProcess = (node: string) => `bird-${node}`;

/** The name of a session of the mesh between all nodes, as Calico calls it. */
export const meshSession = ({ address }: LabNode) => `Mesh_${address.replaceAll('.', '_')}`;

/**
 * The configuration that Calico writes for a cluster whose nodes all talk to each other: a node tells the others of its
 * own block alone, and its kernel takes what they tell.
 */
function configuration({ nodes }: Topology, node: LabNode): string {
  return `router id ${node.address};
log stderr all;
protocol device { scan time 2; }
protocol static { route ${node.block} blackhole; }
protocol kernel {
  persist;
  scan time 2;
  import none;
  export filter { if source = RTS_STATIC || source = RTS_BGP then accept; reject; };
}
protocol direct { interface -"cali*", -"tunl*", "*"; }
template bgp mesh {
  local as 64512;
  multihop;
  gateway recursive;
  import all;
  export filter { if source = RTS_STATIC && net ~ [ ${addresses.pool}{26,32} ] then accept; reject; };
  source address ${node.address};
  connect delay time 1;
  connect retry time 2;
  error wait time 1, 2;
}
${nodes
  .filter((peer) => peer.name !== node.name)
  .map((peer) => `protocol bgp ${meshSession(peer)} from mesh { neighbor ${peer.address} as 64512; }`)
  .join('\n')}
`;
}

/** BIRD of a calico-node pod: real, and talks BGP with the other nodes. */
export async function startBird(paths: LabPaths, topology: Topology, node: LabNode): Promise<void> {
  const file = 'calico/confd/config/bird.cfg';
  await mkdir(`${paths.node(node.name)}/etc/calico/confd/config`, { recursive: true });
  await writeFile(`${paths.node(node.name)}/etc/${file}`, configuration(topology, node));
  await describeProcess(paths, birdProcess(node.name), {
    argv: insideNode(paths, node.name, ['bird', '-R', '-f', '-s', birdSocket, '-c', `/etc/${file}`]),
    env: {},
    log: `${paths.logs}/${birdProcess(node.name)}.log`,
    earlierLog: null,
    restart: true,
  });
}
