import type { Controller, Datastore } from '../../model/control-plane.ts';
import type { Fact } from '../../model/evidence.ts';
import type { ScaledController } from '../../model/fix-inputs.ts';
import type { Flow } from '../../model/flow.ts';
import { calicoNamespaceOf, type Install, type ObjectOwner } from '../../model/install.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type Advice, type RawFinding } from '../../model/rule.ts';
import { anyOf } from '../../model/resource.ts';
import { askOperator, ownerOfPart } from '../lib/calico-parts.ts';
import { nodeOfFlow } from '../lib/node-of-flow.ts';

export const controllerNotRunning = defineRule({
  id: 'controller-not-running',
  description: 'calico-kube-controllers (or the old policy controller) has no running pod.',
  step: 'controller',
  requires: ['controller'],
  considers: ['datastore', 'install', 'flow'],
  withholds: ['profile'],
  fix: 'scale-controller-back',
  advice: {
    who: 'a cluster administrator',
    commands: [
      'kubectl -n {namespace} get deployment {name} -o wide',
      'kubectl -n {namespace} get pods -l {label} -o wide   # why does none run?',
      'kubectl -n {namespace} scale deployment {name} --replicas=1   # if it is scaled to 0; not during a migration',
    ],
  },
  messages: {
    stopped: {
      title: "Calico's controller {name} has no running pod",
      detail: '{why} Until it runs, nobody {does}.',
    },
  },
  judge({ controller }, { datastore, install, flow }, evidence) {
    if (!controller.deployment && controller.pods.length === 0) {
      if (datastore.status === 'unavailable' || datastore.value.kind === null)
        return inconclusive('no controller is installed, and the kind of datastore was not read');
      if (datastore.value.kind === 'kubernetes')
        return notApplicable('with the Kubernetes datastore no controller writes profiles');
    }
    const running = controller.pods.filter((pod) => pod.status?.phase === 'Running' && !pod.metadata.deletionTimestamp);
    if (running.length > 0)
      return pass(`${controller.name} runs on ${running.map((pod) => pod.spec.nodeName ?? '?').join(', ')}`);
    // Where there is none, it belongs where the rest of Calico is.
    const here = install.status === 'observed' ? calicoNamespaceOf(install.value) : null;
    const namespace = controller.deployment ? controller.namespace : (here ?? controller.namespace);
    const replicas = controller.deployment?.spec.replicas;
    const why = !controller.deployment
      ? 'Its Deployment does not exist.'
      : replicas === 0
        ? 'Its Deployment is scaled to 0.'
        : `Its Deployment wants ${replicas ?? 1}, and none runs.`;
    const derives = datastore.status === 'observed' && datastore.value.kind === 'kubernetes';
    const does = derives
      ? 'releases the addresses of nodes that are gone'
      : 'makes Calico profiles and policies from Kubernetes objects';
    return fail({
      message: 'stopped',
      data: { name: controller.name, namespace, why, does, label: labelOf(controller, install) },
      subject: { kind: 'Controller', name: `${namespace}/${controller.name}` },
      node: null,
      proof: 'read',
      evidence: evidence('controller'),
      stopsFlow: false,
      withholds: [anyOf('profile')],
      ...button(controller, { datastore, flow, owner: ownerOfPart(install, 'controllers') }),
      ...advised(controller, ownerOfPart(install, 'controllers')),
    });
  },
});

/** Labels of its pods. */
function labelOf({ name }: Controller, install: Fact<Install>): string {
  const own = install.status === 'observed' ? install.value.controllers?.selector : null;
  return own ?? `k8s-app=${name}`;
}

/** Offers to scale a Deployment that somebody scaled to 0. The fix itself reads whether it may. */
function button(
  { deployment, namespace, name }: Controller,
  around: { readonly datastore: Fact<Datastore>; readonly flow: Fact<Flow>; readonly owner: ObjectOwner | null },
): Pick<RawFinding<string, ScaledController>, 'fixInput' | 'noFix'> {
  const { datastore, flow, owner } = around;
  if (deployment?.spec.replicas !== 0) return { noFix: 'its Deployment is not scaled to 0' };
  if (owner?.by === 'operator') return { noFix: `${owner.name} owns the controller, and sets its number of replicas` };
  const kind = datastore.status === 'observed' ? datastore.value.kind : null;
  if (kind === null) return { noFix: 'it is not known where Calico keeps its objects' };
  const place = nodeOfFlow(flow);
  if (!place) return { noFix: 'no node of the flow is known on which calicoctl could be asked' };
  return { fixInput: { ...place, namespace, name, datastore: kind } };
}

/** Nobody can scale what is not there, and an operator scales what is its own. */
function advised({ deployment }: Controller, owner: ObjectOwner | null): { readonly advice?: Advice } {
  const who = 'a cluster administrator';
  if (owner?.by === 'operator')
    return {
      advice: {
        who,
        commands: [
          `kubectl -n {namespace} get deployment {name} -o wide   # ${owner.name} owns it, and should keep it running`,
          'kubectl -n {namespace} get pods -l {label} -o wide',
          ...askOperator,
        ],
      },
    };
  if (deployment) return {};
  const again = owner ? `see that ${owner.name} applies it again` : 'apply the manifest of the installed version again';
  return {
    advice: {
      who,
      commands: [`kubectl get deployment -A -l k8s-app={name}   # in no namespace that was read. If nowhere, ${again}`],
    },
  };
}
