import { picking } from '../../model/evidence.ts';
import type { ObjectOwner } from '../../model/install.ts';
import type { AccountRights } from '../../model/felix-rights.ts';
import { defineRule, fail, pass, type Advice, type RawFinding } from '../../model/rule.ts';
import { anyOf } from '../../model/resource.ts';
import { askOperator, ownerOfPart } from '../lib/calico-parts.ts';

/** The operator's, named after the account. Calico's manifests give Typha calico-node's. */
const typhaRole = 'calico-typha';
const administrator = 'a cluster administrator';
const canIt = 'kubectl auth can-i list {resource} --as=system:serviceaccount:{namespace}:{account}';
const showRole = 'kubectl get clusterrole,clusterrolebinding {role} -o yaml';
/** Reading alone, and nothing that Felix does not need. */
const giveBack = [
  'kubectl create clusterrole {role}-missing --verb={verbList} --resource={kindList}   # quick relief; every ' +
    'Felix then applies all that it missed, also policies that deny',
  'kubectl create clusterrolebinding {role}-missing --clusterrole={role}-missing ' +
    '--serviceaccount={namespace}:{account}',
  'kubectl delete clusterrole,clusterrolebinding {role}-missing   # once the role of the manifest is back',
];

export const calicoNodeForbidden = defineRule({
  id: 'calico-node-forbidden',
  description:
    'Felix, or the Typha that reads for it, lacks rights that it needs, so Felix does not learn of new pods.',
  step: 'felix',
  requires: ['flow', 'calico-node-access'],
  considers: ['felix-log@target', 'felix@target', 'denials', 'install'],
  withholds: ['programming', 'datastore/felix'],
  advice: {
    who: administrator,
    commands: [canIt, `${showRole}   # compare with the manifest of the installed version`, ...giveBack],
  },
  adviceOnly:
    'Every Felix of the cluster learns of changes by this account. With the right back, every Felix applies all ' +
    'that it missed, on every node at once: new pods, new policies and deleted ones. Nobody can read ' +
    'beforehand what that is, so nobody could approve it. It also cannot be rolled back: taking the right away ' +
    'again leaves what was applied.',
  messages: {
    forbidden: {
      title: "calico-node's account {namespace}/{account} may not {verbs}",
      detail:
        'The API server refuses it (SubjectAccessReview). Old pods keep working. Felix does not know the ' +
        'interfaces of newer pods, and drops their traffic.',
    },
    typha: {
      title: 'The account {namespace}/{account}, with which Typha reads for Felix, may not {verbs}',
      detail:
        'The API server refuses it (SubjectAccessReview). A Typha that starts without the right never has the whole ' +
        'datastore, so it is not ready, and no Felix connects to it. Old pods keep working. Felix does not know the ' +
        'interfaces of newer pods, and drops their traffic.',
    },
    undiscovered: {
      title: "calico-node's account {namespace}/{account} may not {verbs}, so Felix cannot find Typha",
      detail:
        'The API server refuses it (SubjectAccessReview). A Felix that starts without the right does not learn where ' +
        'Typha is. Old pods keep working. Felix does not know the interfaces of newer pods, and drops their traffic.',
    },
  },
  judge({ flow, 'calico-node-access': access }, { denials, install }, evidence) {
    const unknown =
      denials.status === 'observed' ? denials.value.denied.find((one) => one.class === 'unknown-interface') : undefined;
    const refused = (
      message: 'forbidden' | 'typha' | 'undiscovered',
      part: 'node' | 'typha',
      { account, reviews }: AccountRights,
    ): readonly RawFinding<'forbidden' | 'typha' | 'undiscovered'>[] => {
      const denied = reviews.filter((review) => !review.allowed);
      const [first] = denied;
      if (!first) return [];
      return [
        {
          message,
          data: {
            namespace: account.namespace,
            account: account.name,
            role: account.name === typhaRole ? typhaRole : 'calico-node',
            resource: first.resource,
            verbs: denied.map(({ verb, resource }) => `${verb} ${resource}`).join(', '),
            verbList: [...new Set(denied.map(({ verb }) => verb))].join(','),
            kindList: [
              ...new Set(denied.map(({ group, resource }) => (group === '' ? resource : `${resource}.${group}`))),
            ].join(','),
          },
          subject: { kind: 'ServiceAccount', name: `${account.namespace}/${account.name}` },
          node: flow.destination.node,
          proof: 'read',
          evidence: [
            ...picking(evidence('calico-node-access'), /denied/),
            ...picking(evidence('felix-log@target'), /forbidden|unauthorized/i),
            ...evidence('felix@target'),
            ...(unknown?.evidence ?? []),
          ],
          stopsFlow: unknown !== undefined,
          withholds: [anyOf('programming'), anyOf('datastore/felix')],
          ...advised(ownerOfPart(install, part)),
        },
      ];
    };
    const findings = access.typha
      ? [...refused('typha', 'typha', access.typha), ...refused('undiscovered', 'node', access)]
      : refused('forbidden', 'node', access);
    const { account } = access.typha ?? access;
    return findings.length > 0
      ? fail(...findings)
      : pass(`${account.namespace}/${account.name} may do what ${access.typha ? 'Typha' : 'Felix'} needs`);
  },
});

/** The role's owner gives it back. */
function advised(owner: ObjectOwner | null): { readonly advice?: Advice } {
  if (!owner) return {};
  const commands =
    owner.by === 'operator'
      ? [canIt, `${showRole}   # ${owner.name} owns them, and should restore them`, ...askOperator]
      : [canIt, `${showRole}   # ${owner.name} applies them: restore the right there`];
  return { advice: { who: administrator, commands } };
}
