/** The profiles that Calico's controller owns: it deletes those whose namespace it does not find. */
import { calicoctlGetProfileNames } from '../../commands/calicoctl.ts';
import type { Command } from '../../model/command.ts';
import type { FixContext, KeptObjects } from '../../model/fix.ts';
import type { OneNode } from '../../model/fix-inputs.ts';
import type { KubernetesObject } from '../../model/kubernetes.ts';
import { LookError } from '../../model/look-error.ts';
import { printedLines } from './printed-lines.ts';

/** Where calicoctl may be asked, and where Calico keeps its objects. */
type ProfilesAt = OneNode & { readonly datastore: 'kubernetes' | 'etcdv3' };

/** How many objects are asked for at once. */
const atOnce = 20;

const ofNamespace = 'kns.';

/** The profiles of namespaces: pods without theirs get no packets. */
export const keptProfiles: KeptObjects<ProfilesAt> = {
  watches: 'profiles of namespaces stay',
  notWatched: ({ datastore }) =>
    datastore === 'etcdv3' ? null : 'in the Kubernetes datastore, profiles are not stored',
  async names(context, input) {
    const profiles = await namesIn(context, input, calicoctlGetProfileNames);
    return profiles.filter((name) => name.startsWith(ofNamespace)).map((name) => `profile ${name}`);
  },
  // The controller rightly deletes the profile of a namespace that somebody deleted.
  async missed(context, _input, gone) {
    const owned = gone.map((name) => ({ kind: 'Namespace', name: name.slice(`profile ${ofNamespace}`.length) }));
    const deleted = new Set((await absentOf(context, owned)).map(({ name }) => `profile ${ofNamespace}${name}`));
    return gone.filter((name) => !deleted.has(name));
  },
};

/** Returns those of the objects that Kubernetes does not have. @throws LookError where it could not be asked */
export async function absentOf(
  { cluster }: FixContext,
  owned: readonly { readonly kind: string; readonly name: string }[],
): Promise<typeof owned> {
  const absent: { readonly kind: string; readonly name: string }[] = [];
  for (let from = 0; from < owned.length; from += atOnce) {
    const some = owned.slice(from, from + atOnce);
    const answers = await Promise.all(
      some.map(({ kind, name }) => cluster.read<KubernetesObject>({ apiVersion: 'v1', kind, name })),
    );
    for (const [at, answer] of answers.entries()) {
      const asked = some[at];
      if (answer.ok || asked === undefined) continue;
      if (answer.status !== 404) throw new LookError('api-unreachable', `${answer.request}: ${answer.reason}`);
      absent.push(asked);
    }
  }
  return absent;
}

/** Returns the first column of a table with a head. @throws LookError where calicoctl printed something else */
export async function namesIn(context: FixContext, input: OneNode, command: Command): Promise<readonly string[]> {
  const [head = '', ...rows] = await printedLines(context, input, command);
  if (!head.startsWith('NAME')) throw new LookError('not-parsed', `${command.id} printed no table of names`);
  return rows.map((row) => row.trim().split(/\s/, 1)[0] ?? '');
}
