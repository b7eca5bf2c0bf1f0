/** calicoctl as fixes use it: on a node, with the settings that the node has. Source: what real calicoctl prints. */
import { z } from 'zod';
import type { CommandTemplate, Transcript } from '../model/command.ts';
import type { Evidence } from '../model/evidence.ts';
import type { NodeAddress, NodeShells } from '../model/ports.ts';
import { LookError } from '../model/look-error.ts';
import { ranCommand } from './evidence.ts';

const reading = { timeoutSeconds: 6, maxBytes: 1_000_000 } as const;
const writing = { timeoutSeconds: 20, maxBytes: 100_000, stdin: true, writes: true } as const;
/** A client of another version may read; without this flag it could not even do that. Never for writing. */
const asJson = ['-o', 'json', '--allow-version-mismatch'];

export const calicoctlCommands = {
  'datastore-type': { argv: ['grep', '-hiE', '^ *datastoreType:', '/etc/calico/calicoctl.cfg'], timeoutSeconds: 2, maxBytes: 10_000 },
  version: { argv: ['calicoctl', 'version'], ...reading },
  endpoint: { argv: ['calicoctl', 'get', 'workloadendpoint', '{name:name}', '-n', '{namespace:name}', ...asJson], ...reading },
  profile: { argv: ['calicoctl', 'get', 'profile', '{name:name}', ...asJson], ...reading },
  create: { argv: ['calicoctl', 'create', '-f', '-'], ...writing },
  delete: { argv: ['calicoctl', 'delete', '-f', '-'], ...writing },
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
  create(text: string): Promise<Transcript>;
  delete(text: string): Promise<Transcript>;
  /** Everything that was run so far. */
  ran(): readonly Evidence[];
}

/**
 * @param fix id of the fix: its templates stand in the allow-list under it.
 * Its methods reject with LookError when a look did not happen or did not end well; `create` and `delete` only when
 * the outcome is unknown.
 */
export function calicoctlOn(shells: NodeShells, node: NodeAddress, fix: string): Calicoctl {
  const ran: Evidence[] = [];
  const run = async (command: CalicoctlCommand, params: Readonly<Record<string, string>> = {}, stdin?: string) => {
    const template: CommandTemplate = calicoctlCommands[command];
    const transcript = await shells.shell(node).start({ id: `${fix}/${command}`, template, params, ...(stdin === undefined ? {} : { stdin }) }).result;
    ran.push(ranCommand(transcript));
    return transcript;
  };
  return {
    async datastoreType() {
      const { stdout } = await run('datastore-type');
      return /kubernetes/i.test(stdout) ? 'kubernetes' : /etcdv3/i.test(stdout) ? 'etcdv3' : null;
    },
    async versions() {
      const { stdout } = await run('version');
      return { client: versionIn(stdout, 'Client Version'), cluster: versionIn(stdout, 'Cluster Version') };
    },
    profile: async (name) => found(await run('profile', { name }), profile),
    endpoint: async (namespace, name) => found(await run('endpoint', { namespace, name }), endpoint),
    create: (text) => run('create', {}, text),
    delete: (text) => run('delete', {}, text),
    ran: () => ran,
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

/** What a client adds where it says that an object does not exist; null where it does not say so. */
function whyMissing(text: string): string | null {
  const line = text.split('\n').find((one) => one.includes('resource does not exist: '));
  const at = line?.lastIndexOf('with error: ') ?? -1;
  return line === undefined || at < 0 ? null : line.slice(at + 'with error: '.length).trim();
}

/** null where it printed none, as clusters without a recorded version do. */
function versionIn(text: string, name: string): string | null {
  const value = text.split('\n').find((line) => line.startsWith(`${name}:`))?.slice(name.length + 1).trim().split(/\s/, 1)[0] ?? '';
  return value === '' || value === 'unknown' ? null : value;
}
