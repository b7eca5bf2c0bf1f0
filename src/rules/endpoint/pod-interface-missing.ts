import { defineRule, fail, inconclusive, notApplicable, pass } from '../../model/rule.ts';
import { podLink } from '../../model/pod-link.ts';
import { podInterface } from '../../model/resource.ts';

export const podInterfaceMissing = defineRule({
  id: 'pod-interface-missing',
  description: "The pod's node does not have the interface that the endpoint names.",
  step: 'endpoint',
  requires: ['flow', 'pod-interface', 'links@target'],
  considers: ['endpoint'],
  withholds: ['interface'],
  advice: {
    who: 'the owner of the workload',
    commands: ['kubectl -n {namespace} delete pod {pod}'],
  },
  messages: {
    missing: {
      title: 'Interface {interface} of pod {namespace}/{pod} is not on {node}',
      detail: 'The pod has lost its network on {node}. Delete the pod: its replacement gets a new interface.',
    },
  },
  judge({ flow, 'pod-interface': { name }, 'links@target': links }, { endpoint }, evidence) {
    if (!name) return notApplicable('the pod is on the host network');
    if (links.some((link) => link.name === name)) return pass(`the pod's interface ${name} exists`);
    if (endpoint.status === 'unavailable')
      return inconclusive(
        `${name} does not exist, and the endpoint could not be read to see its interface: ${endpoint.reason}`,
      );
    if (!endpoint.value) return notApplicable('the pod has no endpoint that names an interface');
    if (podLink(links, flow.destination)) return notApplicable('the pod has an interface, of another name');
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
