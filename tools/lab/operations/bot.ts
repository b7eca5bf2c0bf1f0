import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { kubeObjectSchema, type Administrator } from '../control-plane/api.ts';
import { kubeconfig } from '../nodes/machine.ts';
import { type LabPaths, projectRoot } from '../paths.ts';
import { run } from '../run.ts';
import { sshUser, type Topology } from '../topology.ts';

const collections: Record<string, string> = {
  Namespace: '/api/v1/namespaces',
  ServiceAccount: '/api/v1/namespaces/NAMESPACE/serviceaccounts',
  Role: '/apis/rbac.authorization.k8s.io/v1/namespaces/NAMESPACE/roles',
  RoleBinding: '/apis/rbac.authorization.k8s.io/v1/namespaces/NAMESPACE/rolebindings',
  ValidatingAdmissionPolicy: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
  ClusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
};

/** The bot's SSH key; its public half is installed on every node. */
export async function makeOperationsKey(paths: LabPaths): Promise<void> {
  await mkdir(`${paths.operations}/bin`, { recursive: true });
  await writeFile(`${paths.operations}/known_hosts`, '');
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', sshUser, '-f', `${paths.operations}/id_ed25519`]);
  await writeFile(
    `${paths.operations}/bin/calico-chatops`,
    `#!/bin/sh\nexec ${process.execPath} --max-semi-space-size=4 ${projectRoot}/src/main.ts "$@"\n`,
    { mode: 0o755 },
  );
}

/** Installs deploy/rbac as an operator would, and writes the bot's kubeconfig from its own account. */
export async function installBot(paths: LabPaths, api: Administrator, layout: Topology['layout']): Promise<void> {
  const folder = `${projectRoot}/deploy/rbac`;
  const manifests = [folder, ...(layout === 'operator' ? [`${folder}/calico-system`] : [])]
    .flatMap((where) => readdirSync(where).map((file) => `${where}/${file}`))
    .filter((file) => file.endsWith('.yaml'))
    .toSorted()
    .flatMap((file) => parseAllDocuments(readFileSync(file, 'utf8')))
    .map((one) => kubeObjectSchema.parse(one.toJS()));
  for (const object of manifests) {
    const collection = collections[object.kind ?? ''];
    if (collection === undefined) throw new Error(`deploy/rbac: no place for a ${object.kind}`);
    await api.ensure(collection.replace('NAMESPACE', object.metadata.namespace ?? ''), object);
  }
  const token = await api.token('calico-chatops', 'calico-chatops');
  await writeFile(
    `${paths.operations}/kubeconfig`,
    kubeconfig(readFileSync(`${paths.pki}/ca.crt`), 'calico-chatops', token),
    { mode: 0o600 },
  );
}

/** Ports inside the operations namespace. */
export const ports = { redis: 6379, workspace: 7000, bot: 8080 } as const;

/** The workspace's people, channels and secrets: the bot is given the same ones. */
export const workspaceStart = `${projectRoot}/tools/slack-workspace/start.json`;

const startSchema = z.object({ bot_token: z.string(), app_token: z.string(), signing_secret: z.string() });

/** The environment of the bot in the operations namespace. */
export function botEnvironment(paths: LabPaths): Record<string, string> {
  const slack = startSchema.parse(JSON.parse(readFileSync(workspaceStart, 'utf8')));
  return {
    KUBECONFIG: `${paths.operations}/kubeconfig`,
    SSH_USER: sshUser,
    SSH_KEY_FILE: `${paths.operations}/id_ed25519`,
    SSH_KNOWN_HOSTS_FILE: `${paths.operations}/known_hosts`,
    STATE_DIR: `${paths.operations}/state`,
    SLACK_API_URL: `http://127.0.0.1:${ports.workspace}/api/`,
    SLACK_BOT_TOKEN: slack.bot_token,
    SLACK_APP_TOKEN: slack.app_token,
    SLACK_SIGNING_SECRET: slack.signing_secret,
    APPROVERS: 'U0ALICE,S0PLATFORM',
    ALERT_TOKEN: 'lab-alert-token',
    ALERT_CHANNEL: 'oncall',
    LISTEN: `127.0.0.1:${ports.bot}`,
    // Tests look again within seconds.
    ...(process.env['FOLLOW_UP_MINUTES'] ? { FOLLOW_UP_MINUTES: process.env['FOLLOW_UP_MINUTES'] } : {}),
  };
}
