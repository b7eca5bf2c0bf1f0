/** What an earlier `init` wrote into the folder: to run it again, nobody has to know how it was called. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspectConfig } from '../../config.ts';
import { programVersion } from '../../version.ts';
import { agentImageIn } from './apply-script.ts';
import type { InitFacts } from './init-facts.ts';
import { configFile } from './planned-files.ts';

const usual = 'calico-chatops-agent';

/** The usual name follows the version; one that somebody gave is kept. */
function ownImageIn(script: string): string | null {
  const image = agentImageIn(script);
  return image?.startsWith(`${usual}:`) ? null : image;
}

/** Returns how the configuration of the folder says that the nodes are read; null: there is none. */
export function accessIn(folder: string): 'ssh' | 'agent' | null {
  const path = join(folder, configFile);
  return existsSync(path) ? inspectConfig({ CALICO_CHATOPS_CONFIG: path }, []).config.NODES_VIA : null;
}

/** Returns how the bot shall read the nodes: as it was asked for, else as the folder has it, else over SSH. */
export async function accessOf(
  folder: string,
  { via, image }: { readonly via: 'ssh' | 'agent' | undefined; readonly image: string | undefined },
): Promise<InitFacts['access']> {
  if ((via ?? accessIn(folder) ?? 'ssh') === 'ssh') return { via: 'ssh' };
  const script = await readFile(join(folder, 'apply'), 'utf8').catch(() => '');
  return { via: 'agent', image: image ?? ownImageIn(script) ?? `${usual}:${programVersion()}` };
}
