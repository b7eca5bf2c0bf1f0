import { defineRule, fail, inconclusive, notApplicable, pass } from '../../model/rule.ts';
import { anyOf } from '../../model/resource.ts';

export const controllerNotRunning = defineRule({
  id: 'controller-not-running',
  description: 'kube-controllers (or the old policy controller) has no running pod.',
  step: 'controller',
  requires: ['controller'],
  considers: ['datastore'],
  withholds: ['profile'],
  advice: { who: 'whoever administers the cluster', commands: ['kubectl -n {namespace} get deployment,pods -l k8s-app={name} -o wide', 'kubectl -n {namespace} scale deployment {name} --replicas=1   # only if nobody stopped it on purpose (a migration, a locked datastore)'] },
  messages: {
    stopped: { title: "Calico's controller {name} has no running pod", detail: '{why} What it makes from Namespaces, ServiceAccounts and NetworkPolicies is not made or mended meanwhile.' },
  },
  judge({ controller }, { datastore }, evidence) {
    if (!controller.deployment && controller.pods.length === 0) {
      if (datastore.status === 'unavailable' || datastore.value.kind === null) return inconclusive('there is no controller, and whether this datastore needs one is not known');
      if (datastore.value.kind === 'kubernetes') return notApplicable('with the Kubernetes datastore no controller writes profiles');
    }
    const running = controller.pods.filter((pod) => pod.status?.phase === 'Running' && !pod.metadata.deletionTimestamp);
    if (running.length > 0) return pass(`${controller.name} runs on ${running.map((pod) => pod.spec.nodeName ?? '?').join(', ')}`);
    const replicas = controller.deployment?.spec.replicas;
    const why = !controller.deployment ? 'There is no such deployment.' : replicas === 0 ? 'Its deployment is scaled to 0.' : `Its deployment asks for ${replicas ?? 1} and none runs.`;
    return fail({
      message: 'stopped',
      data: { name: controller.name, namespace: controller.namespace, why },
      subject: { kind: 'Controller', name: `${controller.namespace}/${controller.name}` },
      node: null,
      proof: 'read',
      evidence: evidence('controller'),
      stopsFlow: false,
      withholds: [anyOf('profile')],
    });
  },
});
