/** Every key of the configuration, with its form. Lists may be YAML lists or text with commas. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { parseQuietHours } from './model/attention.ts';
import { defaultCalicoNamespaces } from './model/calico-components.ts';
import { templateProblem } from './model/alert-target.ts';
import { textPatternProblem } from './model/alert-text.ts';

const list = <T>(item: z.ZodType<T>) =>
  z
    .preprocess(
      (value) => (typeof value === 'string' ? value.split(/[\s,]+/).filter((part) => part !== '') : value),
      z.array(item),
    )
    .meta({ type: ['array', 'string'] });

/** A list of what has spaces: as text, a line each. */
const lines = <T>(item: z.ZodType<T>) =>
  z
    .preprocess(
      (value) =>
        typeof value === 'string'
          ? value
              .split('\n')
              .map((line) => line.trim())
              .filter((line) => line !== '')
          : value,
      z.array(item),
    )
    .meta({ type: ['array', 'string'] });

/** `true` or `false`, in YAML or as text. */
/** From 1 on. */
const wholeNumber = (most: number) =>
  z.coerce
    .number({ error: 'must be a number' })
    .int({ error: 'must be a whole number' })
    .min(1, { error: 'must be at least 1' })
    .max(most, { error: `must be at most ${most}` });

const flag = z.preprocess(
  (value) => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean({ error: 'must be true or false' }),
);

const slackApiUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address' })
  .refine((url) => url.startsWith('https:') || isLoopback(new URL(url).hostname), {
    error: 'tokens are sent there: use https, or a loopback address',
  });

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** `host:port`, `[v6]:port` or a port alone, which listens on loopback. */
const listen = z.preprocess(
  (value) => (typeof value === 'number' ? String(value) : value),
  z.string().transform((text, context) => {
    const [, host = '127.0.0.1', digits = ''] = /^(?:(\[[0-9a-f:]+\]|[^:\s[\]]+):)?(\d{1,5})$/i.exec(text) ?? [];
    if (digits === '' || Number(digits) > 65_535) {
      context.addIssue({ code: 'custom', message: 'must be an address such as 127.0.0.1:8080' });
      return z.NEVER;
    }
    return { host: host.replaceAll(/[[\]]/g, ''), port: Number(digits) };
  }),
);

/** `[USER@]HOST[:PORT]`. */
const jump = z.string().transform((text, context) => {
  const [, user = null, host, port = '22'] =
    /^(?:([a-z_][a-z0-9_-]{0,31})@)?([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)(?::(\d{1,5}))?$/i.exec(text) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) {
    context.addIssue({ code: 'custom', message: 'must be a host such as bastion.example.com or bot@bastion:22' });
    return z.NEVER;
  }
  return { user, host, port: Number(port) };
});

const channel = z.string().regex(/^(?:[CG][A-Z0-9]{4,}|#?[a-z0-9_-]{1,80})$/, { error: 'must be a channel' });

/** Names of clusters become parts of keys and of queues. */
const clusters = z.preprocess(
  (value) => (value === 'none' ? undefined : value),
  z
    .record(
      z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/),
      z.record(z.string(), z.unknown(), { error: 'must be a map of keys to values' }),
      {
        error: ({ code }) =>
          code === 'invalid_key'
            ? 'a cluster must have a name of a-z, 0-9 and -'
            : 'must be a map of names to the settings of each cluster, in the file',
      },
    )
    .refine((named) => Object.keys(named).length > 0, { error: 'must name at least one cluster' })
    .optional(),
);

export const settings = z.object({
  SLACK_BOT_TOKEN: z.string().startsWith('xoxb-', { error: 'must be a bot token (xoxb-…)' }).optional(),
  /** Set: Socket Mode. */
  SLACK_APP_TOKEN: z.string().startsWith('xapp-', { error: 'must be an app-level token (xapp-…)' }).optional(),
  SLACK_SIGNING_SECRET: z.string().min(8, { error: 'must have at least 8 characters' }).optional(),
  SLACK_API_URL: slackApiUrl.optional(),
  /** Not set: the program starts a redis-server of its own over STATE_DIR. */
  REDIS_URL: z
    .string()
    .regex(/^(?:rediss?:\/\/.+|unix:.+)$/, { error: 'must be a redis://, rediss:// or unix: address' })
    .optional(),
  /** True: a REDIS_URL of another machine is taken without password or TLS. */
  REDIS_ALLOW_INSECURE: flag.default(false),
  /**
   * Secret with which plans, approvals and audit records are signed; not set: STATE_DIR/approval.key, which is made.
   */
  APPROVAL_KEY_FILE: z.string().optional(),
  /** False: the person who asked for a diagnosis may not approve its fixes. */
  APPROVE_OWN: flag.default(true),
  /** False: the approvers are not mentioned when a fix waits for them. */
  CALL_APPROVERS: flag.default(true),
  /** The risk of a fix from which on two people must approve it. */
  TWO_APPROVERS_FROM: z
    .enum(['low', 'medium', 'high', 'never'], { error: 'must be low, medium, high or never' })
    .default('never'),
  /** Fixes that may be approved for one cluster in an hour. */
  FIXES_PER_HOUR: wholeNumber(1000).default(60),
  /** Paths as kubectl takes them; not set: the pod's own account, or the user's own file. */
  KUBECONFIG: z.string().optional(),
  /** A context of the kubeconfig; not set: its current one. */
  KUBE_CONTEXT: z.string().optional(),
  /** How nodes are reached: `agent` is exec, through the API server, into the pods of deploy/node-agent. */
  NODES_VIA: z.enum(['ssh', 'agent'], { error: 'must be ssh or agent' }).default('ssh'),
  SSH_USER: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}\$?$/i, { error: 'must be a user name' })
    .optional(),
  SSH_PORT: wholeNumber(65_535).default(22),
  SSH_KEY_FILE: z.string().optional(),
  /** Socket of an ssh-agent that has the key; then SSH_KEY_FILE is not needed. */
  SSH_AGENT_SOCKET: z.string().optional(),
  /** The bastion, as ProxyJump takes it: `[USER@]HOST[:PORT]`. */
  SSH_JUMP: jump.optional(),
  SSH_KNOWN_HOSTS_FILE: z.string().optional(),
  /** Who may approve: Slack ids of users (U…, W…) and user groups (S…), or handles of groups (@name). */
  APPROVERS: list(
    z.string().regex(/^(?:[UWS][A-Z0-9]{4,}|@[\w.-]+)$/, {
      error: 'must be a Slack id (U…, W…, S…) or the @handle of a user group',
    }),
  ).default([]),
  /** Who may also approve fixes that change the traffic of one namespace's pods alone: `NAMESPACE=ID`, one each. */
  NAMESPACE_APPROVERS: list(
    z.string().regex(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?=(?:[UWS][A-Z0-9]{4,}|@[\w.-]+)$/, {
      error: 'must be NAMESPACE= and a Slack id (U…, W…, S…) or the @handle of a user group',
    }),
  ).default([]),
  /** What Alertmanager sends as bearer token; not set: alerts are refused. */
  ALERT_TOKEN: z.string().min(12, { error: 'must have at least 12 characters' }).optional(),
  /** Name and password that Alertmanager may send instead, as `NAME:PASSWORD`. */
  ALERT_BASIC_AUTH: z
    .string()
    .regex(/^[^:\p{Cc}]{1,100}:[^\p{Cc}]{12,1000}$/u, {
      error: 'must be NAME:PASSWORD, with a password of at least 12 characters',
    })
    .optional(),
  /** Channel of alerts whose webhook address names none. */
  ALERT_CHANNEL: channel.optional(),
  /** Further channels that a webhook address may name. */
  ALERT_CHANNELS: list(channel).default([]),
  /**
   * Targets of alerts, with names of labels or annotations in braces, tried before the usual ones: `{ns}/{pod_name}`,
   * `svc:{namespace}/{app}`.
   */
  ALERT_TARGETS: list(
    z.string().superRefine((template, context) => {
      const problem = templateProblem(template);
      if (problem !== null) context.addIssue({ code: 'custom', message: problem });
    }),
  ).default([]),
  /** Ids of channels (C…, G…) in which posts of ALERT_POST_APPS are read as alerts. */
  ALERT_POST_CHANNELS: list(
    z.string().regex(/^[CG][A-Z0-9]{4,20}$/, { error: 'must be the id of a channel (C…)' }),
  ).default([]),
  /** Ids of the bots (B…) or apps (A…) whose posts are read there. */
  ALERT_POST_APPS: list(
    z.string().regex(/^[AB][A-Z0-9]{4,20}$/, { error: 'must be the id of a bot (B…) or of an app (A…)' }),
  ).default([]),
  /** Texts of such posts, with names of labels in braces: `pod {namespace}/{pod} is down`. A line each. */
  ALERT_POST_TEXTS: lines(
    z.string().superRefine((pattern, context) => {
      const problem = textPatternProblem(pattern);
      if (problem !== null) context.addIssue({ code: 'custom', message: problem });
    }),
  )
    .refine((patterns) => patterns.length <= 50, { error: 'must be at most 50' })
    .default([]),
  /** Slack ids (U…, W…, S…) that are mentioned once when an alert lasts and nobody acknowledged it. */
  ALERT_ONCALL: list(
    z.string().regex(/^[UWS][A-Z0-9]{4,20}$/, { error: 'must be a Slack id of a user (U…, W…) or user group (S…)' }),
  ).default([]),
  /** Minutes after the first verdict at which they are mentioned. */
  ALERT_ONCALL_MINUTES: z.coerce
    .number({ error: 'must be a number' })
    .positive({ error: 'must be more than 0' })
    .max(1440, { error: 'must be at most 1440' })
    .default(30),
  /** When nothing is posted about alerts that last, unless their severity is critical, page or emergency. */
  ALERT_QUIET_HOURS: z
    .string()
    .refine((text) => parseQuietHours(text) !== null, { error: 'must be such as 22:00-07:00 Europe/Berlin' })
    .optional(),
  /** Diagnoses that one person may ask for a minute; as many at once after a pause. */
  DIAGNOSES_PER_MINUTE: wholeNumber(600).default(10),
  LISTEN: listen.optional(),
  /** Minutes after an alert at which to look again. */
  FOLLOW_UP_MINUTES: list(
    z.coerce
      .number({ error: 'must be a number' })
      .positive({ error: 'must be more than 0' })
      .max(1440, { error: 'must be at most 1440' }),
  )
    .refine((minutes) => minutes.every((minute, index) => index === 0 || minute > (minutes[index - 1] ?? 0)), {
      error: 'must be in ascending order',
    })
    .default([1, 5, 15, 30, 60, 120, 240, 480, 1440]),
  /** Where Calico's own workloads run. A pod anywhere else is never taken for Calico's. */
  CALICO_NAMESPACES: list(
    z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, { error: 'must be a namespace name' }),
  )
    .refine((names) => names.length > 0, { error: 'must name at least one namespace' })
    .default([...defaultCalicoNamespaces]),
  STATE_DIR: z.string().optional(),
  /** Several clusters, by name: what each has of its own (config-clusters.ts). `none`: that of the file is left out. */
  CLUSTERS: clusters,
});
export type Settings = z.infer<typeof settings>;

/** Returns what is wrong with the settings of posted alerts together, or null. */
export function postsProblem({
  ALERT_POST_CHANNELS: channels,
  ALERT_POST_APPS: apps,
}: Pick<Settings, 'ALERT_POST_CHANNELS' | 'ALERT_POST_APPS'>): string | null {
  if (channels.length > 0 && apps.length === 0)
    return 'ALERT_POST_APPS: it must name the apps whose posts in ALERT_POST_CHANNELS are alerts';
  if (channels.length === 0 && apps.length > 0)
    return 'ALERT_POST_CHANNELS: it must name the channels in which posts of ALERT_POST_APPS are alerts';
  return null;
}

/**
 * Returns what is wrong with the address of Redis, or null. A writer there decides what the bot works on, so a
 * server of another machine has to know a password and speak TLS.
 */
export function redisProblem({ REDIS_URL: address, REDIS_ALLOW_INSECURE: allowed }: Settings): string | null {
  if (address === undefined || allowed || address.startsWith('unix:') || !URL.canParse(address)) return null;
  const { protocol, hostname, password } = new URL(address);
  if (isLoopback(hostname) || hostname === '::1') return null;
  const lacks = [...(password === '' ? ['a password'] : []), ...(protocol === 'rediss:' ? [] : ['TLS (rediss://)'])];
  return lacks.length === 0
    ? null
    : `REDIS_URL: a Redis on another machine needs ${lacks.join(' and ')}; REDIS_ALLOW_INSECURE=true takes it without`;
}
