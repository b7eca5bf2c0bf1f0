import { policyController } from '../../calico/controller-names.ts';
import { notJson } from '../../calico/policy-controller-log.ts';
import { picking } from '../../model/evidence.ts';
import type { AccessAnswer } from '../../model/kubernetes.ts';
import type { ObjectOwner } from '../../model/install.ts';
import { defineRule, fail, notApplicable, pass, type Advice } from '../../model/rule.ts';
import { anyOf } from '../../model/resource.ts';
import { own } from '../../model/own.ts';
import { ownerOfPart } from '../lib/calico-parts.ts';
import { nodeOfFlow } from '../lib/node-of-flow.ts';

/** How the profiles begin that the controller makes from each resource, today and in Calico 2.x. */
const madeFrom: Readonly<Record<string, readonly string[]>> = {
  namespaces: ['kns.', 'k8s_ns.'],
  serviceaccounts: ['ksa.'],
};

const administrator = 'a cluster administrator';
const canIt = 'kubectl auth can-i {verb} {resource} --as=system:serviceaccount:{namespace}:{account}';
const showRole = 'kubectl get clusterrole,clusterrolebinding {manifest} -o yaml';
const setAccount: Advice = {
  who: administrator,
  commands: [
    'kubectl -n {namespace} get serviceaccount {manifest}   # it must exist',
    'kubectl -n {namespace} set serviceaccount deployment {name} {manifest}',
    canIt,
  ],
};

export const controllerForbidden = defineRule({
  id: 'controller-forbidden',
  description: 'The account of the controller may not read the objects that it makes profiles and policies from.',
  step: 'controller',
  requires: ['controller', 'controller-access'],
  considers: ['controller-roles', 'controller-log', 'datastore', 'install', 'flow'],
  withholds: ['profile'],
  fix: 'grant-controller-rbac',
  advice: {
    who: administrator,
    commands: [canIt, showRole],
  },
  messages: {
    lostRight: {
      title: "Calico's controller may not read {what}",
      detail:
        'The API server refuses its account {namespace}/{account} to {verbs} (SubjectAccessReview). {binding} ' +
        'The pod stays Ready, because readiness does not cover this.',
    },
    sharedAccount: {
      title: "Calico's controller may not read {what}",
      detail:
        'The API server refuses its account {namespace}/{account} to {verbs} (SubjectAccessReview). {binding} ' +
        'Other pods use the same account ({others}), so a grant would reach them too.',
    },
    wrongAccount: {
      title: "Calico's controller runs as {namespace}/{account}, which may not read {what}",
      detail:
        'The API server refuses it to {verbs}. The manifest of Calico names the account {manifest}. Set ' +
        'serviceAccountName to that. Do not grant the right to this account.',
    },
  },
  judge(
    { controller, 'controller-access': reviews },
    { 'controller-roles': roles, datastore, install, flow },
    evidence,
  ) {
    const { account } = controller;
    if (!account) return notApplicable('no controller is installed');
    if (datastore.status === 'observed' && datastore.value.kind === 'kubernetes')
      return notApplicable('with the Kubernetes datastore the controller makes no profiles');
    if (install.status === 'observed' && install.value.kind === 'operator' && install.value.operator)
      return notApplicable("Calico's operator uses the Kubernetes datastore, where the controller makes no profiles");
    const denied = reviews.filter((review) => !review.allowed);
    const [first] = denied;
    if (!first) return pass(`${account.namespace}/${account.name} may do all that its controllers need`);
    const others = roles.status === 'observed' ? roles.value.otherUsers : [];
    // Any other account here is a wrong one, not a right one without rights.
    const manifest = controller.name;
    const message = account.name !== manifest ? 'wrongAccount' : others.length > 0 ? 'sharedAccount' : 'lostRight';
    return fail({
      message,
      data: {
        namespace: account.namespace,
        account: account.name,
        verb: first.verb,
        resource: first.resource,
        name: controller.name,
        manifest,
        others: others.slice(0, 3).join(', '),
        verbs: verbWords(denied),
        what: whatWords(denied),
        binding:
          roles.status === 'observed' && !roles.value.binding
            ? `The ClusterRoleBinding ${manifest} does not exist.`
            : 'Its role or its binding does not give this right.',
      },
      subject: { kind: 'ServiceAccount', name: `${account.namespace}/${account.name}` },
      node: null,
      proof: 'read',
      evidence: [
        ...picking(evidence('controller-access'), /denied/),
        ...picking(
          evidence('controller-log'),
          (line) =>
            notJson.test(line) ||
            (line.includes(' is forbidden') && denied.some(({ resource }) => line.includes(resource))),
        ).map((item) => ({ ...item, excerpt: item.excerpt.split('\n').slice(-4).join('\n') })),
      ],
      stopsFlow: false,
      withholds: [...new Set(denied.flatMap(({ resource }) => own(madeFrom, resource) ?? []))].map((start) =>
        anyOf('profile', start),
      ),
      fixInput: {
        accountNamespace: account.namespace,
        accountName: account.name,
        missing: denied.map(({ group, resource, verb }) => ({ group, resource, verb })),
        at: nodeOfFlow(flow),
      },
      ...noButton[message],
      ...(message === 'lostRight' && manifest === policyController ? { noFix: ofToday } : {}),
      ...(message === 'wrongAccount' ? { advice: setAccount } : {}),
      ...ownedBy(ownerOfPart(install, 'controllers')),
    });
  },
});

const ofToday = "the button gives rights to the account of today's controllers alone";
/** A right is given only to the manifest's own account, and only where nobody else has it then. */
const noButton = {
  lostRight: {},
  sharedAccount: { noFix: 'other workloads use the account' },
  wrongAccount: { noFix: "the account is not the one of Calico's manifest" },
};

/** The role's owner gives the right back: an operator at once, so that a button would hide why it does not. */
function ownedBy(owner: ObjectOwner | null): { readonly noFix?: string; readonly advice?: Advice } {
  if (!owner) return {};
  if (owner.by === 'operator')
    return {
      noFix: `${owner.name} owns the controller, and undoes changes`,
      advice: { who: administrator, commands: [canIt, `${showRole}   # why does ${owner.name} not restore them?`] },
    };
  return {
    advice: {
      who: administrator,
      commands: [canIt, `${showRole}   # ${owner.name} applies them: restore the right there`],
    },
  };
}

/** `list and watch namespaces, serviceaccounts; list pods`. */
function verbWords(denied: readonly AccessAnswer[]): string {
  const resources = new Map<string, string[]>();
  for (const { resource, verb } of denied) resources.set(resource, [...(resources.get(resource) ?? []), verb]);
  const byVerbs = Map.groupBy(resources, ([, verbs]) => verbs.join(' and '));
  return [...byVerbs].map(([verbs, group]) => `${verbs} ${group.map(([resource]) => resource).join(', ')}`).join('; ');
}

/** `namespaces`, or `namespaces and 4 other kinds`: what profiles come from is named first. */
function whatWords(denied: readonly AccessAnswer[]): string {
  const kinds = [...new Set(denied.map(({ resource }) => resource))].toSorted(
    (a, b) => Number(b === 'namespaces') - Number(a === 'namespaces'),
  );
  const more = kinds.length - 1;
  return more === 0 ? String(kinds[0]) : `${kinds[0]} and ${more} other ${more === 1 ? 'kind' : 'kinds'}`;
}
