/** An operator who has a cluster and not the bot: a root login on the nodes, an administrator's kubeconfig, a shell. */
import { readFileSync } from 'node:fs';
import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { apiServerProgram } from './control-plane/programs.ts';
import { nodeAgentsAsRolledOut } from './nodes/agent-status.ts';
import { insideNode } from './nodes/machine.ts';
import { manifestsOf } from './operations/manifests.ts';
import { labPaths, projectRoot, type LabPaths } from './paths.ts';
import { attempt, run, type Result } from './run.ts';
import { readTopology } from './state.ts';

export interface Operator {
  /** Where commands are typed. */
  readonly folder: string;
  /** Runs lines of a shell in the operations namespace, with nothing set but PATH, HOME and what is given. */
  shell(lines: string, environment?: Readonly<Record<string, string>>): Promise<Result>;
  /** The words that start such a shell, for what runs in the background. */
  argv(lines: string, environment?: Readonly<Record<string, string>>): string[];
}

/** As they log in: root by a key, as many clusters are administered. */
const letRootIn = `cat >/etc/ssh/root_keys; chmod 600 /etc/ssh/root_keys
sed -i 's/^PermitRootLogin.*/PermitRootLogin prohibit-password/' /etc/ssh/sshd_config
printf 'Match User root\\n  AuthorizedKeysFile /etc/ssh/root_keys\\n' >>/etc/ssh/sshd_config
kill -HUP 1
`;

/** Takes the bot out of a lab as its pages say, and gives an operator what a person has who begins. */
export async function startOperator(name: string): Promise<Operator> {
  const paths = labPaths(name);
  const { nodes, nodeAccess } = readTopology(paths);
  const folder = `${paths.operations}/operator`;
  const home = `${folder}/home`;
  await mkdir(`${home}/.kube`, { recursive: true });
  await mkdir(`${home}/.ssh`, { mode: 0o700 });
  await mkdir(`${folder}/bin`);
  await copyFile(paths.adminKubeconfig, `${home}/.kube/config`);
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', `${home}/.ssh/id_ed25519`]);
  const hosts = readFileSync(`${paths.operations}/known_hosts`, 'utf8').replaceAll(/^([^, ]+),\S+/gm, '$1');
  await writeFile(`${home}/.ssh/known_hosts`, hosts);
  // ssh takes the home of root from the machine's accounts, whatever HOME says.
  await tool(`${folder}/bin/ssh`, `exec /usr/bin/ssh -F ${home}/.ssh/config "$@"`);
  await writeFile(
    `${home}/.ssh/config`,
    `IdentityFile ${home}/.ssh/id_ed25519\nUserKnownHostsFile ${home}/.ssh/known_hosts\nBatchMode yes\n`,
  );
  await tool(
    `${folder}/bin/calico-chatops`,
    `exec ${process.execPath} --max-semi-space-size=4 ${projectRoot}/src/main.ts "$@"`,
  );
  const argv = (lines: string, environment: Readonly<Record<string, string>> = {}) => [
    'env',
    '-i',
    `PATH=${folder}/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
    `HOME=${home}`,
    ...Object.entries({ NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '', ...environment }).map(
      ([key, value]) => `${key}=${value}`,
    ),
    'nsenter',
    `--net=${paths.namespaceFile('ops')}`,
    `--wd=${folder}`,
    '--',
    'bash',
    '-c',
    lines,
  ];
  const operator: Operator = { folder, argv, shell: (lines, environment) => attempt(argv(lines, environment)) };
  const kubectl = await kubectlProgram();
  if (nodeAccess === 'agent') await tool(`${folder}/bin/kubectl`, nodeAgentsAsRolledOut(kubectl));
  else await symlink(kubectl, `${folder}/bin/kubectl`);
  await takeBotOut(operator, paths, nodeAccess === 'ssh' ? nodes.map((node) => node.name) : []);
  return operator;
}

/** The machine's own, or what scripts/test builds for the long run. */
async function kubectlProgram(): Promise<string> {
  const { stdout } = await attempt(['sh', '-c', 'command -v kubectl']);
  return stdout.trim() || `${dirname(apiServerProgram())}/kubectl`;
}

async function tool(path: string, body: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
}

async function takeBotOut(operator: Operator, paths: LabPaths, nodes: readonly string[]): Promise<void> {
  const key = readFileSync(`${operator.folder}/home/.ssh/id_ed25519.pub`, 'utf8');
  await Promise.all(
    nodes.map(async (node) => {
      await run(insideNode(paths, node, ['sh', `${projectRoot}/deploy/node/uninstall`]));
      await run(insideNode(paths, node, ['sh', '-c', letRootIn]), key);
    }),
  );
  // A namespace that is deleted stays for ever: the lab has no controller that empties it, and none that starts pods.
  const stays = ['Namespace', 'DaemonSet', 'ServiceAccount'];
  const items = [
    ...manifestsOf(['rbac', 'rbac/calico-system']).filter(({ kind }) => kind !== 'Namespace'),
    ...manifestsOf(['node-agent']).filter(({ kind }) => !stays.includes(kind ?? '')),
  ];
  const { status, stderr } = await attempt(
    operator.argv('kubectl delete --ignore-not-found --wait=false -f -'),
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
  );
  if (status !== 0) throw new Error(`the bot's account stays: ${stderr.slice(-500)}`);
}
