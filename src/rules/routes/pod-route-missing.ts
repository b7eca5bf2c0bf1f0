import { picking } from '../../model/evidence.ts';
import { defineRule, fail, notApplicable, pass } from '../../model/rule.ts';
import { endpointOf, nodeNetworking, podInterface, programming, returnRoute } from '../../model/resource.ts';
import { hasDirectRoute, routeWords } from '../../model/routes.ts';

export const podRouteMissing = defineRule({
  id: 'pod-route-missing',
  description: "The pod's node has no /32 route to the pod, so the blackhole route of its own block drops the packet.",
  step: 'routes',
  requires: ['flow', 'pod-interface', 'routes@target'],
  lacks: ['interface', 'programming', 'endpoint', 'nodeNetworking'],
  withholds: ['returnRoute'],
  advice: {
    who: 'the owner of node {node}',
    commands: [
      'ip route get {address}',
      'ip route replace {address}/32 dev {interface} scope link   # the route that Felix programs; a running Felix restores it within 90 s',
    ],
  },
  messages: {
    missing: {
      title: 'Node {node} has no route to pod {namespace}/{pod}',
      detail: 'Packets to {address} take the route "{taken}". Expected: interface {interface}.',
    },
  },
  judge({ flow, 'pod-interface': { name: named }, 'routes@target': routes }, _considered, evidence) {
    const { address, node, namespace, name, interface: usual } = flow.destination;
    if (!usual) return notApplicable('the pod is on the host network');
    if (hasDirectRoute(routes, address)) return pass(`${node} has the /32 of ${address}`);
    const device = named ?? usual;
    return fail({
      message: 'missing',
      data: {
        node: node ?? '?',
        namespace: namespace ?? 'default',
        pod: name,
        address,
        interface: device,
        taken: routeWords(routes, address),
      },
      subject: { kind: 'Route', name: `${address}/32` },
      node,
      proof: 'read',
      evidence: picking(evidence('routes@target'), /blackhole|cali/),
      stopsFlow: true,
      lacks: [
        ...(node ? [podInterface(node, device), programming(node), nodeNetworking(node)] : []),
        endpointOf(`${namespace}/${name}`),
      ],
      withholds: node ? [returnRoute(node, address)] : [],
    });
  },
});
