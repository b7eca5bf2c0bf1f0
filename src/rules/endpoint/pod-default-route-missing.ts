import { addressRange, familyOf, rangeHolds } from '../../model/addresses.ts';
import type { Fact } from '../../model/evidence.ts';
import type { FlowEnd } from '../../model/flow.ts';
import type { PodNetwork } from '../../model/network.ts';
import type { Area, Passage } from '../../model/passage.ts';
import { podInterface } from '../../model/resource.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type Advice, type RawFinding } from '../../model/rule.ts';

type Lack = 'routeless' | 'unroutable' | 'ended' | 'ruled' | 'addressless' | 'peerAddress' | 'otherInterface';
interface Side {
  readonly area: Area;
  readonly end: FlowEnd;
  readonly peer: FlowEnd;
  readonly network: Fact<PodNetwork>;
}

const who = 'the owner of pod {pod}';
const rewire =
  'kubectl -n {namespace} delete pod {name}   # its owner makes a new one, which the CNI plugin wires anew';

export const podDefaultRouteMissing = defineRule({
  id: 'pod-default-route-missing',
  description:
    'In its own network namespace, a pod of the flow lacks its address or a route to the other end. Or it has the ' +
    'address of the other end, or sends to it by another interface.',
  step: 'endpoint',
  requires: ['flow'],
  considers: ['flow-outcome', 'pod-network', 'source-pod-network', 'passage'],
  lacks: ['interface'],
  advice: {
    who,
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
    ended: {
      title: 'Pod {pod} has a route of its own that ends packets to {peer}: {ending}',
      detail: 'Its kernel says: {words}. Its routes: {routes}. The CNI plugin of Calico does not write such a route.',
    },
    ruled: {
      title: 'Pod {pod} has a routing rule of its own that keeps it from sending to {peer}',
      detail:
        'Its kernel says: {words}. Its main table would lead there: {routes}. So a rule or another table decides ' +
        'before it. Its rules: {rules}. The CNI plugin of Calico writes none.',
    },
    otherInterface: {
      title: 'Pod {pod} sends to {peer} by its interface {by}, not by {device}',
      detail: 'Calico wires {device} alone, and sees nothing of what leaves by {by}. Its routes: {routes}.',
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
      { area: 'source-pod', end: source, peer: destination, network: considered['source-pod-network'] },
      { area: 'target-pod', end: destination, peer: source, network: considered['pod-network'] },
    ];
    const judged = sides.filter(({ network }) => network.status === 'observed' || network.code !== 'not-applicable');
    if (judged.length === 0) return notApplicable('no end of the flow is a pod with a network of its own');
    const { 'flow-outcome': outcome } = considered;
    // A sandbox with a network stack of its own keeps nothing in the namespace: its kernel is not this one.
    if (outcome.status === 'observed' && outcome.value.judgedPort === 'works')
      return pass('the flow works, so each pod has a way to send');
    const findings = judged.flatMap((side) =>
      findingsOf(side, { other: sides.find((one) => one !== side), passage: considered.passage }),
    );
    if (findings.length > 0) return fail(...findings);
    const unknown = judged.flatMap((side) => unknownOf(side) ?? []);
    if (unknown.length > 0) return inconclusive(unknown.join('; '));
    return pass(`${judged.map(({ end }) => nameOf(end)).join(' and ')} has its address, and a route to the other end`);
  },
});

/** What a side is judged beside: the other side, if it is a pod's, and where the captures lost the packet. */
interface Beside {
  readonly other: Side | undefined;
  readonly passage: Fact<Passage>;
}

function findingsOf({ area, end, peer, network }: Side, { other, passage }: Beside): readonly RawFinding<Lack>[] {
  if (network.status === 'unavailable') return [];
  const { way, routes } = network.value;
  const device = network.value.ownInterface ?? 'eth0';
  const own = network.value.links.find(({ name }) => name === network.value.ownInterface);
  const { node, address, namespace, name } = end;
  const host = network.value.hostInterface ?? end.interface;
  const all = network.value.links.flatMap(({ addresses }) => addresses.map((one) => one.address));
  const lack = own && !all.includes(address) ? 'addressless' : lackOf(network.value, peer.address);
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
        by: lack === 'otherInterface' && way.kind === 'route' ? way.device : (keeper?.name ?? 'lo'),
        rules: (network.value.rules ?? []).join('; '),
        ending: endingRoute(routes, peer.address) ?? '',
        addresses: own?.addresses.map((one) => one.address).join(', ') || 'no address',
        twinNetwork: other ? twinWords(other) : '',
      },
      subject: { kind: 'Pod', name: nameOf(end) },
      node,
      proof: 'read',
      evidence: network.evidence,
      // Another network may lead there, too: only a packet that stops at the pod shows that this one does not.
      stopsFlow: lack !== 'otherInterface' || mayStopIn(area, passage),
      lacks: node !== null && host !== null ? [podInterface(node, host)] : [],
      ...adviceOf(lack, familyOf(address)),
    },
  ];
}

const showPod = 'kubectl -n {namespace} get pod {name} -o yaml';
/** The gateway of a pod of IPv6 is known to its CNI plugin alone. */
const ofIpv6: Advice = { who, commands: [rewire] };
const ofOwnRoutes: Partial<Readonly<Record<Lack, Advice>>> = {
  ended: {
    who,
    commands: [
      `${showPod}   # which container, or which other network of the pod, adds routes?`,
      'ip netns exec {netns} ip route del {ending}   # on {node}: takes it away until it is added again',
    ],
  },
  ruled: {
    who,
    commands: [
      `${showPod}   # which container, or which other network of the pod, adds routing rules?`,
      'ip netns exec {netns} ip rule; ip netns exec {netns} ip route show table all   # on {node}: which of them?',
    ],
  },
  peerAddress: {
    who,
    commands: [
      `${showPod}   # which container adds addresses?`,
      'ip netns exec {netns} ip addr show to {peer}; ip netns exec {netns} ip route show table local   # on {node}',
      rewire,
    ],
  },
  otherInterface: {
    who,
    commands: [
      `${showPod}   # which container, or which other network of the pod, makes {by}?`,
      'ip netns exec {netns} ip route get {peer}   # on {node}: by which route? It must leave out the other pods',
      'ip netns exec {netns} ip rule   # on {node}: does a rule lead to another table?',
    ],
  },
};

function adviceOf(lack: Lack, family: 4 | 6): { readonly advice?: Advice } {
  const advice = ofOwnRoutes[lack] ?? (family === 6 ? ofIpv6 : null);
  return advice ? { advice } : {};
}

/** Captures do not show that the packet stops outside the pod. */
function mayStopIn(area: Area, passage: Fact<Passage>): boolean {
  const stop = passage.status === 'observed' ? passage.value.stop : null;
  return stop === null || stop.areas.includes(area);
}

/** What its own tables do to packets for the other end that do not leave the pod by its interface; null: they do. */
function lackOf({ way, routes, ownInterface, rules = [] }: PodNetwork, peer: string): Lack | null {
  if (way.kind === 'refused') {
    if (routes.length === 0) return 'routeless';
    const narrowest = narrowestRoute(routes, peer);
    if (narrowest?.ends != null) return 'ended';
    return narrowest && rules.length > 0 ? 'ruled' : 'unroutable';
  }
  if (way.kind !== 'route' || ownInterface === null) return null;
  if (way.type === 'local') return 'peerAddress';
  return way.type === 'unicast' && way.device !== ownInterface ? 'otherInterface' : null;
}

/** Returns the narrowest route of the main table for an address, if it ends packets, as `ip route` prints it. */
function endingRoute(routes: readonly string[], address: string): string | null {
  return narrowestRoute(routes, address)?.ends ?? null;
}

/** @returns null: the main table has none for the address that could be used */
function narrowestRoute(routes: readonly string[], address: string): { readonly ends: string | null } | null {
  const width = familyOf(address) === 6 ? 128 : 32;
  const fitting = routes.flatMap((line) => {
    if (/ dead(?: |$)/.test(line)) return [];
    const [, type = '', net = ''] =
      /^(?:(blackhole|unreachable|prohibit) )?([0-9a-f.:/]+|default)(?: |$)/.exec(line) ?? [];
    const range = net === 'default' || net === '' ? null : addressRange(net);
    if (net !== 'default' && !(range && rangeHolds(range, address))) return [];
    const length = net === 'default' ? 0 : Number(net.split('/')[1] ?? width);
    return [{ length, ends: type === '' ? null : `${type} ${net}` }];
  });
  return fitting.toSorted((a, b) => b.length - a.length)[0] ?? null;
}

/** Says what the pod at the other end has, after a space; empty where it lacks something, too. */
function twinWords({ end, peer, network }: Side): string {
  if (end.kind !== 'pod' || network.status === 'unavailable') return '';
  if (lackOf(network.value, peer.address) !== null) return '';
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
  return null;
}

function nameOf({ namespace, name }: FlowEnd): string {
  return namespace === null ? name : `${namespace}/${name}`;
}
