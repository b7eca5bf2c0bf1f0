import { programVersion } from '../version.ts';
import { exitCode, type Format, type Surroundings } from './output.ts';
import { documentOf } from './plain-output.ts';

/** `calico-chatops version`. */
export function versionCommand(format: Format, { out }: Pick<Surroundings, 'out'>): number {
  const [version, node] = [programVersion(), process.versions.node];
  out(format === 'text' ? `calico-chatops ${version}, Node ${node}\n` : documentOf({ version, node }, format));
  return exitCode.done;
}
