import * as z from 'zod';
import { moments } from '../../model/command.ts';
import type { UnavailableCode } from '../../model/evidence.ts';

/**
 * A case on disk: `case.json`; `NODE/commands.jsonl`, a line a command, and `NODE/0007.txt`, what it wrote; and
 * `api/0003.json`, a request with its answer; `remembered.json` where an earlier run's memory was used. Numbers count
 * what was asked for, from 1.
 */
/** Of the format; a change that an older program cannot read, or that cannot read older cases, raises the number. */
export const caseSchema = 'calico-chatops/case/v2';
export const caseFile = 'case.json';
export const commandsFile = 'commands.jsonl';
export const apiFolder = 'api';
export const memoryFile = 'remembered.json';

const source = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('pod'), namespace: z.string(), name: z.string() }),
  z.strictObject({ kind: z.literal('node'), name: z.string() }),
  z.strictObject({ kind: z.literal('outside'), address: z.string() }),
]);
const port = z.discriminatedUnion('protocol', [
  z.strictObject({ protocol: z.enum(['tcp', 'udp']), number: z.number() }),
  z.strictObject({ protocol: z.literal('icmp') }),
]);

const goal = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('node'), name: z.string() }),
  z.strictObject({ kind: z.literal('outside'), address: z.string() }),
  z.strictObject({ kind: z.literal('api') }),
]);

export const headerSchema = z.object({
  schema: z.literal(caseSchema),
  /** Version of the program that saved it. */
  version: z.string(),
  /** The run's id: what it sent derives from it. */
  run: z.string(),
  target: z.strictObject({
    cluster: z.string(),
    namespace: z.string(),
    pod: z.string(),
    kind: z.enum(['service', 'deployment', 'statefulset', 'daemonset', 'selector', 'address']).optional(),
    from: source.nullable(),
    to: goal.optional(),
    port: port.nullable(),
  }),
  startedAt: z.iso.datetime(),
  /** Where Calico's own workloads were looked for; not given: the usual namespaces. */
  calicoNamespaces: z.array(z.string()).readonly().optional(),
});
/** What every version of the format says of itself. */
export const anyHeaderSchema = z.object({
  schema: z.string().regex(/^calico-chatops\/case\/v\d{1,6}$/),
  version: z.string().regex(/^[\w.+-]{1,40}$/),
});
export type CaseHeader = z.infer<typeof headerSchema>;

const codes = [
  'not-applicable',
  'needed-fact-missing',
  'ssh-no-answer',
  'ssh-unreachable',
  'ssh-refused',
  'ssh-host-key',
  'ssh-lost',
  'agent-missing',
  'exec-refused',
  'exec-lost',
  'node-helper-missing',
  'node-answer-invalid',
  'timeout',
  'no-answer',
  'not-credible',
  'output-too-large',
  'command-failed',
  'tool-missing',
  'tool-refused',
  'no-node-access',
  'not-configured',
  'not-parsed',
  'api-unreachable',
  'api-forbidden',
  'api-not-found',
  'datastore-unreachable',
  'not-recorded',
  'cancelled',
  'not-supported',
] as const satisfies readonly UnavailableCode[];

const asked = {
  number: z.number().int().positive(),
  /** Id of the command. */
  command: z.string(),
  moment: z.enum(moments),
  params: z.record(z.string(), z.string()),
  /** Whether its readiness was reported. */
  ready: z.boolean(),
};
const ended = z.object({
  ...asked,
  /** The command line as run. */
  line: z.string(),
  at: z.string(),
  durationMs: z.number(),
  exit: z.number().nullable(),
  stderr: z.string(),
  timedOut: z.boolean(),
  truncated: z.boolean(),
});
const failed = z.object({ ...asked, error: z.object({ code: z.enum(codes), message: z.string() }) });

export const commandSchema = z.union([ended, failed]);
export type RecordedCommand = z.infer<typeof commandSchema>;

const answer = z.union([
  z.object({ ok: z.literal(true), value: z.unknown(), request: z.string(), at: z.string() }),
  z.object({
    ok: z.literal(false),
    status: z.number().nullable(),
    reason: z.string(),
    request: z.string(),
    at: z.string(),
  }),
]);
export const apiSchema = z.object({
  method: z.enum(['read', 'list', 'podLog', 'accessReview']),
  argument: z.unknown(),
  answer,
});
export type RecordedApi = z.infer<typeof apiSchema>;
export type ApiMethod = RecordedApi['method'];

/** `0007` */
export function fileNumber(number: number): string {
  return String(number).padStart(4, '0');
}

/** Text that is the same for the same value, whatever the order of its keys. */
export function keyOf(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

const named = z.looseObject({ metadata: z.looseObject({ name: z.string() }) });
/** What was remembered; the objects are as the API server gave them to an earlier run. */
export const memorySchema = z.object({ at: z.string(), pod: named, sources: z.array(named), nodes: z.array(named) });
