import { existsSync } from 'node:fs';
import { cacheRoot } from '../paths.ts';
import type { Topology } from '../topology.ts';

/** Calico's programs: stand-ins of the project's own, or real ones with `up --real`. */
export type CalicoProgram = 'calicoctl' | 'calico-felix' | 'kube-controllers';
/** Those that are others in Calico 2.x. */
type OldProgram = 'calicoctl-v1' | 'policy-controller';

/** Programs that play hardware and Kubernetes; the same with real Calico. */
export type StandInProgram = 'ipip' | 'kubelet-logs' | 'typha';

/** Folder into which scripts/setup builds tools/lab/programs. */
export const builtPrograms = `${cacheRoot}/programs/bin`;

export function calicoProgram(topology: Topology, program: CalicoProgram): string {
  return `${topology.realPrograms ?? builtPrograms}/${program}`;
}

/** calicoctl as people on a node run it. */
export function nodeCalicoctl(topology: Topology): string {
  return topology.era === '2' ? oldProgram('calicoctl-v1') : calicoProgram(topology, 'calicoctl');
}

export function controllersProgram(topology: Topology): string {
  return topology.era === '2' ? oldProgram('policy-controller') : calicoProgram(topology, 'kube-controllers');
}

export function typhaProgram({ realPrograms }: Topology): string {
  return realPrograms === null ? standIn('typha') : `${realPrograms}/calico-typha`;
}

function oldProgram(program: OldProgram): string {
  return `${builtPrograms}/${program}`;
}

export function standIn(program: StandInProgram): string {
  return `${builtPrograms}/${program}`;
}

export function isBuilt(path: string): boolean {
  return existsSync(path);
}
