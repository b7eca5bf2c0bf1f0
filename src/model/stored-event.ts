/** The form of a run's events as they come back from a store: written by this version or an older one, or by others. */
import { z } from 'zod';
import type { Evidence } from './evidence.ts';
import { redactJson } from './redact.ts';
import {
  attentionWords,
  victimStates,
  type CleanEvent,
  type Cleaned,
  type RunAlert,
  type RunEvent,
  type RunEventBody,
  type RunEventOf,
  type RunOrigin,
  type StormVictim,
} from './runs.ts';
import type { ClusterSetup } from './setup.ts';
import { subject, target } from './stored.ts';
import type { Consequence, Finding, FlowStop, FoundFinding, PassedRule, SettledStep, Verdict } from './verdict.ts';

/** Raised when an older version could not read an event any more. Events without it are of version 1. */
const eventVersion = 2;

const text = z.string();
const time = z.iso.datetime();

const evidence = z.object({
  command: text,
  node: text.nullable(),
  at: text,
  excerpt: text,
  file: text.nullable(),
}) satisfies z.ZodType<Evidence>;

const found = {
  rule: text,
  node: text.nullable(),
  subject,
  title: text,
  detail: text,
  proof: z.enum(['counter', 'capture', 'read', 'inferred']),
  evidence: z.array(evidence),
  fix: z.object({ id: text, plan: text.nullable(), input: z.record(text, z.json()) }).nullable(),
  advice: z.object({ who: text, commands: z.array(text) }).nullable(),
};
const foundFinding = z.object(found) satisfies z.ZodType<FoundFinding>;
const finding = z.object({ ...found, id: text }) satisfies z.ZodType<Finding>;
const consequence = z.object({
  ...found,
  id: text,
  because: z.object({ id: text, rule: text }),
}) satisfies z.ZodType<Consequence>;

const step = z.object({
  id: text,
  title: text,
  status: z.enum(['pass', 'fail', 'inconclusive', 'skipped']),
  startedAt: text,
  durationMs: z.number(),
  summary: text,
}) satisfies z.ZodType<SettledStep>;

const passedRule = z.object({ rule: text, by: text }) satisfies z.ZodType<PassedRule>;

const direction = z.enum(['request', 'reply']);
const stopPlace = z.object({ place: text, node: text.nullable(), interface: text.nullable() });
const flowStop = z.object({
  direction: direction.nullable(),
  summary: text,
  lastSeen: stopPlace,
  missing: stopPlace,
  checked: z.array(text),
  notChecked: z.array(z.object({ what: text, node: text.nullable(), why: text.nullable(), command: text })),
}) satisfies z.ZodType<FlowStop>;

const tunnel = z.enum(['ipip', 'vxlan', 'none']);
const setup = z.object({
  install: z.enum(['manifest', 'operator', 'helm', 'other', 'unknown']),
  namespace: text.nullable(),
  version: text.nullable(),
  datastore: z.enum(['etcdv3', 'kubernetes']).nullable(),
  dataplanes: z.array(
    z.object({ node: text, dataplane: z.enum(['iptables-legacy', 'iptables-nft', 'nftables', 'ebpf']).nullable() }),
  ),
  encapsulation: z.array(z.enum(['none', 'ipip', 'ipip-crosssubnet', 'vxlan', 'vxlan-crosssubnet'])).nullable(),
  pair: z.object({ source: text, target: text, there: tunnel.nullable(), back: tunnel.nullable() }).nullable(),
  summary: text,
}) satisfies z.ZodType<ClusterSetup>;

const verdict = z.object({
  schema: z.literal('calico-chatops/verdict/v1'),
  run: text,
  cluster: text,
  verdict: z.enum(['fault', 'healthy', 'inconclusive']),
  flow: z.enum(['works', 'fails', 'unknown']),
  answeredPart: z
    .enum(['judged-port', 'judged-pod', 'small-packets', 'some-packets', 'handshake'])
    .nullable()
    .default(null),
  target: z.object({
    pod: text,
    asked: text.nullable().default(null),
    address: text.nullable(),
    node: text.nullable(),
    from: text.nullable(),
    to: text.nullable().default(null),
    port: text.nullable(),
  }),
  roots: z.array(finding),
  consequences: z.array(consequence),
  latent: z.array(finding),
  blindSpots: z.array(
    z.object({ probe: text, node: text.nullable(), code: text, reason: text, affects: z.array(text) }),
  ),
  ruledOut: z.array(passedRule),
  // Older events do not have what is given a default here and below.
  notFound: z.array(passedRule).default([]),
  steps: z.array(step),
  path: z.array(
    z.object({
      hop: z.number(),
      place: text,
      node: text.nullable(),
      status: z.enum(['seen', 'lost', 'not-looked']),
      direction: direction.default('request'),
      interface: text.nullable().default(null),
      why: text.nullable().default(null),
      outer: text.nullable().default(null),
    }),
  ),
  stop: flowStop.nullable().default(null),
  setup: setup.nullable().default(null),
  notes: z.array(text),
  timings: z.object({ totalMs: z.number(), firstFindingMs: z.number().nullable() }),
}) satisfies z.ZodType<Verdict>;

export const origin = z.object({
  kind: z.enum(['command', 'alert', 'cli', 'recheck']),
  channel: text.nullable(),
  thread: text.nullable(),
  joins: text.nullable(),
  held: z.enum(['group', 'channel']).optional(),
}) satisfies z.ZodType<RunOrigin>;

export const alert = z.object({
  fingerprint: text,
  name: text,
  summary: text,
  startsAt: text,
  // Older events do not have them.
  severity: text.nullable().default(null),
  runbook: text.nullable().default(null),
  graph: text.nullable().default(null),
}) satisfies z.ZodType<RunAlert>;

const victim = z.object({
  run: text,
  target: text,
  alert: text,
  cause: text.nullable(),
  state: z.enum(victimStates),
}) satisfies z.ZodType<StormVictim>;

/** What a plan's event holds is for the notifier to judge, which says so in the thread: it is passed on as it is. */
const plan = z.looseObject({
  type: z.literal('plan'),
  at: time,
  record: z.custom<RunEventOf<'plan'>['record']>(),
  note: text.nullable(),
  seal: text.nullable().optional(),
});

const shapes = {
  started: z.object({ type: z.literal('started'), at: time, target, requester: text, origin }),
  'step-settled': z.object({ type: z.literal('step-settled'), at: time, step }),
  finding: z.object({ type: z.literal('finding'), at: time, finding: foundFinding }),
  verdict: z.object({ type: z.literal('verdict'), at: time, verdict }),
  plan,
  'no-plan': z.object({ type: z.literal('no-plan'), at: time, finding: text, why: text, advice: z.array(text) }),
  'approval-wanted': z.object({
    type: z.literal('approval-wanted'),
    at: time,
    plan: text,
    by: text,
    approvers: z.array(text),
    seal: text.nullable().optional(),
  }),
  'plan-unread': z.object({
    type: z.literal('plan-unread'),
    at: time,
    plan: text,
    action: z.enum(['apply', 'rollback']),
    seal: text.nullable().optional(),
  }),
  'follow-up': z.object({
    type: z.literal('follow-up'),
    at: time,
    minutes: z.number(),
    verdict,
    changed: text.nullable(),
  }),
  alert: z.object({ type: z.literal('alert'), at: time, alert, status: z.enum(['firing', 'resolved']) }),
  attention: z.object({
    type: z.literal('attention'),
    at: time,
    what: z.enum(attentionWords),
    by: text,
    until: time.nullable(),
  }),
  called: z.object({ type: z.literal('called'), at: time, people: z.array(text), minutes: z.number() }),
  victim: z.object({ type: z.literal('victim'), at: time, victim }),
  placed: z.object({ type: z.literal('placed'), at: time, where: z.enum(['storm', 'thread', 'channel']) }),
  cancelled: z.object({ type: z.literal('cancelled'), at: time, by: text }),
  failed: z.object({ type: z.literal('failed'), at: time, code: text, message: text, next: text }),
} satisfies { readonly [T in RunEvent['type']]: z.ZodType<RunEventOf<T>> };

const envelope = z.looseObject({ type: text, version: z.int().positive().default(1) });

/** `unknown`: of a type or version that this version does not know, and left in the store for one that does. */
export type StoredEvent =
  | { readonly read: 'event'; readonly event: CleanEvent }
  | { readonly read: 'unknown' }
  | { readonly read: 'malformed'; readonly why: string };

/**
 * Returns an event as it may be stored and shown. The event of a plan was redacted before it was sealed: a change would
 * break its seal.
 */
export function withoutSecrets<E extends RunEventBody>(event: E): E & Cleaned {
  return (event.type === 'plan' ? event : redactJson(event)) as E & Cleaned;
}

/** Returns the text under which the store keeps an event. */
export function writeEvent(event: CleanEvent): string {
  return JSON.stringify({ version: eventVersion, ...event });
}

/** Reads one stored event: it was cleaned before it was stored. Never throws. */
export function readEvent(stored: string): StoredEvent {
  let json: unknown;
  try {
    json = JSON.parse(stored);
  } catch {
    return { read: 'malformed', why: 'it is not JSON' };
  }
  const outer = envelope.safeParse(json);
  if (!outer.success) return { read: 'malformed', why: whyOf(outer.error) };
  const { version, ...event } = outer.data;
  if (version > eventVersion || !isKnown(event.type)) return { read: 'unknown' };
  const parsed = shapes[event.type].safeParse(event);
  return parsed.success
    ? { read: 'event', event: parsed.data as CleanEvent }
    : { read: 'malformed', why: whyOf(parsed.error) };
}

function isKnown(type: string): type is RunEvent['type'] {
  return Object.hasOwn(shapes, type);
}

function whyOf({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.slice(0, 4).join('.') ?? ''} ${issue?.message ?? ''}`.trim().slice(0, 200);
}
