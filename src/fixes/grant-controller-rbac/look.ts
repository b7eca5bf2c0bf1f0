/** When the controller's rights may be given back. Each condition is read to plan, and again to apply. */
import { reviewsAccess, type ApiRead } from '../../model/api-reads.ts';
import { ownerOf } from '../../calico/owners.ts';
import { podsOf } from '../../model/calico-components.ts';
import type { Condition, FixContext, Readiness } from '../../model/fix.ts';
import type { ObjectOwner } from '../../model/install.ts';
import type { LostRights } from '../../model/fix-inputs.ts';
import type { ClusterRole, ClusterRoleBinding, Deployment, KubernetesObject, Pod } from '../../model/kubernetes.ts';
import type { ApiAnswer, ClusterReader } from '../../model/ports.ts';
import { refuse } from '../kit/conditions.ts';
import { lastChange } from '../kit/last-change.ts';
import { manifestName, manifestNamespace } from '../kit/controller-names.ts';
import { bind, bindCommand } from './binding.ts';
import { chooseGrant, type Grant } from './choose-grant.ts';
import { isGrantable, nameOfRight, ownName, rbacVersion } from './controller-manifest.ts';

export const grantReads: readonly ApiRead[] = [
  { verb: 'get', apiVersion: 'v1', kind: 'ServiceAccount', where: 'calico', names: [manifestName] },
  { verb: 'get', apiVersion: 'apps/v1', kind: 'Deployment', where: 'calico', names: [manifestName] },
  { verb: 'list', apiVersion: 'apps/v1', kind: 'ReplicaSet', where: 'calico' },
  { verb: 'list', apiVersion: 'v1', kind: 'Pod', where: 'calico' },
  ...['ClusterRole', 'ClusterRoleBinding'].map((kind): ApiRead => ({
    verb: 'get',
    apiVersion: rbacVersion,
    kind,
    where: 'cluster',
    names: [manifestName, ownName],
  })),
  reviewsAccess,
];

export async function look(context: FixContext, input: LostRights): Promise<Readiness<Grant>> {
  const { cluster } = context;
  const { missing, accountNamespace: namespace, accountName: name } = input;
  const who = `${namespace}/${name}`;
  const listed = missing.map(nameOfRight).join(', ');
  if (name !== manifestName || namespace !== manifestNamespace) {
    return refuse(
      `the controller runs as ${who}, not as the account of Calico's manifest; other workloads would get these ` +
        'rights too',
      namespace === manifestNamespace
        ? `kubectl -n ${namespace} set serviceaccount deployment ${manifestName} ${manifestName}`
        : `kubectl get clusterrole,clusterrolebinding ${manifestName} -o yaml   # restore them where they come from`,
    );
  }
  const odd = missing.find((right) => !isGrantable(right));
  if (odd)
    return refuse(
      `${nameOfRight(odd)} is not a reading right of Calico's controllers, so no button gives it`,
      `kubectl describe clusterrole ${manifestName}`,
    );

  const apps = { apiVersion: 'apps/v1', namespace };
  const [account, deployment, sets, users, role, binding, ownRole, ownBinding] = await Promise.all([
    cluster.read<KubernetesObject>({ apiVersion: 'v1', kind: 'ServiceAccount', namespace, name }),
    cluster.read<Deployment>({ ...apps, kind: 'Deployment', name: manifestName }),
    cluster.list<KubernetesObject>({ ...apps, kind: 'ReplicaSet' }),
    cluster.list<Pod>({ apiVersion: 'v1', kind: 'Pod', namespace, fieldSelector: `spec.serviceAccountName=${name}` }),
    readRbac<ClusterRole>(cluster, 'ClusterRole', manifestName),
    readRbac<ClusterRoleBinding>(cluster, 'ClusterRoleBinding', manifestName),
    readRbac<ClusterRole>(cluster, 'ClusterRole', ownName),
    readRbac<ClusterRoleBinding>(cluster, 'ClusterRoleBinding', ownName),
  ]);
  if (!account.ok)
    return refuse(
      account.status === 404 ? `the account ${who} does not exist` : `the account could not be read: ${account.reason}`,
      `kubectl apply -f calico-etcd.yaml`,
    );
  if (!deployment.ok) return refuse(`the controller's Deployment could not be read: ${deployment.reason}`);
  if (!sets.ok) return refuse(`the ReplicaSets of ${namespace} could not be read: ${sets.reason}`);
  if (!users.ok) return refuse(`the pods of ${namespace} could not be read: ${users.reason}`);
  const unread = [role, binding, ownRole, ownBinding].find((answer) => !answer.ok && answer.status !== 404);
  if (unread && !unread.ok) return refuse(`roles and bindings could not be read: ${unread.reason}`);

  const own = podsOf(deployment.value, sets.value, users.value);
  const others = users.value.filter((pod) => !own.includes(pod));
  if (others.length > 0)
    return refuse(
      `${others.map((pod) => pod.metadata.name).join(', ')} of ${namespace} run as the same account and would ` +
        'get these rights too',
      `Give these pods an account of their own, then grant.`,
    );
  if ((deployment.value.spec.template.spec.serviceAccountName ?? 'default') !== name)
    return refuse(
      `the controller's Deployment uses the ` +
        `account ${deployment.value.spec.template.spec.serviceAccountName ?? 'default'}`,
      `kubectl -n ${namespace} set serviceaccount deployment ${manifestName} ${manifestName}`,
    );
  const owners = [account.value, deployment.value, ...[role, binding, ownRole, ownBinding].map(valueOf)].flatMap(
    (object) => (object ? (named(object) ?? []) : []),
  );
  const operator = owners.find(({ owner }) => owner.by === 'operator');
  if (operator)
    return refuse(
      `${operator.object} belongs to ${operator.owner.name}, which would undo the change`,
      `Find out why ${operator.owner.name} does not restore its own objects.`,
      'kubectl get tigerastatus   # where that is an Installation',
    );

  const user = `system:serviceaccount:${namespace}:${name}`;
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  const answers = await Promise.all(missing.map((right) => cluster.accessReview({ user, groups, ...right })));
  const failed = answers.find((answer) => !answer.ok);
  if (failed && !failed.ok) return refuse(`the API server does not say what the account may do: ${failed.reason}`);
  const denied = answers.flatMap((answer) => (answer.ok && !answer.value.allowed ? [nameOfRight(answer.value)] : []));
  if (denied.length === 0) return { ready: 'done', why: `${who} has these rights now: ${listed}` };

  const grant = chooseGrant({ role: valueOf(ownRole), binding: valueOf(ownBinding) }, missing, { namespace, name });
  if ('why' in grant) return refuse(grant.why, ...grant.advice);
  const rejected = await bind(context, grant, { dryRun: true });
  if (!rejected.ok) return refuse(`the API server refuses it in a dry run: ${rejected.reason}`, bindCommand(grant));
  const conditions: readonly Condition[] = [
    {
      id: 'account',
      description: `${who} is the account of Calico's manifest and the same as when planned`,
      value: account.value.metadata.uid ?? '',
    },
    { id: 'account-unshared', description: 'only the controller runs as this account', value: 'unshared' },
    {
      id: 'no-operator',
      description: 'no operator owns the account, the Deployment, the role or the binding',
      value: 'none',
    },
    { id: 'denied', description: 'what the API server refuses the account', value: denied.join(', ') },
    ...[role, binding, ownRole, ownBinding].map((answer, i) => ({
      id: `object-${i + 1}`,
      description: objectNames[i] ?? '',
      value: versionOf(answer),
    })),
  ];
  // Helm and GitOps leave the binding's subject alone, and apply Calico's own role and binding again.
  const owner = [role, binding].map(valueOf).flatMap((object) => (object ? (ownerOf(object) ?? []) : []))[0] ?? null;
  const changed = lastChange(
    [role, binding, ownRole, ownBinding].flatMap((answer, at) =>
      answer.ok ? [{ kind: at % 2 === 0 ? 'ClusterRole' : 'ClusterRoleBinding', object: answer.value }] : [],
    ),
  );
  return { ready: 'yes', conditions, found: { ...grant, owner: owner?.name ?? null, changed } };
}

const objectNames = [
  `ClusterRole ${manifestName}`,
  `ClusterRoleBinding ${manifestName}`,
  `ClusterRole ${ownName}`,
  `ClusterRoleBinding ${ownName}`,
];

/** An object with who applies it again; null: nobody says so. */
function named(object: KubernetesObject): { readonly object: string; readonly owner: ObjectOwner } | null {
  const owner = ownerOf(object);
  return owner && { object: `${object.kind ?? 'object'} ${object.metadata.name}`, owner };
}

function readRbac<T extends KubernetesObject>(
  cluster: ClusterReader,
  kind: string,
  name: string,
): Promise<ApiAnswer<T>> {
  return cluster.read<T>({ apiVersion: rbacVersion, kind, name });
}

function valueOf<T>(answer: ApiAnswer<T>): T | null {
  return answer.ok ? answer.value : null;
}

function versionOf(answer: ApiAnswer<KubernetesObject>): string {
  return answer.ok ? `${answer.value.metadata.uid ?? ''} at ${answer.value.metadata.resourceVersion ?? ''}` : 'absent';
}
