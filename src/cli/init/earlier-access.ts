/** What an earlier `init` wrote into the folder: to run it again, nobody has to know how it was called. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspectConfig } from '../../config.ts';
import { programVersion } from '../../version.ts';
import { agentImageIn } from './apply-script.ts';
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

/** Returns the image of the agent's pods: the one that the folder has, else the one of this version. */
export async function imageIn(folder: string): Promise<string> {
  const script = await readFile(join(folder, 'apply'), 'utf8').catch(() => '');
  return ownImageIn(script) ?? `${usual}:${programVersion()}`;
}
