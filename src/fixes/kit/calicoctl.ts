/** calicoctl as fixes use it: on a node, with the settings that the node has. Source: what real calicoctl prints. */
import { z } from 'zod';
import { fillTemplate } from '../../model/command-line.ts';
import { calicoctlVersions, datastoreKind, whyMissing } from '../../calico/calicoctl-answers.ts';
import {
  calicoctlCreateAccountProfile,
  calicoctlCreateNamespaceProfile,
  calicoctlDeleteProfile,
  calicoctlGetProfileJson,
  calicoctlGetWorkloadendpointJson,
  calicoctlVersion,
} from '../../commands/calicoctl.ts';
import { calicoctlV1CreateNamespaceProfile } from '../../commands/calicoctl-v1.ts';
import { grepDatastoreType } from '../../commands/grep.ts';
import type { Command, Transcript } from '../../model/command.ts';
import type { NodeAddress, NodeShells } from '../../model/ports.ts';
import { LookError } from '../../model/look-error.ts';
import { profileParams, type ProfileObject, type ProfileOwner } from './profile-object.ts';

/** What `calicoctlOn` runs. */
export const calicoctlCommands: readonly Command[] = [
  grepDatastoreType,
  calicoctlVersion,
  calicoctlGetWorkloadendpointJson,
  calicoctlGetProfileJson,
  calicoctlCreateNamespaceProfile,
  calicoctlCreateAccountProfile,
  calicoctlDeleteProfile,
];

const metadata = z.object({ name: z.string(), uid: z.string().optional(), resourceVersion: z.string().optional() });
const profile = z.object({ metadata });
const endpoint = z.object({
  metadata,
  spec: z.object({
    pod: z.string().optional(),
    interfaceName: z.string().optional(),
    profiles: z.array(z.string()).optional(),
  }),
});
type StoredProfile = z.infer<typeof profile>;
type StoredEndpoint = z.infer<typeof endpoint>;

/** What `calicoctl get` found. `saysEtcd`: the words in which it missed the object are those of an etcd datastore. */
type Found<T> = { readonly object: T } | { readonly object: null; readonly saysEtcd: boolean };

export interface Calicoctl {
  datastoreType(): Promise<'etcdv3' | 'kubernetes' | null>;
  versions(): Promise<{ readonly client: string | null; readonly cluster: string | null }>;
  profile(name: string): Promise<Found<StoredProfile>>;
  endpoint(namespace: string, name: string): Promise<Found<StoredEndpoint>>;
  create(profile: ProfileToCreate): Promise<Transcript>;
  /** Why a node's helper would not delete this profile; null: it would. */
  whyNotDeleted(profile: StoredVersion): string | null;
  delete(profile: StoredVersion): Promise<Transcript>;
}

/** One version of a stored object. */
interface StoredVersion {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** A profile to create, and whose it is. */
export interface ProfileToCreate {
  readonly object: ProfileObject;
  readonly namespace: string;
  readonly owner: ProfileOwner;
}

const creating = {
  namespace: calicoctlCreateNamespaceProfile,
  'old-namespace': calicoctlV1CreateNamespaceProfile,
  account: calicoctlCreateAccountProfile,
} as const;

/** Why a node's helper would not create this profile: null when it would. */
export function whyNotCreated(profile: ProfileToCreate): string | null {
  return whyNotTaken(creating[profile.owner.kind], profileParams(profile.object, profile.namespace, profile.owner));
}

/** Why a node's helper would not run this command with these values; null: it would. */
export function whyNotTaken(command: Command, params: Readonly<Record<string, string>>): string | null {
  try {
    fillTemplate(command, params);
    return null;
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
}

/**
 * Its methods reject with LookError when a look did not happen or did not end well; `create` and `delete` only when
 * the outcome is unknown.
 */
export function calicoctlOn(shells: NodeShells, node: NodeAddress): Calicoctl {
  const run = (command: Command, params: Readonly<Record<string, string>> = {}) =>
    shells.shell(node).start({ command, moment: 'first', params }).result;
  return {
    async datastoreType() {
      const { stdout } = await run(grepDatastoreType);
      return datastoreKind(stdout);
    },
    async versions() {
      const { stdout } = await run(calicoctlVersion);
      return calicoctlVersions(stdout);
    },
    profile: async (name) => found(await run(calicoctlGetProfileJson, { name }), profile),
    endpoint: async (namespace, name) =>
      found(await run(calicoctlGetWorkloadendpointJson, { namespace, name }), endpoint),
    create: ({ object, namespace, owner }) => run(creating[owner.kind], profileParams(object, namespace, owner)),
    whyNotDeleted: ({ name, uid, resourceVersion }) =>
      whyNotTaken(calicoctlDeleteProfile, { name, uid, resourceVersion }),
    delete: ({ name, uid, resourceVersion }) => run(calicoctlDeleteProfile, { name, uid, resourceVersion }),
  };
}

/** @throws LookError when calicoctl neither printed an object nor said that there is none. */
function found<T>(transcript: Transcript, schema: z.ZodType<T>): Found<T> {
  const { exit, stdout, stderr, timedOut } = transcript;
  const missing = exit === 0 || timedOut ? null : (whyMissing(stderr) ?? whyMissing(stdout));
  return missing === null ? { object: printed(transcript, schema) } : { object: null, saysEtcd: missing === '<nil>' };
}

/**
 * Returns what calicoctl printed as JSON.
 * @throws LookError when it did not succeed, or printed something else
 */
export function printed<T>(transcript: Transcript, schema: z.ZodType<T>): T {
  const { command, exit, stdout, stderr, timedOut } = transcript;
  if (timedOut) throw new LookError('datastore-unreachable', `${command} did not answer in time`);
  if (exit !== 0)
    throw new LookError(
      'command-failed',
      `${command}: exit ${exit ?? 'unknown'}: ${(stderr.trim() || stdout.trim()).slice(0, 300)}`,
    );
  try {
    return schema.parse(JSON.parse(stdout));
  } catch (error) {
    throw new LookError('not-parsed', `${command} printed something else than the object`, { cause: error });
  }
}
