import { hostNet } from '../../model/addresses.ts';
import { usualInterfacePrefix } from '../../calico/endpoint-names.ts';
import { picking } from '../../model/evidence.ts';
import type { FelixOfPod } from '../../model/fix-inputs.ts';
import type { FlowEnd } from '../../model/flow.ts';
import type { JudgedWay } from '../../model/judged-way.ts';
import type { Route } from '../../model/network.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type RawFinding } from '../../model/rule.ts';
import { endpointOf, nodeName, nodeNetworking, podInterface, programming, returnRoute } from '../../model/resource.ts';
import { deviceTo, hasDirectRoute, isHostRoute, routesTo, routeWords } from '../../model/routes.ts';
import { felixButton } from '../lib/felix-button.ts';
import { loopOf } from '../lib/routing-loop.ts';
import { wayFor } from '../lib/wrong-ways.ts';

export const podRouteMissing = defineRule({
  id: 'pod-route-missing',
  description:
    "A pod's node has no route to the pod's own address, so the blackhole route of its own block drops the packet.",
  step: 'routes',
  requires: ['flow', 'pod-interface', 'routes@target'],
  considers: ['judged-ways', 'routes@source', 'datastore-kind', 'calico-node-access'],
  lacks: ['interface', 'programming', 'endpoint', 'nodeNetworking', 'nodeName'],
  withholds: ['returnRoute'],
  fix: 'restart-felix',
  // A Felix that starts anew has the same settings.
  fixNeeds: ['nodeName'],
  advice: {
    who: 'the owner of node {node}',
    commands: [
      'ip route get {address}',
      'ip route replace {address} dev {interface} scope link   # the route that Felix programs; a running ' +
        'Felix restores it within 90 s',
    ],
  },
  messages: {
    missing: {
      title: 'Node {node} has no route to pod {namespace}/{pod}',
      detail: 'Packets to {address} take the route "{taken}". Expected: interface {interface}.{loop}{siblings}',
    },
  },
  judge(
    { flow, 'pod-interface': { name: named }, 'routes@target': routes },
    { 'judged-ways': judged, 'routes@source': sourceRoutes, 'datastore-kind': home, 'calico-node-access': access },
    evidence,
  ) {
    const { destination, source } = flow;
    if (!destination.interface) return notApplicable('the pod is on the host network');
    const way = wayFor(judged, ['target-ingress', 'same-node']);
    const back = wayFor(judged, ['reply-source-ingress', 'reply-same-node']);
    const findings: RawFinding<'missing', FelixOfPod>[] = [];
    const report = (
      end: FlowEnd,
      device: string | null,
      table: readonly Route[],
      key: 'routes@target' | 'routes@source',
      taken: JudgedWay | null,
    ) => {
      const loop = judged.status === 'observed' ? loopOf(taken, judged.value, flow) : null;
      const { address, node, namespace, name } = end;
      const others = routesOfPods(table).filter(({ destination: to }) => printed(to) !== address);
      findings.push({
        message: 'missing',
        data: {
          node: node ?? '?',
          namespace: namespace ?? 'default',
          pod: name,
          address,
          interface: device ?? '?',
          taken: routeWords(table, address),
          loop: loop?.words ?? '',
          siblings: othersWords(others.length, node),
        },
        subject: { kind: 'Route', name: hostNet(address) },
        node,
        proof: 'read',
        evidence: [
          ...picking(evidence(key), isLineOf([...routesTo(table, address), ...others.slice(0, 1)], device)),
          ...(loop?.evidence ?? []),
        ],
        stopsFlow: true,
        lacks: [
          ...(node ? [podInterface(node, device ?? '?'), programming(node), nodeNetworking(node)] : []),
          endpointOf(`${namespace}/${name}`),
          ...(node ? [nodeName(node)] : []),
        ],
        withholds: node ? [returnRoute(node, address)] : [],
        ...felixButton({ ...end, interface: device }, { home, access }),
      });
    };
    if (way?.class !== 'right' && !hasDirectRoute(routes, destination.address))
      report(destination, named ?? destination.interface, routes, 'routes@target', way);
    // The reply to a pod of the other node dies there in the same way.
    if (back?.class === 'missing' && sourceRoutes.status === 'observed')
      report(source, back.rightDevice ?? source.interface, sourceRoutes.value, 'routes@source', back);
    if (findings.length > 0) return fail(...findings);
    const { node, address } = destination;
    if (way?.class === 'right') return pass(`${node} reaches ${address} by the interface of the pod`);
    if (way?.class === 'diverted' || way?.class === 'own-address' || way?.class === 'wrong-device')
      return notApplicable(`${node} has a route to ${address} alone, and it is not what the packet gets`);
    const why = way?.why ?? `whether ${deviceTo(routes, address) ?? '?'} is the interface of the pod is not known`;
    return inconclusive(`${node} has a route to ${address} alone, and the way of the packet is not certain: ${why}`);
  },
});

/** Routes to single addresses by interfaces that Calico named: of this node's pods. */
function routesOfPods(table: readonly Route[]): readonly Route[] {
  return table.filter(
    (route) =>
      route.type === 'unicast' && isHostRoute(route) && route.device?.startsWith(usualInterfacePrefix) === true,
  );
}

/** Routes of other pods show that the node has routes of pods, and lacks this one. */
function othersWords(count: number, node: string | null): string {
  if (count === 0) return '';
  return count === 1
    ? ` One other pod of ${node ?? 'the node'} has its route.`
    : ` ${count} other pods of ${node ?? 'the node'} have their routes.`;
}

/** Of what `ip route` prints: each of these routes, and each by the interface. */
function isLineOf(routes: readonly Route[], device: string | null): (line: string) => boolean {
  const words = new Set(routes.map(({ destination }) => printed(destination)));
  if (device !== null) words.add(device);
  return (line) => line.split(/\s+/).some((word) => words.has(word));
}

function printed(destination: string): string {
  if (destination === '0.0.0.0/0' || destination === '::/0') return 'default';
  const [address = ''] = destination.split('/');
  return destination === hostNet(address) ? address : destination;
}
