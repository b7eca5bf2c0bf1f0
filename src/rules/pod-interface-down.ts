import { picking } from '../model/evidence.ts';
import { defineRule, fail, notApplicable, pass } from '../model/rule.ts';
import { interfaceOf, linkOf } from './pod-interface.ts';

export const podInterfaceDown = defineRule({
  id: 'pod-interface-down',
  description: "The pod's host-side interface exists but is down.",
  step: 'endpoint',
  requires: ['flow', 'links@target'],
  considers: ['endpoint'],
  explainedBy: [],
  advice: { who: 'whoever looks after node {node}', commands: ['ip link set dev {interface} up', 'ip route show | grep {interface}   # Felix puts the /32 back'] },
  messages: { down: { title: 'Interface {interface} of pod {namespace}/{pod} is down', detail: 'Its route went with it; Felix puts the route back once the interface is up.' } },
  judge({ flow, 'links@target': links }, { endpoint }, evidence) {
    const name = interfaceOf(flow, endpoint);
    const link = name ? linkOf(links, name) : null;
    if (!name || !link) return notApplicable('the interface is not there');
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
      withholds: [`interface/${name}`],
    });
  },
});
