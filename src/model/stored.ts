/** The form of plans, approvals and audit records as they come back from a store, where others may have written. */
import { z } from 'zod';
import type { Approval, ApprovalVia, SignedApproval } from './approval.ts';
import type { AuditCheckpoint, AuditHead, AuditRecord } from './audit.ts';
import { planStates, type FixPlan, type PlanRecord } from './fix.ts';
import type { Subject } from './rule.ts';
import { longestWait } from './target-grammar.ts';
import type { FlowGoal, Target } from './target.ts';

const text = z.string();
const words = z.record(text, text);
const id = text.regex(/^[\w.-]{1,128}$/);
const time = z.iso.datetime();

const via = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('slack'), channel: text, thread: text, message: text, click: text }),
  z.object({ kind: z.literal('cli'), uid: z.int() }),
]) satisfies z.ZodType<ApprovalVia>;

const approval = z.object({
  version: z.literal(1),
  id,
  action: z.enum(['apply', 'rollback']),
  plan: id,
  digest: text,
  approver: text.min(1),
  via,
  at: time,
}) satisfies z.ZodType<Approval>;

export const signedApproval = z.object({ approval, seal: text }) satisfies z.ZodType<SignedApproval>;

const name = text.min(1).max(253);

const source = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('pod'), namespace: name, name }),
  z.object({ kind: z.literal('node'), name }),
  z.object({ kind: z.literal('outside'), address: name }),
]);
const port = z.union([
  z.object({ protocol: z.enum(['tcp', 'udp']), number: z.int().min(1).max(65_535) }),
  z.object({ protocol: z.literal('icmp') }),
]);
const goal = z.union([
  z.object({ kind: z.literal('node'), name }),
  z.object({ kind: z.literal('outside'), address: name }),
  z.object({ kind: z.literal('api') }),
]) satisfies z.ZodType<FlowGoal>;
export const target = z.object({
  cluster: name,
  namespace: name,
  pod: name,
  kind: z.enum(['service', 'deployment', 'statefulset', 'daemonset', 'selector', 'address']).optional(),
  from: source.nullable(),
  to: goal.optional(),
  port: port.nullable(),
  wait: z.int().min(1).max(longestWait).optional(),
  family: z.union([z.literal(4), z.literal(6)]).optional(),
}) satisfies z.ZodType<Target>;

export const subject = z.object({
  kind: z.enum([
    'Pod',
    'Service',
    'Node',
    'NodePair',
    'Interface',
    'Profile',
    'Policy',
    'Rule',
    'Route',
    'ServiceAccount',
    'Controller',
    'Datastore',
    'Pool',
  ]),
  name: text,
}) satisfies z.ZodType<Subject>;

/** `Kind name`, as an older version wrote it. */
function subjectFromWords(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const [kind, ...rest] = value.split(' ');
  return { kind, name: rest.join(' ') };
}

const plan = z.object({
  id,
  fix: text,
  run: id,
  cluster: text,
  identity: text.optional(),
  target,
  // An older version wrote no finding, a subject in words, and controls without `notWatched`.
  finding: text.default('unknown'),
  rule: text,
  subject: z.preprocess(subjectFromWords, subject),
  title: text,
  reason: text,
  steps: z.array(z.object({ description: text, command: text, node: text.nullable() })),
  diff: text,
  blastRadius: text,
  touches: z.object({ pods: z.int().min(0).nullable(), of: text, namespace: text.optional() }).optional(),
  owner: text.optional(),
  during: z.object({ seconds: z.number().nonnegative(), traffic: text }).optional(),
  changed: z.object({ object: text, by: text, at: text }).optional(),
  rehearsed: z.literal(true).optional(),
  approvals: z.literal(2).optional(),
  risk: z.enum(['low', 'medium', 'high']),
  rollback: z.object({ kind: z.enum(['exact', 'best-effort', 'none']), description: text }),
  preconditions: z.array(z.object({ id: text, description: text, value: text })),
  verify: z.object({ rule: text, withinSeconds: z.number().positive().max(3600) }),
  controls: z.array(
    z.object({
      fact: z.enum(['reachability', 'denied-flow', 'other-flows', 'own-node-flows', 'objects']),
      watches: text,
      notWatched: text.nullable().default(null),
    }),
  ),
  input: z.record(text, z.json()),
  nodes: z.array(z.object({ name: text, address: text })),
  createdAt: time,
  expiresAt: time,
  digest: text,
}) satisfies z.ZodType<FixPlan>;

/** Fields that an older version did not write are null: such a plan is readable, and not signed. */
export const planRecord = z.object({
  plan,
  state: z.enum(planStates),
  requester: text,
  approver: text.nullable(),
  reason: text.nullable(),
  updatedAt: time,
  applied: words.nullable(),
  seal: text.nullable().default(null),
  approval: signedApproval.nullable().default(null),
  first: signedApproval.nullable().optional(),
  appliedSeal: text.nullable().default(null),
  step: z.int().nonnegative().optional(),
}) satisfies z.ZodType<PlanRecord>;

const number = z.int().positive();

export const auditRecord = z.object({
  version: z.literal(1),
  number,
  at: text,
  record: z.record(text, z.unknown()),
  previous: text,
  seal: text,
}) satisfies z.ZodType<AuditRecord>;

export const auditCheckpoint = z.object({
  version: z.literal(1),
  number,
  last: text,
  at: text,
  seal: text,
}) satisfies z.ZodType<AuditCheckpoint>;

export const auditHead = z.object({
  version: z.literal(1),
  number,
  last: text,
  seal: text,
}) satisfies z.ZodType<AuditHead>;
