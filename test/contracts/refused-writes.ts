/** Requests by which the bot, or who has taken it over, could get more rights than it was given. */
import { grantPath } from '../fixes/bot-account.ts';

export const own = 'calico-chatops-controller-grant';
export const rbac = '/apis/rbac.authorization.k8s.io/v1';
export const bot = { kind: 'ServiceAccount', name: 'calico-chatops', namespace: 'calico-chatops' };
export const controllers = { kind: 'ServiceAccount', name: 'calico-kube-controllers', namespace: 'kube-system' };
export const group = (name: string) => ({ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name });

export const binding = (name: string, role: string, subjects: readonly object[]) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
  subjects,
});
const role = (metadata: object, more: object) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata,
  ...more,
});
const some = { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }] };

/** What, and how it is asked for. */
export const refusedWrites: readonly (readonly [what: string, method: string, path: string, body?: object])[] = [
  [
    'the reading role bound to everybody without credentials',
    'POST',
    `${rbac}/clusterrolebindings`,
    binding('leak', 'calico-chatops-diagnose', [group('system:unauthenticated')]),
  ],
  [
    'the fixing role bound to another account',
    'POST',
    `${rbac}/clusterrolebindings`,
    binding('keep', 'calico-chatops-fixes', [{ ...controllers, name: 'thief' }]),
  ],
  [
    "Calico's role bound to itself",
    'POST',
    `${rbac}/clusterrolebindings`,
    binding('mine', 'calico-kube-controllers', [bot]),
  ],
  ['the granting role bound anew', 'POST', `${rbac}/clusterrolebindings`, binding('again', own, [controllers])],
  [
    'the granting role bound in a namespace',
    'POST',
    `${rbac}/namespaces/default/rolebindings`,
    { ...binding('again', own, [controllers]), kind: 'RoleBinding' },
  ],
  [
    'a role aggregated into view',
    'POST',
    `${rbac}/clusterroles`,
    role({ name: 'a', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } }, some),
  ],
  [
    'a role aggregated into admin',
    'POST',
    `${rbac}/clusterroles`,
    role({ name: 'b', labels: { 'rbac.authorization.k8s.io/aggregate-to-admin': 'true' } }, some),
  ],
  [
    'a role that aggregates',
    'POST',
    `${rbac}/clusterroles`,
    role({ name: 'c' }, { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] } }),
  ],
  ['one more role', 'POST', `${rbac}/clusterroles`, role({ name: 'd' }, some)],
  ['a role by PUT', 'PUT', `${rbac}/clusterroles/e`, role({ name: 'e' }, some)],
  [
    'the granting role made wider',
    'PATCH',
    `${rbac}/clusterroles/${own}`,
    { rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] },
  ],
  ["Calico's binding deleted", 'DELETE', `${rbac}/clusterrolebindings/calico-kube-controllers`],
  ['the granting binding deleted', 'DELETE', grantPath],
  ['the granting binding by PUT', 'PUT', grantPath, binding(own, own, [bot])],
  ['every binding deleted', 'DELETE', `${rbac}/clusterrolebindings`],
  [
    'the policy deleted',
    'DELETE',
    '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/calico-chatops-writes',
  ],
  [
    'the policy loosened',
    'PATCH',
    '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/calico-chatops-writes',
    { spec: { validationActions: ['Audit'] } },
  ],
  [
    'a Service with an external address',
    'PATCH',
    '/api/v1/namespaces/default/services/kubernetes',
    { spec: { externalIPs: ['203.0.113.9'] } },
  ],
  [
    'a token',
    'POST',
    '/api/v1/namespaces/calico-chatops/serviceaccounts/calico-chatops/token',
    { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  ],
  ['a command in a pod', 'POST', '/api/v1/namespaces/kube-system/pods/p/exec?command=id', {}],
];
