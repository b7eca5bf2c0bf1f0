/** Every key of the configuration, with its form. Lists may be YAML lists or text with commas. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { defaultCalicoNamespaces } from './model/calico-components.ts';

const list = <T>(item: z.ZodType<T>) =>
  z.preprocess((value) => (typeof value === 'string' ? value.split(/[\s,]+/).filter((part) => part !== '') : value), z.array(item));

const slackApiUrl = z.url({ protocol: /^https?$/, error: 'is no http(s) address' }).refine((url) => url.startsWith('https:') || isLoopback(new URL(url).hostname), {
  error: 'tokens are sent there: use https, or a loopback address',
});

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** `host:port`, `[v6]:port` or a port alone, which listens on loopback. */
const listen = z.preprocess((value) => (typeof value === 'number' ? String(value) : value), z.string().transform((text, context) => {
  const [, host = '127.0.0.1', digits = ''] = /^(?:(\[[0-9a-f:]+\]|[^:\s[\]]+):)?(\d{1,5})$/i.exec(text) ?? [];
  if (digits === '' || Number(digits) > 65_535) {
    context.addIssue({ code: 'custom', message: 'is no address such as 127.0.0.1:8080' });
    return z.NEVER;
  }
  return { host: host.replaceAll(/[[\]]/g, ''), port: Number(digits) };
}));

export const settings = z.object({
  SLACK_BOT_TOKEN: z.string().startsWith('xoxb-', { error: 'is no bot token (xoxb-…)' }).optional(),
  /** Set: Socket Mode. */
  SLACK_APP_TOKEN: z.string().startsWith('xapp-', { error: 'is no app-level token (xapp-…)' }).optional(),
  SLACK_SIGNING_SECRET: z.string().min(8, { error: 'is too short for a signing secret' }).optional(),
  SLACK_API_URL: slackApiUrl.optional(),
  /** Not set: the program starts a redis-server of its own over STATE_DIR. */
  REDIS_URL: z.string().regex(/^(?:rediss?:\/\/.+|unix:.+)$/, { error: 'is no redis://, rediss:// or unix: address' }).optional(),
  /** Paths as kubectl takes them; not set: the pod's own account, or the user's own file. */
  KUBECONFIG: z.string().optional(),
  SSH_USER: z.string().regex(/^[a-z_][a-z0-9_-]{0,31}\$?$/i, { error: 'is no name of a user' }).optional(),
  SSH_KEY_FILE: z.string().optional(),
  SSH_KNOWN_HOSTS_FILE: z.string().optional(),
  /** Who may approve: Slack ids of users (U…, W…) and user groups (S…), or handles of groups (@name). */
  APPROVERS: list(z.string().regex(/^(?:[UWS][A-Z0-9]{4,}|@[\w.-]+)$/, { error: 'is no Slack id (U…, W…, S…) nor @handle of a user group' })).default([]),
  /** What Alertmanager sends as bearer token; not set: alerts are refused. */
  ALERT_TOKEN: z.string().min(12, { error: 'is too short to be a secret: give at least 12 characters' }).optional(),
  /** Channel of alerts whose webhook address names none. */
  ALERT_CHANNEL: z.string().regex(/^(?:[CG][A-Z0-9]{4,}|#?[a-z0-9_-]{1,80})$/, { error: 'is no channel' }).optional(),
  LISTEN: listen.optional(),
  /** Minutes after an alert at which to look again. */
  FOLLOW_UP_MINUTES: list(z.coerce.number({ error: 'is no number' }).positive({ error: 'must be more than 0' }).max(1440, { error: 'must be at most 1440' }))
    .refine((minutes) => minutes.every((minute, index) => index === 0 || minute > (minutes[index - 1] ?? 0)), { error: 'must rise' })
    .default([1, 5, 15]),
  /** Where Calico's own workloads run. A pod anywhere else is never taken for Calico's. */
  CALICO_NAMESPACES: list(z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, { error: 'is not the name of a namespace' }))
    .refine((names) => names.length > 0, { error: 'must name at least one namespace' })
    .default([...defaultCalicoNamespaces]),
  STATE_DIR: z.string().optional(),
});
export type Settings = z.infer<typeof settings>;
