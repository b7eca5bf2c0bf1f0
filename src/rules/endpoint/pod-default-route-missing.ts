import { familyOf } from '../../model/addresses.ts';
import type { Fact } from '../../model/evidence.ts';
import type { FlowEnd } from '../../model/flow.ts';
import type { PodNetwork } from '../../model/network.ts';
import { podInterface } from '../../model/resource.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type Advice, type RawFinding } from '../../model/rule.ts';

type Lack = 'routeless' | 'unroutable' | 'addressless' | 'peerAddress';
interface Side {
  readonly end: FlowEnd;
  readonly peer: FlowEnd;
  readonly network: Fact<PodNetwork>;
}

const rewire =
  'kubectl -n {namespace} delete pod {name}   # its owner makes a new one, which the CNI plugin wires anew';

export const podDefaultRouteMissing = defineRule({
  id: 'pod-default-route-missing',
  description:
    'In its own network namespace, a pod of the flow lacks its address or a route to the other end. Or it has the ' +
    'address of the other end.',
  step: 'endpoint',
  requires: ['flow'],
  considers: ['flow-outcome', 'pod-network', 'source-pod-network'],
  lacks: ['interface'],
  advice: {
    who: 'the owner of pod {pod}',
    commands: [
      rewire,
      'ip netns exec {netns} ip addr replace {address}/32 dev {device}   # or by hand, on {node}: the address,',
      'ip netns exec {netns} ip route replace 169.254.1.1 dev {device} scope link   # the gateway,',
      'ip netns exec {netns} ip route replace default via 169.254.1.1 dev {device}   # and the route through it',
    ],
  },
  messages: {
    routeless: {
      title: 'Pod {pod} has no routes in its own network namespace',
      detail:
        'Packets reach the pod, and nothing that it sends leaves it. Its kernel says of {peer}: {words}. An ' +
        'interface that goes down and up again loses its routes, and nobody restores them.{twinNetwork}',
    },
    unroutable: {
      title: 'Pod {pod} has no route to {peer} in its own network namespace',
      detail: 'Its kernel says: {words}. Its routes: {routes}.{twinNetwork}',
    },
    addressless: {
      title: 'Pod {pod} does not have its address {address} on {device}',
      detail: 'The pod drops packets to an address that it does not have. On {device} it has {addresses}.{twinNetwork}',
    },
    peerAddress: {
      title: 'Pod {pod} has the address {peer} of the other end itself, on {by}',
      detail: 'The pod keeps what it sends to {peer}: no packet leaves it.',
    },
  },
  judge({ flow: { source, destination } }, considered) {
    const sides: readonly Side[] = [
      { end: source, peer: destination, network: considered['source-pod-network'] },
      { end: destination, peer: source, network: considered['pod-network'] },
    ];
    const judged = sides.filter(({ network }) => network.status === 'observed' || network.code !== 'not-applicable');
    if (judged.length === 0) return notApplicable('no end of the flow is a pod with a network of its own');
    const { 'flow-outcome': outcome } = considered;
    // A sandbox with a network stack of its own keeps nothing in the namespace: its kernel is not this one.
    if (outcome.status === 'observed' && outcome.value.judgedPort === 'works')
      return pass('the flow works, so each pod has a way to send');
    const findings = judged.flatMap((side) =>
      findingsOf(
        side,
        sides.find((one) => one !== side),
      ),
    );
    if (findings.length > 0) return fail(...findings);
    const unknown = judged.flatMap((side) => unknownOf(side) ?? []);
    if (unknown.length > 0) return inconclusive(unknown.join('; '));
    return pass(`${judged.map(({ end }) => nameOf(end)).join(' and ')} has its address, and a route to the other end`);
  },
});

function findingsOf({ end, peer, network }: Side, other: Side | undefined): readonly RawFinding<Lack>[] {
  if (network.status === 'unavailable') return [];
  const { way, routes } = network.value;
  const device = network.value.ownInterface ?? 'eth0';
  const own = network.value.links.find(({ name }) => name === network.value.ownInterface);
  const { node, address, namespace, name } = end;
  const host = network.value.hostInterface ?? end.interface;
  const all = network.value.links.flatMap(({ addresses }) => addresses.map((one) => one.address));
  const lack = own && !all.includes(address) ? 'addressless' : lackOf(network.value);
  if (lack === null) return [];
  const keeper = network.value.links.find(({ addresses }) => addresses.some((one) => one.address === peer.address));
  return [
    {
      message: lack,
      data: {
        pod: nameOf(end),
        namespace: namespace ?? 'default',
        name,
        node: node ?? '?',
        netns: network.value.namespace,
        device,
        address,
        peer: peer.address,
        words: way.kind === 'refused' ? way.words : '',
        routes: routes.join('; '),
        by: keeper?.name ?? 'lo',
        addresses: own?.addresses.map((one) => one.address).join(', ') || 'no address',
        twinNetwork: other ? twinWords(other) : '',
      },
      subject: { kind: 'Pod', name: nameOf(end) },
      node,
      proof: 'read',
      evidence: network.evidence,
      stopsFlow: true,
      lacks: node !== null && host !== null ? [podInterface(node, host)] : [],
      ...(familyOf(address) === 6 ? { advice: ofIpv6 } : {}),
    },
  ];
}

/** The gateway of a pod of IPv6 is known to its CNI plugin alone. */
const ofIpv6: Advice = { who: 'the owner of pod {pod}', commands: [rewire] };

/** What its own tables lack to lead packets to the other end out of the pod; null: nothing, or it is not known. */
function lackOf({ way, routes, ownInterface }: PodNetwork): Lack | null {
  if (way.kind === 'refused') return routes.length === 0 ? 'routeless' : 'unroutable';
  return way.kind === 'route' && way.type === 'local' && ownInterface !== null ? 'peerAddress' : null;
}

/** Says what the pod at the other end has, after a space; empty where it lacks something, too. */
function twinWords({ end, network }: Side): string {
  if (end.kind !== 'pod' || network.status === 'unavailable' || lackOf(network.value) !== null) return '';
  const { links, ownInterface, routes } = network.value;
  const own = links.find(({ name }) => name === ownInterface);
  if (routes.length === 0 || !own?.addresses.some(({ address }) => address === end.address)) return '';
  return ` Pod ${nameOf(end)} has its address ${end.address} on ${own.name}, and the routes: ${routes.join('; ')}.`;
}

/** Why a side without a finding is no pass. */
function unknownOf({ end, network }: Side): string | null {
  if (network.status === 'unavailable') return `not checked: the network of ${nameOf(end)}: ${network.reason}`;
  const { way, ownInterface } = network.value;
  if (ownInterface === null) return `${nameOf(end)} has no interface that leads to its node`;
  if (way.kind !== 'route') return `not checked: the route of ${nameOf(end)} to the other end`;
  return way.device === ownInterface && way.type === 'unicast'
    ? null
    : `${nameOf(end)} sends to the other end by ${way.device}, not by ${ownInterface}`;
}

function nameOf({ namespace, name }: FlowEnd): string {
  return namespace === null ? name : `${namespace}/${name}`;
}
