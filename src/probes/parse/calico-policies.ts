import { z } from 'zod';
import type { CalicoPolicy, NetworkSet, Tier } from '../../model/calico.ts';
import type { Transcript } from '../../model/command.ts';
import { LookError } from '../../model/look-error.ts';
import { policyOfV1 } from '../../calico/v1-objects.ts';
import { parseCalicoctlGet, parseV1Get } from './calicoctl.ts';

const metadata = z.looseObject({
  name: z.string(),
  namespace: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
});
const texts = z.array(z.string()).optional();
const ports = z.array(z.union([z.string(), z.number()])).optional();
const protocol = z.union([z.string(), z.number()]).optional();
const icmp = z.strictObject({ type: z.number().optional(), code: z.number().optional() }).optional();
const entity = z
  .looseObject({
    nets: texts,
    notNets: texts,
    ports,
    notPorts: ports,
    selector: z.string().optional(),
    notSelector: z.string().optional(),
    namespaceSelector: z.string().optional(),
    serviceAccounts: z.strictObject({ names: texts, selector: z.string().optional() }).optional(),
  })
  .optional();
const rules = z
  .array(
    z.looseObject({
      action: z.string(),
      ipVersion: z.number().optional(),
      protocol,
      notProtocol: protocol,
      icmp,
      notICMP: icmp,
      source: entity,
      destination: entity,
    }),
  )
  .optional();
const order = z.number().nullable().optional();

const policy = z.looseObject({
  kind: z.string(),
  metadata,
  spec: z.looseObject({
    tier: z.string().optional(),
    order,
    types: texts,
    ingress: rules,
    egress: rules,
    selector: z.string().optional(),
    serviceAccountSelector: z.string().optional(),
    namespaceSelector: z.string().optional(),
    doNotTrack: z.boolean().optional(),
    preDNAT: z.boolean().optional(),
  }),
});
const tier = z.looseObject({
  metadata,
  spec: z.looseObject({ order, defaultAction: z.string().optional() }).optional(),
});
const networkSet = z.looseObject({ metadata, spec: z.looseObject({ nets: texts }).optional() });

/**
 * Checks objects that the API server has. Fields of a rule that are not known here stay in it: who judges it must not
 * pass over them.
 * @param what answered, for the error
 * @throws LookError not-parsed
 */
export const checkedPolicies = (objects: readonly unknown[], what: string): readonly CalicoPolicy[] =>
  checked(objects, policy, what) as readonly CalicoPolicy[];
export const checkedTiers = (objects: readonly unknown[], what: string): readonly Tier[] =>
  checked(objects, tier, what) as readonly Tier[];
export const checkedNetworkSets = (objects: readonly unknown[], what: string): readonly NetworkSet[] =>
  checked(objects, networkSet, what) as readonly NetworkSet[];

/** The same of what calicoctl printed. */
export const parsePolicyList = (transcript: Transcript): readonly CalicoPolicy[] =>
  parseList(transcript, policy) as readonly CalicoPolicy[];
export const parseTierList = (transcript: Transcript): readonly Tier[] =>
  parseList(transcript, tier) as readonly Tier[];
export const parseNetworkSetList = (transcript: Transcript): readonly NetworkSet[] =>
  parseList(transcript, networkSet) as readonly NetworkSet[];

/**
 * The policies of Calico 2.x. An early client of version 3, which prints objects of its own, is no such client.
 * @throws LookError with the reason where it brought no list of this version
 */
export function parseV1Policies(transcript: Transcript): readonly CalicoPolicy[] {
  const answer = parseV1Get(transcript, 'policy', policyOfV1);
  if (!answer.ok) throw new LookError(answer.code, `${transcript.command}: ${answer.error}`);
  return checkedPolicies(answer.objects, transcript.command);
}

/**
 * The items of `calicoctl get KIND -o yaml`. A client that does not know the kind is of a version in which there is
 * none.
 * @throws LookError with the reason where it brought no list
 */
function parseList<T>(transcript: Transcript, item: z.ZodType<T>): readonly T[] {
  const answer = parseCalicoctlGet<unknown>(transcript);
  if (!answer.ok) {
    if (/resource type '\w+' is not supported/.test(answer.error)) return [];
    throw new LookError(answer.code, `${transcript.command}: ${answer.error}`);
  }
  const list = z.object({ items: z.array(z.unknown()) }).safeParse(answer.object);
  return checked(list.success ? list.data.items : answer.object, item, transcript.command);
}

function checked<T>(objects: unknown, item: z.ZodType<T>, what: string): readonly T[] {
  const list = z.array(item).safeParse(objects);
  if (list.success) return list.data;
  const why = z.prettifyError(list.error).slice(0, 200);
  throw new LookError('not-parsed', `${what} brought no list of the known shape: ${why}`);
}

/**
 * The namespaces in `calicoctl get networkset -A`: a heading, then a line for each set.
 * @throws LookError as above
 */
export function parseNamespacesOfSets(transcript: Transcript): ReadonlySet<string> {
  if (transcript.timedOut) throw new LookError('datastore-unreachable', `${transcript.command}: no answer in time`);
  if (transcript.truncated)
    throw new LookError('output-too-large', `${transcript.command} printed more than may be read`);
  if (transcript.exit !== 0) {
    if (/resource type '\w+' is not supported/.test(transcript.stderr + transcript.stdout)) return new Set();
    throw new LookError('command-failed', `${transcript.command}: exit ${transcript.exit ?? 'unknown'}`);
  }
  const [heading = '', ...lines] = transcript.stdout
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (!/^NAMESPACE\s+NAME\b/.test(heading))
    throw new LookError('not-parsed', `${transcript.command} printed no table: ${heading.slice(0, 120) || '(empty)'}`);
  return new Set(lines.map((line) => line.split(/\s+/)[0] ?? ''));
}
