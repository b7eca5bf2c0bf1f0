import { defineRule, fail, inconclusive, notApplicable, pass } from '../../model/rule.ts';
import { podInterface } from '../../model/resource.ts';

export const podInterfaceMissing = defineRule({
  id: 'pod-interface-missing',
  description: "No host-side interface of the endpoint's name is on the pod's node.",
  step: 'endpoint',
  requires: ['flow', 'pod-interface', 'links@target'],
  considers: ['endpoint'],
  withholds: ['interface'],
  advice: {
    who: 'the owner of the workload (the pod must be made anew)',
    commands: ['kubectl -n {namespace} delete pod {pod}'],
  },
  messages: {
    missing: {
      title: 'Interface {interface} of pod {namespace}/{pod} is not on {node}',
      detail: "The pod's network on its node is gone; only a new pod gets a new interface.",
    },
  },
  judge({ flow, 'pod-interface': { name }, 'links@target': links }, { endpoint }, evidence) {
    if (!name) return notApplicable('the pod is on the host network');
    if (links.some((link) => link.name === name)) return pass(`the pod's interface ${name} is there`);
    if (endpoint.status === 'unavailable')
      return inconclusive(
        `there is no ${name}, and which interface the endpoint names is not known: ${endpoint.reason}`,
      );
    if (!endpoint.value) return notApplicable('the pod has no endpoint that names an interface');
    const { namespace, name: pod, node } = flow.destination;
    return fail({
      message: 'missing',
      data: { interface: name, namespace: namespace ?? 'default', pod, node: node ?? '?' },
      subject: { kind: 'Interface', name },
      node,
      proof: 'read',
      evidence: [...evidence('endpoint'), ...evidence('links@target')],
      stopsFlow: true,
      withholds: node ? [podInterface(node, name)] : [],
    });
  },
});
