import { picking } from '../../model/evidence.ts';
import { defineRule, fail, notApplicable, pass } from '../../model/rule.ts';
import { podInterface } from '../../model/resource.ts';

export const podInterfaceDown = defineRule({
  id: 'pod-interface-down',
  description: "The pod's host-side interface exists and is down.",
  step: 'endpoint',
  requires: ['flow', 'pod-interface', 'links@target'],
  withholds: ['interface'],
  advice: {
    who: 'the owner of node {node}',
    commands: ['ip link set dev {interface} up', 'ip route show | grep {interface}   # Felix restores the /32 route'],
  },
  messages: {
    down: {
      title: 'Interface {interface} of pod {namespace}/{pod} is down',
      detail: 'The kernel removed its route with it. Felix restores the route once the interface is up.',
    },
  },
  judge({ flow, 'pod-interface': { name }, 'links@target': links }, _considered, evidence) {
    const link = links.find((one) => one.name === name);
    if (!name || !link) return notApplicable('the interface does not exist');
    if (link.flags.includes('UP')) return pass(`the pod's interface ${name} is up`);
    const { namespace, name: pod, node } = flow.destination;
    return fail({
      message: 'down',
      data: { interface: name, namespace: namespace ?? 'default', pod, node: node ?? '?' },
      subject: { kind: 'Interface', name },
      node,
      proof: 'read',
      evidence: picking(evidence('links@target'), (line) => line.includes(name)),
      stopsFlow: true,
      withholds: node ? [podInterface(node, name)] : [],
    });
  },
});
