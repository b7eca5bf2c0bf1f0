import { unusedFile } from '../config-unused.ts';
import { clusterOf, type ClusterOptions } from './command-options.ts';
import type { Surroundings } from './output.ts';
import { line } from './plain-output.ts';

/** Notes that a file of the configuration is here and is not used. A kubeconfig of the command line is meant so. */
export function noteUnusedFile(options: ClusterOptions, surroundings: Surroundings): void {
  const { environment, err } = clusterOf(options, surroundings);
  const unused = unusedFile(environment, process.cwd());
  if (unused) err(line`Note: ${unused.text}. ${unused.next}\n`);
}
