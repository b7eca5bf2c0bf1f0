/** calicoctl as fixes use it: on a node, with the settings that the node has. Source: what real calicoctl prints. */
import { z } from 'zod';
import { fillTemplate } from '../../model/command-line.ts';
import { calicoctlVersions, datastoreKind, whyMissing } from '../../calico/calicoctl-answers.ts';
import type { CommandTemplate, Transcript } from '../../model/command.ts';
import type { NodeAddress, NodeShells } from '../../model/ports.ts';
import { LookError } from '../../model/look-error.ts';
import { profileDocument, profileParams, type ProfileObject, type ProfileOwner } from './profile-object.ts';

const reading = { timeoutSeconds: 6, maxBytes: 1_000_000 } as const;
const writing = { timeoutSeconds: 20, maxBytes: 100_000, writes: true } as const;
/** A client of another version may read; without this flag it could not even do that. Never for writing. */
const asJson = ['-o', 'json', '--allow-version-mismatch'];

export const calicoctlCommands = {
  'datastore-type': { argv: ['grep', '-hiE', '^ *datastoreType:', '/etc/calico/calicoctl.cfg'], timeoutSeconds: 2, maxBytes: 10_000 },
  version: { argv: ['calicoctl', 'version'], ...reading },
  endpoint: { argv: ['calicoctl', 'get', 'workloadendpoint', '{name:name}', '-n', '{namespace:name}', ...asJson], ...reading },
  profile: { argv: ['calicoctl', 'get', 'profile', '{name:name}', ...asJson], ...reading },
  create: { argv: ['calicoctl', 'create', '-f', '-'], input: profileDocument('namespace'), ...writing },
  'create-account': { argv: ['calicoctl', 'create', '-f', '-'], input: profileDocument('account'), ...writing },
  // Refused by calicoctl when the profile has another resourceVersion by now.
  delete: {
    argv: ['calicoctl', 'delete', '-f', '-'],
    input: JSON.stringify({ apiVersion: 'projectcalico.org/v3', kind: 'Profile', metadata: { name: '{name:profile}', uid: '{uid:uid}', resourceVersion: '{resourceVersion:revision}' } }),
    ...writing,
  },
} as const satisfies Readonly<Record<string, CommandTemplate>>;
export type CalicoctlCommand = keyof typeof calicoctlCommands;

const metadata = z.object({ name: z.string(), uid: z.string().optional(), resourceVersion: z.string().optional() });
const profile = z.object({ metadata });
const endpoint = z.object({ metadata, spec: z.object({ pod: z.string().optional(), profiles: z.array(z.string()).optional() }) });
export type StoredProfile = z.infer<typeof profile>;
export type StoredEndpoint = z.infer<typeof endpoint>;

/** What `calicoctl get` found. `saysEtcd`: the words in which it missed the object are those of an etcd datastore. */
export type Found<T> = { readonly object: T } | { readonly object: null; readonly saysEtcd: boolean };

export interface Calicoctl {
  datastoreType(): Promise<'etcdv3' | 'kubernetes' | null>;
  versions(): Promise<{ readonly client: string | null; readonly cluster: string | null }>;
  profile(name: string): Promise<Found<StoredProfile>>;
  endpoint(namespace: string, name: string): Promise<Found<StoredEndpoint>>;
  create(profile: ProfileToCreate): Promise<Transcript>;
  delete(profile: StoredVersion): Promise<Transcript>;
}

/** One version of a stored object. */
export interface StoredVersion {
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

const creating = ({ owner }: ProfileToCreate) => (owner.kind === 'namespace' ? 'create' : 'create-account');

/** Why a node's helper would not create this profile: null when it would. */
export function whyNotCreated(profile: ProfileToCreate): string | null {
  return whyNotTaken(creating(profile), profileParams(profile.object, profile.namespace, profile.owner));
}

/** Why a node's helper would not delete this profile: null when it would. */
export function whyNotDeleted({ name, uid, resourceVersion }: StoredVersion): string | null {
  return whyNotTaken('delete', { name, uid, resourceVersion });
}

function whyNotTaken(command: CalicoctlCommand, params: Readonly<Record<string, string>>): string | null {
  try {
    fillTemplate(calicoctlCommands[command], params);
    return null;
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
}

/**
 * @param fix id of the fix: its templates stand in the allow-list under it.
 * Its methods reject with LookError when a look did not happen or did not end well; `create` and `delete` only when
 * the outcome is unknown.
 */
export function calicoctlOn(shells: NodeShells, node: NodeAddress, fix: string): Calicoctl {
  const run = async (command: CalicoctlCommand, params: Readonly<Record<string, string>> = {}) => {
    const template: CommandTemplate = calicoctlCommands[command];
    return shells.shell(node).start({ id: `${fix}/${command}`, template, params }).result;
  };
  return {
    async datastoreType() {
      const { stdout } = await run('datastore-type');
      return datastoreKind(stdout);
    },
    async versions() {
      const { stdout } = await run('version');
      return calicoctlVersions(stdout);
    },
    profile: async (name) => found(await run('profile', { name }), profile),
    endpoint: async (namespace, name) => found(await run('endpoint', { namespace, name }), endpoint),
    create: (profile) => run(creating(profile), profileParams(profile.object, profile.namespace, profile.owner)),
    delete: ({ name, uid, resourceVersion }) => run('delete', { name, uid, resourceVersion }),
  };
}

/** @throws LookError when calicoctl neither printed an object nor said that there is none. */
function found<T>(transcript: Transcript, schema: z.ZodType<T>): Found<T> {
  const { command, exit, stdout, stderr, timedOut } = transcript;
  if (timedOut) throw new LookError('datastore-unreachable', `${command} did not answer in time`);
  if (exit !== 0) {
    const missing = whyMissing(stderr) ?? whyMissing(stdout);
    if (missing !== null) return { object: null, saysEtcd: missing === '<nil>' };
    throw new LookError('command-failed', `${command}: exit ${exit ?? 'unknown'}: ${stderr.trim().slice(0, 300)}`);
  }
  try {
    return { object: schema.parse(JSON.parse(stdout)) };
  } catch (error) {
    throw new LookError('not-parsed', `${command} printed something else than the object`, { cause: error });
  }
}
