/** What `init` writes: the configuration, what is applied to cluster and nodes, and the script that applies it. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configSchema } from '../../config-schema.ts';
import { usualListen } from './answers.ts';
import { applyScript } from './apply-script.ts';
import type { InitFacts } from './init-facts.ts';
import type { PlannedFile } from './write-files.ts';

/** The package's own copy of what operators install. */
export const deploy = fileURLToPath(new URL('../../../deploy/', import.meta.url));
/** The configuration of the bot, below the folder. */
export const configFile = 'calico-chatops.yaml';
/** What an editor checks it with. */
const schemaFile = 'calico-chatops.schema.json';
const operatorNamespace = 'calico-system';

/** Returns every file, in the order in which they are told. */
export function plannedFiles(facts: InitFacts): readonly PlannedFile[] {
  return [
    { path: configFile, text: configText(facts), mode: 0o600, owner: 'yours' },
    { path: schemaFile, text: `${JSON.stringify(configSchema(), null, 2)}\n`, mode: 0o644, owner: 'made' },
    { path: 'secrets/alert-token', text: `${randomBytes(24).toString('base64url')}\n`, mode: 0o600, owner: 'yours' },
    { path: 'secrets/slack-bot-token', text: '', mode: 0o600, owner: 'yours' },
    { path: 'secrets/slack-app-token', text: '', mode: 0o600, owner: 'yours' },
    { path: 'alertmanager-receiver.yaml', text: receiverText(facts), mode: 0o600, owner: 'made' },
    ...copies('slack', () => true),
    ...copies('rbac', () => true),
    ...(facts.calicoNamespaces.includes(operatorNamespace) ? copies(`rbac/${operatorNamespace}`, () => true) : []),
    ...copies(facts.access.via === 'ssh' ? 'node' : 'node-agent', (name) => name !== 'README.md'),
    { path: 'apply', text: applyScript(facts), mode: 0o700, owner: 'made' },
  ];
}

function copies(folder: string, wanted: (name: string) => boolean): readonly PlannedFile[] {
  return entriesOf(folder)
    .filter(wanted)
    .map((name) => ({
      path: `${folder}/${name}`,
      text: readFileSync(join(deploy, folder, name), 'utf8'),
      mode: /^(?:install|uninstall|calico-chatops-node)$/.test(name) ? 0o755 : 0o644,
      owner: 'made',
    }));
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(join(deploy, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function configText({ folder, calicoNamespaces, approvers, access, alerts }: InitFacts): string {
  const inFolder = (path: string) => JSON.stringify(join(folder, path));
  const nodes =
    access.via === 'agent'
      ? 'NODES_VIA: agent'
      : `SSH_USER: calico-chatops
SSH_KEY_FILE: ${inFolder('bot-key')}
SSH_KNOWN_HOSTS_FILE: ${inFolder('known_hosts')}`;
  const off = alerts === null ? '# ' : '';
  return `# yaml-language-server: $schema=./${schemaFile}
# Configuration of calico-chatops. Every key: calico-chatops config schema.
# The environment wins over this file. The secrets are in files of their own.
SLACK_BOT_TOKEN_FILE: ${inFolder('secrets/slack-bot-token')}
SLACK_APP_TOKEN_FILE: ${inFolder('secrets/slack-app-token')}
# Slack ids of the users (U…) and user groups (S…) who may approve a fix.
APPROVERS: ${JSON.stringify(approvers)}
KUBECONFIG: ${inFolder('bot-kubeconfig')}
CALICO_NAMESPACES: ${JSON.stringify(calicoNamespaces)}
${nodes}
# Alerts: the token of Alertmanager, a channel of Slack, and the address at which Alertmanager reaches the bot.
${off}ALERT_TOKEN_FILE: ${inFolder('secrets/alert-token')}
${off}ALERT_CHANNEL: ${JSON.stringify(alerts?.channel ?? '#on-call')}
${off}LISTEN: ${alerts?.listen ?? usualListen}
STATE_DIR: ${inFolder('state')}
`;
}

function receiverText({ folder }: InitFacts): string {
  return `# Add this receiver to Alertmanager's configuration, and route the alerts of pods to it.
# BOT is the address at which Alertmanager reaches the bot's LISTEN.
receivers:
  - name: calico-chatops
    webhook_configs:
      - url: http://BOT:8080/alertmanager
        send_resolved: true
        http_config:
          authorization:
            # A copy of ${join(folder, 'secrets/alert-token')} on the machine of Alertmanager.
            credentials_file: /etc/alertmanager/calico-chatops-token
`;
}
