import { defineRule, fail, inconclusive, notApplicable, pass } from '../../model/rule.ts';
import type { Link } from '../../model/network.ts';
import { podLink } from '../../model/pod-link.ts';
import { podInterface } from '../../model/resource.ts';
import { twinLink } from '../lib/twin-interface.ts';

export const podInterfaceMissing = defineRule({
  id: 'pod-interface-missing',
  description: "The pod's node does not have the interface that the endpoint names.",
  step: 'endpoint',
  requires: ['flow', 'pod-interface', 'links@target'],
  considers: ['endpoint', 'pods'],
  withholds: ['interface'],
  advice: {
    who: 'the owner of the workload',
    commands: ['kubectl -n {namespace} delete pod {pod}'],
  },
  messages: {
    missing: {
      title: 'Interface {interface} of pod {namespace}/{pod} is not on {node}',
      detail:
        'The pod has lost its network on {node}.{twinInterface} Delete the pod: its replacement gets a new interface.',
    },
  },
  judge({ flow, 'pod-interface': { name }, 'links@target': links }, { endpoint, pods }, evidence) {
    if (!name) return notApplicable('the pod is on the host network');
    if (links.some((link) => link.name === name)) return pass(`the pod's interface ${name} exists`);
    if (endpoint.status === 'unavailable')
      return inconclusive(
        `${name} does not exist, and the endpoint could not be read to see its interface: ${endpoint.reason}`,
      );
    if (!endpoint.value) return notApplicable('the pod has no endpoint that names an interface');
    if (podLink(links, flow.destination)) return notApplicable('the pod has an interface, of another name');
    const { namespace, name: pod, node } = flow.destination;
    const [stranger] = namedOtherwise(links, name);
    if (stranger)
      return inconclusive(
        `${node ?? '?'} has ${stranger.name}, which leads to a pod, and no interface of a pod with a name like ` +
          `${name}: another plugin may have named the interface of this pod`,
      );
    const twin = twinLink({ end: flow.destination, flow, pods }, links);
    return fail({
      message: 'missing',
      data: {
        interface: name,
        namespace: namespace ?? 'default',
        pod,
        node: node ?? '?',
        twinInterface: twin ? ` That of pod ${twin.pod} is there: ${twin.name}.` : '',
      },
      subject: { kind: 'Interface', name },
      node,
      proof: 'read',
      evidence: [...evidence('endpoint'), ...evidence('links@target')],
      stopsFlow: true,
      withholds: node ? [podInterface(node, name)] : [],
    });
  },
});

/** Interfaces that lead to pods, where none of the node has the name that Calico gives. */
function namedOtherwise(links: readonly Link[], usual: string): readonly Link[] {
  const prefix = usual.slice(0, -hashLength);
  const toPods = links.filter(({ peerNamespace, kind }) => peerNamespace !== null && kind === 'veth');
  return toPods.some(({ name }) => name.startsWith(prefix)) ? [] : toPods;
}

/** The digits of a hash with which such a name ends. */
const hashLength = 11;
