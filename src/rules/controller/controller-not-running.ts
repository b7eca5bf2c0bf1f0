import { defineRule, fail, inconclusive, notApplicable, pass } from '../../model/rule.ts';
import { anyOf } from '../../model/resource.ts';

export const controllerNotRunning = defineRule({
  id: 'controller-not-running',
  description: 'calico-kube-controllers (or the old policy controller) has no running pod.',
  step: 'controller',
  requires: ['controller'],
  considers: ['datastore'],
  withholds: ['profile'],
  advice: {
    who: 'a cluster administrator',
    commands: [
      'kubectl -n {namespace} get deployment,pods -l k8s-app={name} -o wide',
      'kubectl -n {namespace} scale deployment {name} --replicas=1   # not during a migration',
    ],
  },
  messages: {
    stopped: {
      title: "Calico's controller {name} has no running pod",
      detail: '{why} Until it runs, nobody makes Calico profiles and policies from Kubernetes objects.',
    },
  },
  judge({ controller }, { datastore }, evidence) {
    if (!controller.deployment && controller.pods.length === 0) {
      if (datastore.status === 'unavailable' || datastore.value.kind === null)
        return inconclusive('no controller is installed, and the kind of datastore was not read');
      if (datastore.value.kind === 'kubernetes')
        return notApplicable('with the Kubernetes datastore no controller writes profiles');
    }
    const running = controller.pods.filter((pod) => pod.status?.phase === 'Running' && !pod.metadata.deletionTimestamp);
    if (running.length > 0)
      return pass(`${controller.name} runs on ${running.map((pod) => pod.spec.nodeName ?? '?').join(', ')}`);
    const replicas = controller.deployment?.spec.replicas;
    const why = !controller.deployment
      ? 'Its Deployment does not exist.'
      : replicas === 0
        ? 'Its Deployment is scaled to 0.'
        : `Its Deployment wants ${replicas ?? 1}, and none runs.`;
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
