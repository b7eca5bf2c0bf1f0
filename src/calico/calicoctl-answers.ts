/** What calicoctl and its settings print, for probes and fixes alike. Source: captures of real calicoctl. */
import type { Transcript } from '../model/command.ts';

/**
 * Reads `calicoctl version`: a key and a value a line; null where it printed none, as clusters without a recorded
 * version do.
 */
export function calicoctlVersions(text: string): { readonly client: string | null; readonly cluster: string | null } {
  const lines = text.split('\n');
  const value = (key: string) => {
    const found =
      lines
        .find((line) => line.startsWith(`${key}:`))
        ?.slice(key.length + 1)
        .trim()
        .split(/\s/, 1)[0] ?? '';
    return found === '' || found === 'unknown' ? null : found;
  };
  return { client: value('Client Version'), cluster: value('Cluster Version') };
}

/** The kind of datastore that a line of calicoctl's settings names. Calico 2.x speaks version 2 of etcd's API. */
export function datastoreKind(text: string): 'etcdv3' | 'kubernetes' | null {
  const lower = text.toLowerCase();
  return lower.includes('kubernetes') ? 'kubernetes' : /etcdv[23]/.test(lower) ? 'etcdv3' : null;
}

/**
 * Does calicoctl say that it does not know an option? Version 1.x, of Calico 2.x, does not know those of today, nor do
 * the first of version 3.
 */
export function isUnknownOption({ exit, stdout, stderr }: Pick<Transcript, 'exit' | 'stdout' | 'stderr'>): boolean {
  return exit === 1 && /^Invalid option: 'calicoctl /m.test(`${stderr}\n${stdout}`);
}

/** Is `calicoctl version` of 1.x, of Calico 2.x? */
export function isOfVersion1(text: string): boolean {
  return /^v?1\./.test(calicoctlVersions(text).client ?? '');
}

/** What calicoctl adds where it says that an object does not exist; null where it does not say so. */
export function whyMissing(text: string): string | null {
  const line = text.split('\n').find((one) => one.includes('resource does not exist: '));
  const at = line?.lastIndexOf('with error: ') ?? -1;
  return line === undefined || at < 0 ? null : line.slice(at + 'with error: '.length).trim();
}
