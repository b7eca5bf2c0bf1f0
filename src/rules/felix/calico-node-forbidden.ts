import { picking } from '../../model/evidence.ts';
import type { ObjectOwner } from '../../model/install.ts';
import { defineRule, fail, pass, type Advice } from '../../model/rule.ts';
import { anyOf } from '../../model/resource.ts';
import { askOperator, ownerOfPart } from '../lib/calico-parts.ts';

const administrator = 'a cluster administrator';
const canIt = 'kubectl auth can-i list {resource} --as=system:serviceaccount:{namespace}:{account}';
const showRole = 'kubectl get clusterrole,clusterrolebinding calico-node -o yaml';
/** Reading alone, and nothing that Felix does not need. */
const giveBack = [
  'kubectl create clusterrole calico-node-missing --verb={verbList} --resource={kindList}   # quick relief; every ' +
    'Felix then applies all that it missed, also policies that deny',
  'kubectl create clusterrolebinding calico-node-missing --clusterrole=calico-node-missing ' +
    '--serviceaccount={namespace}:{account}',
  'kubectl delete clusterrole,clusterrolebinding calico-node-missing   # once the role of the manifest is back',
];

export const calicoNodeForbidden = defineRule({
  id: 'calico-node-forbidden',
  description: 'The account of calico-node lacks rights that Felix needs, so Felix does not learn of new pods.',
  step: 'felix',
  requires: ['flow', 'calico-node-access'],
  considers: ['felix-log@target', 'felix@target', 'denials', 'install'],
  withholds: ['programming', 'datastore/felix'],
  advice: {
    who: administrator,
    commands: [canIt, `${showRole}   # compare with the manifest of the installed version`, ...giveBack],
  },
  adviceOnly:
    'The account is that of every calico-node. With the right back, every Felix of the cluster applies all ' +
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
  },
  judge({ flow, 'calico-node-access': { account, reviews } }, { denials, install }, evidence) {
    const denied = reviews.filter((review) => !review.allowed);
    const [first] = denied;
    if (!first) return pass(`${account.namespace}/${account.name} may do what Felix needs`);
    const unknown =
      denials.status === 'observed' ? denials.value.denied.find((one) => one.class === 'unknown-interface') : undefined;
    return fail({
      message: 'forbidden',
      data: {
        namespace: account.namespace,
        account: account.name,
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
      ...advised(ownerOfPart(install, 'node')),
    });
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
