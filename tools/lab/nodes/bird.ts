import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LabPaths } from '../paths.ts';
import { describeProcess } from '../processes.ts';
import { addresses, type LabNode, type Topology } from '../topology.ts';
import { insideNode } from './machine.ts';

/** Where BIRD of a calico-node pod listens, as the node sees it. */
export const birdSocket = '/run/calico/bird.ctl';

const birdProcess = (node: string) => `bird-${node}`;

/** Where its configuration is, as the node sees it. */
export const birdFile = '/etc/calico/confd/config/bird.cfg';

/** The name of a session of the mesh between all nodes, as Calico calls it. */
export const meshSession = ({ address }: LabNode) => `Mesh_${address.replaceAll('.', '_')}`;
/** The name of a session that a BGPPeer with selectors makes. */
export const peerSession = ({ address }: LabNode) => `Node_${address.replaceAll('.', '_')}`;

/**
 * The configuration that Calico writes: a node tells the others of its own block alone, and its kernel takes what they
 * tell. @param reflector talks to every other node, and tells each what the others say. null: all nodes talk to each
 * other
 */
export function birdConfiguration({ nodes }: Topology, node: LabNode, reflector: LabNode | null): string {
  const others = nodes.filter((peer) => peer.name !== node.name);
  const reflects = node.name === reflector?.name;
  const peers = reflector === null || reflects ? others : [reflector];
  const nameOf = reflector === null ? meshSession : peerSession;
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
  export filter {
    if source = RTS_STATIC && net ~ [ ${addresses.pool}{26,32} ] then accept;
    ${reflects ? 'if source = RTS_BGP then accept;' : ''}
    reject;
  };
  source address ${node.address};
  connect delay time 1;
  connect retry time 2;
  error wait time 1, 2;
}
${peers
  .map((peer) => {
    const more = reflects ? ' rr client; rr cluster id 1.0.0.1;' : '';
    return `protocol bgp ${nameOf(peer)} from mesh { neighbor ${peer.address} as 64512;${more} }`;
  })
  .join('\n')}
`;
}

/** BIRD of a calico-node pod: real, and talks BGP with the other nodes. */
export async function startBird(paths: LabPaths, topology: Topology, node: LabNode): Promise<void> {
  await mkdir(`${paths.node(node.name)}${dirname(birdFile)}`, { recursive: true });
  await writeFile(`${paths.node(node.name)}${birdFile}`, birdConfiguration(topology, node, null));
  await describeProcess(paths, birdProcess(node.name), {
    argv: insideNode(paths, node.name, ['bird', '-R', '-f', '-s', birdSocket, '-c', birdFile]),
    env: {},
    log: `${paths.logs}/${birdProcess(node.name)}.log`,
    earlierLog: null,
    restart: true,
  });
}
