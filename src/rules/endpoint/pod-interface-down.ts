import { familyOf } from '../../model/addresses.ts';
import { isCrossNode } from '../../model/flow-place.ts';
import { picking, type Evidence, type Fact } from '../../model/evidence.ts';
import type { DatastoreKind } from '../../model/datastore-kind.ts';
import type { PodInterface } from '../../model/fix-inputs.ts';
import type { FlowEnd } from '../../model/flow.ts';
import type { Link, PodNetwork } from '../../model/network.ts';
import { podLink } from '../../model/pod-link.ts';
import { podInterface } from '../../model/resource.ts';
import { defineRule, fail, notApplicable, pass, type RawFinding } from '../../model/rule.ts';
import { twinLink } from '../lib/twin-interface.ts';

/** A pod of the flow with its interface: the node's end, and the pod's own. */
interface Wire {
  readonly end: FlowEnd;
  readonly name: string;
  readonly links: readonly Link[];
  readonly network: Fact<PodNetwork>;
  readonly evidence: readonly Evidence[];
  /** A sentence of another pod of the node, whose interface is up; empty where none is known. */
  readonly twin: string;
}

export const podInterfaceDown = defineRule({
  id: 'pod-interface-down',
  description: "The interface of a pod of the flow exists and is down, on the node's side or inside the pod.",
  step: 'endpoint',
  requires: ['flow', 'pod-interface', 'links@target'],
  considers: ['links@source', 'pod-network', 'source-pod-network', 'datastore-kind', 'pods'],
  withholds: ['interface'],
  fix: 'bring-up-pod-interface',
  advice: {
    who: 'the owner of node {node}',
    commands: ['ip link set dev {interface} up', 'ip route show | grep {interface}   # Felix restores its route'],
  },
  messages: {
    down: {
      title: 'Interface {interface} of pod {namespace}/{pod} is down',
      detail: 'The kernel removed its route with it. Felix restores the route once the interface is up.{twinInterface}',
    },
    downInside: {
      title: 'Interface {device} inside pod {namespace}/{pod} is down',
      detail:
        "It is the pod's end of {interface} on {node}. The kernel removed the pod's routes with it, and nobody " +
        'restores them.{twinInterface}',
    },
  },
  judge({ flow, 'pod-interface': { name }, 'links@target': links }, considered, evidence) {
    const { source, destination } = flow;
    const isOneNode = !isCrossNode(flow);
    const sourceLinks = isOneNode ? links : valueOr(considered['links@source'], []);
    const wires: readonly Wire[] = [
      { end: destination, name, links, network: considered['pod-network'], evidence: evidence('links@target') },
      {
        end: source,
        name: podLink(sourceLinks, source)?.name ?? source.interface,
        links: sourceLinks,
        network: considered['source-pod-network'],
        evidence: evidence(isOneNode ? 'links@target' : 'links@source'),
      },
    ].flatMap((wire) => {
      const at = { end: wire.end, flow, pods: considered.pods };
      return wire.name === null ? [] : [{ ...wire, name: wire.name, twin: twinWords(twinLink(at, wire.links)) }];
    });
    const there = wires.filter((wire) => wire.links.some((link) => link.name === wire.name));
    const home = considered['datastore-kind'];
    const datastore = home.status === 'observed' ? home.value.kind : null;
    const findings = there.flatMap((wire) => findingsOf(wire, datastore));
    if (findings.length > 0) return fail(...findings);
    if (!there.some(({ end }) => end === destination)) return notApplicable('the interface does not exist');
    return pass(`the pod's interface ${name} is up`);
  },
});

function findingsOf(
  { end, name, links, network, evidence, twin }: Wire,
  datastore: DatastoreKind['kind'],
): readonly RawFinding<'down' | 'downInside', PodInterface>[] {
  const { namespace, name: pod, node } = end;
  const host = links.find((link) => link.name === name);
  const inside = network.status === 'observed' ? network.value : null;
  const own = inside?.links.find((link) => link.name === inside.ownInterface);
  const common = {
    subject: { kind: 'Interface', name },
    node,
    proof: 'read',
    stopsFlow: true,
    withholds: node ? [podInterface(node, name)] : [],
    ...buttonFor(end, name, datastore),
  } as const;
  const data = { interface: name, namespace: namespace ?? 'default', pod, node: node ?? '?', twinInterface: twin };
  if (host && !host.flags.includes('UP'))
    return [{ ...common, message: 'down', data, evidence: picking(evidence, (line) => line.includes(name)) }];
  // The two ends of a veth have a carrier only while both are up: the node's end tells of the pod's.
  if (!host || (own ? own.flags.includes('UP') : host.flags.includes('LOWER_UP'))) return [];
  return [
    {
      ...common,
      message: 'downInside',
      data: { ...data, device: own?.name ?? 'eth0', netns: inside?.namespace ?? host.peerNamespace ?? '?' },
      evidence: own ? network.evidence : picking(evidence, (line) => line.includes(name)),
      advice: {
        who: 'the owner of pod {namespace}/{pod}',
        commands: [
          'kubectl -n {namespace} delete pod {pod}   # its owner makes a new one, which the CNI plugin wires anew',
          ...(familyOf(end.address) === 6 ? [] : byHand),
        ],
      },
    },
  ];
}

function twinWords(twin: ReturnType<typeof twinLink>): string {
  return twin ? ` Interface ${twin.name} of pod ${twin.pod} is up there.` : '';
}

/** Down, a link also loses its IPv6 addresses, and the gateway of a pod of IPv6 is known to its CNI plugin alone. */
const byHand = [
  'ip netns exec {netns} ip link set dev {device} up   # or by hand, on {node}: the interface,',
  'ip netns exec {netns} ip route replace 169.254.1.1 dev {device} scope link   # the gateway,',
  'ip netns exec {netns} ip route replace default via 169.254.1.1 dev {device}   # and the route through it',
];

/** The fix itself reads whether it may act. */
function buttonFor(
  { node, nodeAddress, address, namespace, name: pod }: FlowEnd,
  name: string,
  datastore: DatastoreKind['kind'],
): Pick<RawFinding<string, PodInterface>, 'fixInput' | 'noFix'> {
  if (familyOf(address) === 6) return { noFix: 'the fix restores routes of IPv4 alone' };
  if (node === null || nodeAddress === null) return { noFix: 'the address of the node is not known' };
  if (datastore === null) return { noFix: 'it is not known where Calico keeps its objects' };
  return {
    fixInput: { node, nodeAddress, interface: name, address, namespace: namespace ?? 'default', pod, datastore },
  };
}

function valueOr<T>(fact: Fact<T>, otherwise: T): T {
  return fact.status === 'observed' ? fact.value : otherwise;
}
