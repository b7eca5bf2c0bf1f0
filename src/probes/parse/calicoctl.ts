import { v1Object, type V1Object } from '../../calico/v1-objects.ts';
import { LookError } from '../../model/look-error.ts';
import type { Transcript } from '../../model/command.ts';
import { toolWords, unrunTool } from '../../model/node-tools.ts';
import { parseYaml } from './yaml.ts';

/** One answer of `calicoctl get KIND NAME -o yaml`: the object, or null where the datastore has none of that name. */
export type CalicoctlAnswer<T> = { readonly ok: true; readonly object: T | null } | CalicoctlFailure;
export type CalicoctlFailure = { readonly ok: false; readonly code: CalicoctlTrouble; readonly error: string };
/** Only `datastore-unreachable` says something of the datastore. */
type CalicoctlTrouble = 'datastore-unreachable' | 'command-failed' | 'not-configured' | 'tool-missing' | 'tool-refused';

/**
 * Source: captures of calicoctl's errors (a missing object prints `null` and `resource does not exist`, exit 1).
 * @throws LookError output-too-large, or not-parsed for an answer that is no object
 */
export function parseCalicoctlGet<T>(transcript: Transcript): CalicoctlAnswer<T> {
  const isWhole = !transcript.timedOut && !transcript.truncated;
  if (isWhole && transcript.exit === 0) return { ok: true, object: parseObject(transcript) as T };
  if (isWhole && /resource does not exist: /.test(`${transcript.stderr}\n${transcript.stdout}`))
    return { ok: true, object: null };
  return troubleOf(transcript);
}

/**
 * Returns the objects that calicoctl 1.x printed; none is an empty list.
 * @param toObject turns one of them into today's shape
 * @throws LookError output-too-large, or not-parsed for an answer that is no list of this kind and version
 */
export function parseV1Get<T>(
  transcript: Transcript,
  kind: string,
  toObject: (object: V1Object) => T,
): { readonly ok: true; readonly objects: readonly T[] } | CalicoctlFailure {
  if (transcript.exit !== 0 || transcript.timedOut || transcript.truncated) return troubleOf(transcript);
  const found = parseYaml(transcript.stdout, transcript.command);
  const objects = Array.isArray(found) ? found.map((one) => v1Object(one, kind)) : [null];
  if (objects.every((one) => one !== null)) return { ok: true, objects: objects.map(toObject) };
  throw new LookError(
    'not-parsed',
    `${transcript.command} printed no list of version 1: ${transcript.stdout.slice(0, 120).trim() || '(empty)'}`,
  );
}

/**
 * Returns why a command of calicoctl brought no object.
 * @throws LookError output-too-large
 */
function troubleOf(transcript: Transcript): CalicoctlFailure {
  const said = `${transcript.stderr}\n${transcript.stdout}`;
  if (transcript.timedOut) return { ok: false, code: 'datastore-unreachable', error: 'no answer in time' };
  if (transcript.truncated)
    throw new LookError('output-too-large', `${transcript.command} printed more than may be read`);
  const unrun = unrunTool(transcript);
  if (unrun) return { ok: false, code: `tool-${unrun.state}`, error: toolWords(unrun, transcript.node) };
  const lines = said
    .split('\n')
    .map((l) => l.trim())
    .filter((l) => l !== '' && l !== 'null');
  const line = lines.find((l) => l.startsWith('Invalid option')) ?? lines[0] ?? `exit ${transcript.exit ?? 'unknown'}`;
  if (transcript.exit === 1 && lacksSettings(said))
    return { ok: false, code: 'not-configured', error: settingsWords(transcript.node, line.slice(0, 300)) };
  return {
    ok: false,
    code: transcript.exit === 1 && isDatastoreTrouble(said) ? 'datastore-unreachable' : 'command-failed',
    error: line.slice(0, 300),
  };
}

/** Success with nothing printed is no answer: what does not exist is said in words, with exit 1. */
function parseObject(transcript: Transcript): object {
  const found = parseYaml(transcript.stdout, transcript.command);
  if (typeof found === 'object' && found !== null && !Array.isArray(found)) return found;
  throw new LookError(
    'not-parsed',
    `${transcript.command} printed no object: ${transcript.stdout.slice(0, 120).trim() || '(empty)'}`,
  );
}

/** Says that calicoctl cannot know its datastore, and what to do. */
export function settingsWords(node: string, said: string): string {
  const mend = 'Write datastoreType and the address of the datastore to /etc/calico/calicoctl.cfg';
  return `calicoctl on ${node} has no settings of a datastore (${said}). ${mend}`;
}

/**
 * Does grep, asked for a line of calicoctl's settings, say that their file is missing? Then a client asks where nobody
 * told it to.
 */
export function lacksSettingsFile({ exit, stderr }: Transcript): boolean {
  return exit === 2 && stderr.includes('No such file');
}

/** What a client printed without a file of settings, for `settingsWords`. */
export function withoutFile(printed: string): string {
  return `calicoctl.cfg is missing, and it printed: ${printed}`;
}

/** Without settings that it can read, such as a file of another version, a client asks nobody. */
function lacksSettings(text: string): boolean {
  return (
    /no configuration has been provided|no etcd endpoints|neither --kubeconfig nor --master/i.test(text) ||
    /invalid config file/i.test(text)
  );
}

/** What a client says that could not reach, or was not let into, its datastore. */
function isDatastoreTrouble(text: string): boolean {
  return (
    /context deadline exceeded|connection refused|connection is unauthorized|no such host|i\/o timeout/i.test(text) ||
    /cluster is unavailable|x509|certificate|tls: |authentication handshake|dial tcp|transport|etcdserver/i.test(
      text,
    ) ||
    /Failed to create Calico API client/i.test(text)
  );
}
