/** What an earlier `init` wrote into the folder: to run it again, nobody has to know how it was called. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
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

/** Returns how the bot shall read the nodes: as it was asked for, else as the folder has it, else over SSH. */
export async function accessOf(
  folder: string,
  { via, image }: { readonly via: 'ssh' | 'agent' | undefined; readonly image: string | undefined },
): Promise<InitFacts['access']> {
  const textOf = (name: string) => readFile(join(folder, name), 'utf8').catch(() => '');
  const [config, script] = await Promise.all([textOf(configFile), textOf('apply')]);
  const earlier = /^NODES_VIA: *["']?agent\b/m.test(config) ? 'agent' : 'ssh';
  if ((via ?? earlier) === 'ssh') return { via: 'ssh' };
  return { via: 'agent', image: image ?? ownImageIn(script) ?? `${usual}:${programVersion()}` };
}
