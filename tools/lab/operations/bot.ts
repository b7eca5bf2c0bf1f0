import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Administrator } from '../control-plane/api.ts';
import { kubeconfig } from '../nodes/machine.ts';
import { ensureManifest, manifestsOf } from './manifests.ts';
import { type LabPaths, projectRoot } from '../paths.ts';
import { run } from '../run.ts';
import { readTopology } from '../state.ts';
import { sshUser, type Topology } from '../topology.ts';

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
  const manifests = manifestsOf(['rbac', ...(layout === 'operator' ? ['rbac/calico-system'] : [])]);
  for (const object of manifests) await ensureManifest(api, object);
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
    ...nodeSettings(paths),
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

function nodeSettings(paths: LabPaths): Record<string, string> {
  if (readTopology(paths).nodeAccess === 'agent') return { NODES_VIA: 'agent' };
  return {
    SSH_USER: sshUser,
    SSH_KEY_FILE: `${paths.operations}/id_ed25519`,
    SSH_KNOWN_HOSTS_FILE: `${paths.operations}/known_hosts`,
  };
}
