/** Where the files are that a check tells a person to apply: a person copies the line, and has no checkout. */
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandLine } from '../model/command-line.ts';
import type { Check } from './check.ts';

const packaged = fileURLToPath(new URL('../../deploy', import.meta.url));
const inPod = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Returns the check with words that hold on this machine. In an installation of `init` its script does what is told;
 * else `deploy/` is the package's folder. In a pod nobody runs kubectl: the words stay those of a checkout.
 * @param initFolder that `init` wrote; null: none
 */
export function placed(check: Check, initFolder: string | null): Check {
  if (check.next === null) return check;
  return { ...check, next: initFolder === null ? inPackage(check.next) : inInstallation(check.next, initFolder) };
}

/** What the script of `init` does: the rights, the account with its kubeconfig, the helper and the agent. */
const ofScript = /^(?:Run (?:kubectl apply -f )?deploy\/(?:rbac|node|node-agent)\/|Make a kubeconfig with a new token)/;

/** The script adds the host key of a node whose name is missing. */
const keyMissing = /^Run ssh-keyscan NODE(?: >> .{1,500} for each node,|.{1,500} under the name of the node$)/;
const keyDiffers = /^Run ssh-keyscan NODE, compare the key with the console of the node, and put it into /;

const setsImage = /then kubectl -n \S{1,63} set image daemonset\/\S{1,63} agent=IMAGE/;

function inInstallation(next: string, folder: string): string {
  const [init, apply] = [commandLine(['calico-chatops', 'init', folder]), commandLine([`${folder}/apply`])];
  if (ofScript.test(next)) return `Run ${init}, then ${apply}`;
  const hostsFile = `${folder}/known_hosts`;
  if (next.includes(hostsFile)) {
    const compare = 'compare the host keys that it prints with the console of each node';
    if (keyMissing.test(next)) return `Run ${apply}, and ${compare}`;
    const renew = `${commandLine(['ssh-keygen', '-R', 'NODE', '-f', hostsFile])}, then ${apply}`;
    if (keyDiffers.test(next))
      return `Compare ssh-keyscan NODE with the console of the node. If the keys are the same, run ${renew}`;
  }
  // `init` remembers the image, and its script sets it.
  const withImage = next.replace(setsImage, () => `then ${init} --image IMAGE, then ${apply}`);
  return inPackage(withImage.replaceAll(/, and deploy\/node\/install \S+ on each node/g, () => `, then ${apply}`));
}

function inPackage(next: string): string {
  if (existsSync(inPod)) return next;
  const folder = relative(process.cwd(), packaged) === 'deploy' ? 'deploy' : packaged;
  return next.replaceAll(/(?<![\w/])deploy\/(?=[a-z ])/g, `${folder}/`);
}
