import { existsSync, writeFileSync } from 'node:fs';
import { administrator } from '../control-plane/api.ts';
import { labPaths } from '../paths.ts';
import { readTopology } from '../state.ts';
import { playBird } from './bird.ts';
import { playVxlan } from './vxlan.ts';
import { forward } from './forward.ts';
import { processTable } from './process-table.ts';
import { workloads } from './workloads.ts';

/**
 * The one process of a lab that stays: keeps its programs running and plays what the lab lacks
 * (BIRD, Felix's tunnels, kubelet, controller-manager). Runs in the control plane's network namespace; `down` ends it.
 * Usage: main.ts LAB
 */
const paths = labPaths(process.argv[2] ?? 'lab');
const table = processTable(paths);

setInterval(() => {
  if (!existsSync(paths.processes)) process.exit(0); // the lab is gone, and so is the reason to be
  table.tick();
}, 100);

await forward({ path: paths.apiSocket }, { host: '127.0.0.1', port: 6443 });

const pause = (milliseconds: number) => new Promise((wake) => setTimeout(wake, milliseconds));

while (!existsSync(paths.clusterReady)) await pause(50);
const topology = readTopology(paths);
for (const node of topology.nodes) {
  if (topology.encap === 'ipip') playBird(paths, topology, node);
  // Real Felix does this itself. Without a tunnel, real BIRD runs on the nodes.
  else if (topology.encap !== 'none' && topology.realPrograms === null) playVxlan(paths, topology, node);
}

const api = administrator(paths);
const cluster = workloads(paths, api);
for (;;) {
  try {
    if ((await cluster.reconcile()) && !existsSync(paths.settled)) writeFileSync(paths.settled, '');
  } catch (problem) {
    // The API server may be down on purpose: say so once a try, and go on.
    console.error(new Date().toISOString(), problem instanceof Error ? problem.message : problem);
  }
  await pause(500);
}
