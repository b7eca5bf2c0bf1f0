import { stringify } from 'yaml';
import type { FixDraft } from '../../model/fix.ts';
import type { LostRights } from '../../model/fix-inputs.ts';
import { diffOfAddition } from '../kit/diff.ts';
import { bindCommand, subjectsOf } from './binding.ts';
import type { Grant } from './choose-grant.ts';
import { grantable, nameOfRight, ownName, rbac } from './controller-manifest.ts';

/** The controller's client backs off to 30 s and more between tries. */
const withinSeconds = 120;
const given = grantable.flatMap(({ resources }) => resources).join(', ');

export function draft({ accountNamespace, accountName, missing }: LostRights, grant: Grant): FixDraft {
  const account = `${accountNamespace}/${accountName}`;
  const listed = missing.map(nameOfRight).join(', ');
  const roleRef = stringify({ roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: ownName } });
  return {
    title: `Bind ${account} to ClusterRole ${ownName}`,
    reason:
      `The API server refuses the controller: ${listed}. With these rights it creates the missing profiles and ` +
      'policies by itself, within its back-off and without a restart. This gives back reading only. ' +
      (grant.owner
        ? `Restore the rest where ${grant.owner} applies it from.`
        : 'Restore the rest with the manifest of the installed version: kubectl apply -f calico-etcd.yaml.'),
    steps: [
      { description: `Put ${account} into ClusterRoleBinding ${ownName}`, command: bindCommand(grant), node: null },
    ],
    diff: diffOfAddition(`ClusterRoleBinding ${ownName}`, roleRef, stringify(subjectsOf(grant))),
    blastRadius:
      `the account ${account}, which only Calico's controller uses. It can read ${given}, and this lets it write ` +
      'nothing. The controller then catches up on everything it missed, in every namespace',
    scope: { kind: 'none', why: 'none directly' },
    ...(grant.owner ? { owner: grant.owner } : {}),
    ...(grant.changed ? { changed: grant.changed } : {}),
    risk: 'medium',
    rollback: {
      kind: 'best-effort',
      description:
        `Take the account out of ClusterRoleBinding ${ownName}, if nobody changed the binding since. The binding is ` +
        'as before then. Profiles and policies that the controller made stay, also those that deny.',
    },
    withinSeconds,
    nodes: [],
  };
}
