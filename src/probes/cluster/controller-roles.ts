import { controllersComponent } from '../../model/calico-components.ts';
import { observed, unavailable } from '../../model/evidence.ts';
import type { ClusterRole, ClusterRoleBinding, Pod } from '../../model/kubernetes.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { evidenceOfAnswer } from '../../model/evidence-of.ts';
import { unavailableAnswer } from '../lib/evidence.ts';

export const controllerRoles = defineClusterProbe({
  id: 'controller-roles',
  description: "The controller's ClusterRole and bindings, and who else uses its account.",
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [],
  reads: [
    {
      verb: 'get',
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      where: 'cluster',
      names: controllersComponent.names,
    },
    { verb: 'list', apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', where: 'cluster' },
    { verb: 'list', apiVersion: 'v1', kind: 'Pod', where: 'calico' },
  ],
  needs: ['controller'],
  provides: ['controller-roles'],
  async read(look, facts) {
    const { name: manifestName, account, pods: own } = facts.get('controller');
    if (!account) return { 'controller-roles': unavailable('not-applicable', 'no controller is installed') };
    // Manifests call role, binding and account as the Deployment.
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    const [role, bindings, pods] = await Promise.all([
      look.cluster.read<ClusterRole>({ apiVersion, kind: 'ClusterRole', name: manifestName }),
      look.cluster.list<ClusterRoleBinding>({ apiVersion, kind: 'ClusterRoleBinding' }),
      look.cluster.list<Pod>({
        apiVersion: 'v1',
        kind: 'Pod',
        namespace: account.namespace,
        fieldSelector: `spec.serviceAccountName=${account.name}`,
      }),
    ]);
    if (!bindings.ok) return { 'controller-roles': unavailableAnswer(bindings) };
    if (!pods.ok) return { 'controller-roles': unavailableAnswer(pods) };
    if (!role.ok && role.status !== 404) return { 'controller-roles': unavailableAnswer(role) };
    const ownNames = new Set(own.map((pod) => pod.metadata.name));
    const bindingsOfAccount = bindings.value.filter((binding) =>
      binding.subjects?.some(
        (subject) =>
          subject.kind === 'ServiceAccount' && subject.name === account.name && subject.namespace === account.namespace,
      ),
    );
    const otherUsers = pods.value
      .filter((pod) => (pod.spec.serviceAccountName ?? 'default') === account.name && !ownNames.has(pod.metadata.name))
      .map((pod) => `${pod.metadata.namespace}/${pod.metadata.name}`);
    const names = bindingsOfAccount.map((binding) => binding.metadata.name).join(', ');
    const shown = `bindings of ${account.namespace}/${account.name}: ${names || 'none'}`;
    return {
      'controller-roles': observed(
        {
          role: role.ok ? role.value : null,
          binding: bindings.value.find((binding) => binding.metadata.name === manifestName) ?? null,
          bindingsOfAccount,
          otherUsers,
        },
        [evidenceOfAnswer(bindings, shown)],
      ),
    };
  },
});
