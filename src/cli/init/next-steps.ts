import { join } from 'node:path';
import { commandLine } from '../../model/command-line.ts';
import { line } from '../plain-output.ts';
import type { InitFacts } from './init-facts.ts';
import { configFile, deploy } from './planned-files.ts';

/**
 * Returns what a person does after `init`, step by step.
 * @param isNamed whether the environment names a kubeconfig: it would win over the one of the bot
 */
export function nextSteps({ folder, access }: Pick<InitFacts, 'folder' | 'access'>, isNamed: boolean): string {
  const script = commandLine([`${folder}/apply`]);
  const configuration = commandLine([`${folder}/${configFile}`]);
  const steps = [
    line`Make the Slack app from ${folder}/slack/manifest.yaml. Put its tokens into ${folder}/secrets/.\n`,
    ...(access.via === 'agent' ? [imageStep(access.image)] : []),
    line`Read ${script}, then run it. It installs what reads the nodes, and the account of the bot.\n`,
    line`export CALICO_CHATOPS_CONFIG=${configuration}${isNamed ? '; unset KUBECONFIG' : ''}\n`,
    'calico-chatops doctor\n',
    'calico-chatops serve\n',
  ];
  return ['Next:\n', ...steps.map((step, at) => `${at + 1}. ${step}`)].join('');
}

/** The package has what goes into the image. */
function imageStep(image: string): string {
  const build = commandLine(['docker', 'build', '-t', image, '-f', join(deploy, 'node-agent/Dockerfile'), deploy]);
  const push = commandLine(['docker', 'push', image]);
  return line`Give the nodes the image that they pull, if it is not there: ${build} && ${push}\n`;
}
