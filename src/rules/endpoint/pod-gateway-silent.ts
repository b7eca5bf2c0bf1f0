import { familyOf } from '../../model/addresses.ts';
import { isCrossNode } from '../../model/flow-place.ts';
import { picking, type Evidence, type Fact } from '../../model/evidence.ts';
import type { PodInterfaceKey } from '../../model/fix-inputs.ts';
import type { Flow, FlowEnd } from '../../model/flow.ts';
import type { Pod } from '../../model/kubernetes.ts';
import { wayOf, type KernelWay } from '../../model/kernel-way.ts';
import type { InterfaceSettings, PodNetwork, NeighbourEntry } from '../../model/network.ts';
import {
  forwarding,
  nodeNetworking,
  podInterface,
  returnRoute,
  wayThrough,
  type Resource,
} from '../../model/resource.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type Advice, type RawFinding } from '../../model/rule.ts';
import { savedIn } from '../../model/saved-settings.ts';
import { settingsOf } from '../lib/flow-entries.ts';
import { calicoGateway, isRouteless, leadsNowhere } from '../lib/gateway-way.ts';
import { twinSettingWords } from '../lib/twin-interface.ts';

/** The kernel sends to a neighbour in these states, while it asks again or not. */
const usable: readonly string[] = ['REACHABLE', 'PERMANENT', 'NOARP'];
/** Here too, and it is about to ask again. */
const ageing: readonly string[] = ['STALE', 'DELAY', 'PROBE'];

type Silence = 'proxyArp' | 'noRoute' | 'notForwarding' | 'proxyArpAsked';

interface Side {
  /** Its main table leads nowhere for the gateway. */
  readonly isRouteless: boolean;
  readonly end: FlowEnd;
  readonly sends: 'requests' | 'answers';
  readonly network: Fact<PodNetwork>;
  readonly settings: Fact<InterfaceSettings>;
  readonly way: KernelWay | null;
  readonly evidence: readonly Evidence[];
  readonly flow: Flow;
  readonly pods: Fact<readonly Pod[]>;
}

export const podGatewaySilent = defineRule({
  id: 'pod-gateway-silent',
  description: "The node does not answer a pod's ARP for its gateway, so nothing that the pod sends leaves it.",
  step: 'endpoint',
  requires: ['flow', 'kernel-ways'],
  considers: [
    'flow-outcome',
    'pod-network',
    'source-pod-network',
    'interface-settings@target',
    'interface-settings@source',
    'pods',
    'routes@target',
    'routing@target',
  ],
  lacks: ['interface', 'forwarding', 'returnRoute', 'way', 'nodeNetworking'],
  fix: 'turn-on-proxy-arp',
  advice: {
    who: 'the owner of node {node}',
    commands: [
      'ip route get 169.254.1.1 from {address} iif {interface}   # must leave by another interface',
      'sysctl net/ipv4/conf/{interface}/proxy_arp net/ipv4/conf/{interface}/forwarding   # must both be 1',
      'sysctl -w net/ipv4/conf/{interface}/proxy_arp=1',
    ],
  },
  messages: {
    proxyArp: {
      title: "{node} does not answer for pod {pod}'s gateway: proxy ARP is off for {interface}",
      detail:
        'The pod sends its {sends} to its gateway 169.254.1.1, and its node answers ARP for that address while ' +
        'net.ipv4.conf.{interface}.proxy_arp is 1. It is 0.{twinSetting} The neighbour ' +
        'entry in the pod is {entry}.{saved}',
    },
    proxyArpAsked: {
      title: '{node} does not answer what pod {pod} asks by ARP: proxy ARP is off for {interface}',
      detail:
        'The pod sends its {sends} to {asked} without a gateway: its own address or route says that {asked} is ' +
        'beside it. Then the pod asks for {asked} by ARP, and its node answers while ' +
        'net.ipv4.conf.{interface}.proxy_arp is 1. It is 0.{twinSetting} The neighbour entry in the pod is ' +
        '{entry}.{saved}',
    },
    noRoute: {
      title: "{node} does not answer for pod {pod}'s gateway: it has no route for 169.254.1.1",
      detail:
        'The pod sends its {sends} to its gateway 169.254.1.1. Its node answers ARP for that address only ' +
        'where it has a route by another interface, such as a default route. The kernel says: {way}. The ' +
        'neighbour entry in the pod is {entry}.',
    },
    notForwarding: {
      title: "{node} does not answer for pod {pod}'s gateway: forwarding is off for {interface}",
      detail:
        'The pod sends its {sends} to its gateway 169.254.1.1. Its node answers ARP for that address only ' +
        'where it forwards what comes in by {interface}. The neighbour entry in the pod is {entry}.',
    },
  },
  judge({ flow, 'kernel-ways': ways }, considered, evidence) {
    const { source, destination } = flow;
    if (familyOf(destination.address) === 6)
      return notApplicable("a pod's gateway of IPv6 is the link-local address of its own interface on the node");
    const isOneNode = !isCrossNode(flow);
    const sides: readonly Side[] = [
      {
        end: source,
        sends: 'requests',
        network: considered['source-pod-network'],
        settings: considered[isOneNode ? 'interface-settings@target' : 'interface-settings@source'],
        way: wayOf(ways, { of: 'source-gateway' }),
        isRouteless: false,
        evidence: evidence(isOneNode ? 'interface-settings@target' : 'interface-settings@source'),
        flow,
        pods: considered.pods,
      },
      {
        end: destination,
        sends: 'answers',
        network: considered['pod-network'],
        settings: considered['interface-settings@target'],
        way: wayOf(ways, { of: 'target-gateway' }),
        evidence: evidence('interface-settings@target'),
        isRouteless: isRouteless(considered['routes@target'], considered['routing@target']),
        flow,
        pods: considered.pods,
      },
    ];
    const podSides = sides.filter(({ network }) => network.status === 'observed' || network.code !== 'not-applicable');
    if (podSides.length === 0) return notApplicable('no end of the flow is a pod with a network of its own');
    const { 'flow-outcome': outcome } = considered;
    if (outcome.status === 'observed' && outcome.value.judgedPort === 'works')
      return pass('the flow works, so the node answers for the gateways of its pods');
    const judged = podSides.map((side) => ({ side, said: judgeSide(side) }));
    const findings = judged.flatMap(({ side, said }) =>
      'silences' in said ? said.silences.map((silence) => findingOf(side, said, silence)) : [],
    );
    if (findings.length > 0) return fail(...findings);
    const unknown = judged.flatMap(({ said }) => ('unknown' in said ? [said.unknown] : []));
    if (unknown.length > 0) return inconclusive(unknown.join('; '));
    return pass(`the node answers for the gateway of ${podSides.map(({ end }) => nameOf(end)).join(' and ')}`);
  },
});

interface Silent {
  /** For what the pod asks by ARP. */
  readonly asked: string;
  /** What the node lacks to answer, each for itself. */
  readonly silences: readonly Silence[];
  readonly neighbour: NeighbourEntry | null;
  readonly network: Fact<PodNetwork> & { readonly status: 'observed' };
}
type Said = Silent | { readonly unknown: string } | { readonly answers: true };

function judgeSide({ end, network, settings, way, isRouteless: routeless, flow }: Side): Said {
  if (network.status === 'unavailable')
    return { unknown: `not checked: the network of ${nameOf(end)}: ${network.reason}` };
  const own = network.value.way;
  // Without a route of its own the pod asks for no gateway: another rule's to say.
  if (own.kind !== 'route' || own.type !== 'unicast') return { answers: true };
  if (own.gateway === null && own.device !== network.value.ownInterface) return { answers: true };
  const peer = end === flow.source ? flow.destination : flow.source;
  const asked = own.gateway ?? peer.address;
  if (own.gateway !== null && own.gateway !== calicoGateway)
    return { unknown: `${nameOf(end)} uses the gateway ${own.gateway}, which is not Calico's` };
  const neighbour = network.value.neighbours.find((one) => one.address === asked && one.device === own.device) ?? null;
  // An answer that holds, or that somebody wrote into the pod: other plugins do, and nobody has to answer then.
  if (neighbour !== null && usable.includes(neighbour.state)) return { answers: true };
  if (neighbour !== null && ageing.includes(neighbour.state))
    return { unknown: `${nameOf(end)} still knows its gateway (${neighbour.state}), and does not ask for it` };
  const name = network.value.hostInterface ?? end.interface ?? '';
  const mine = settingsOf(settings, name);
  const all = settingsOf(settings, 'all');
  const isOff = mine?.proxyArp === false && all?.proxyArp === false;
  // A node answers for its own address in any case; for another one than the gateway's it may have another route.
  if (own.gateway === null)
    return isOff && (peer.kind === 'pod' || peer.node !== end.node)
      ? { silences: ['proxyArpAsked'], asked, neighbour, network }
      : { unknown: `${nameOf(end)} asks for ${asked} itself, and not for its gateway` };
  const silences: readonly Silence[] = [
    // Without a route it does not answer either, once it forwards.
    ...(mine?.forwarding === false && !routeless
      ? (['notForwarding'] as const)
      : way && leadsNowhere(way, name)
        ? (['noRoute'] as const)
        : []),
    ...(isOff ? (['proxyArp'] as const) : []),
  ];
  if (silences.length > 0) return { silences, asked, neighbour, network };
  if (mine?.proxyArp == null || all?.proxyArp == null || mine.forwarding === null)
    return { unknown: `not checked: proxy ARP and forwarding of ${name} on ${end.node}` };
  if (way === null || way.answer.kind === 'unavailable' || way.doubt !== null)
    return { unknown: `not checked: the way of ${end.node} to ${calicoGateway}` };
  if (neighbour !== null)
    return {
      unknown: `the entry of its gateway in ${nameOf(end)} is ${neighbour.state}, and ${end.node} is set to answer`,
    };
  return { answers: true };
}

function findingOf(
  side: Side,
  { silences, asked, neighbour, network }: Silent,
  silence: Silence,
): RawFinding<Silence, PodInterfaceKey> {
  const { end, sends, settings, way, evidence } = side;
  const { address, node } = end;
  const [at, of] = [node ?? '?', network.value.hostInterface ?? end.interface ?? '?'];
  return {
    message: silence,
    data: {
      node: at,
      pod: nameOf(end),
      interface: of,
      address,
      sends,
      asked,
      entry: neighbour === null ? 'not there' : neighbour.state,
      way: way === null ? '' : wayWords(way),
      saved: savedWords(settings, of),
      twinSetting: isOfProxyArp(silence) ? twinSettingWords(side, settings, 'proxyArp') : '',
    },
    subject: { kind: 'Interface', name: of },
    node,
    proof: 'read',
    evidence: [
      ...picking(network.evidence, (line) => line.includes(asked)),
      ...(silence === 'noRoute' ? (way?.evidence ?? []) : picking(evidence, (line) => line.includes(`/${of}/`))),
    ],
    stopsFlow: true,
    lacks: [
      podInterface(at, of),
      // Who stops the forwarding, or takes the route, leaves proxy ARP as it is.
      ...(side.isRouteless || isOfProxyArp(silence) ? [] : [forwarding(at, of), returnRoute(at, address)]),
      // A rule that takes what the pod sends takes what it sends to the gateway.
      ...(way?.answer.kind === 'refused' && !side.isRouteless && silence === 'noRoute' ? [podsWay(side, at)] : []),
      nodeNetworking(at),
    ],
    ...buttonFor(end, of, { silence, isOnly: silences.length === 1 }),
    ...(adviceFor[silence] ? { advice: adviceFor[silence] } : {}),
  };
}

function isOfProxyArp(silence: Silence): boolean {
  return silence === 'proxyArp' || silence === 'proxyArpAsked';
}

function podsWay({ flow, sends }: Side, node: string): Resource {
  if (!isCrossNode(flow)) return wayThrough(node, sends === 'requests' ? 'same-node' : 'reply-same-node');
  return wayThrough(node, sends === 'requests' ? 'source-egress' : 'reply-target-egress');
}

/** The rule's own advice sets proxy ARP, which these do not wait for. */
const adviceFor: Readonly<Partial<Record<Silence, Advice>>> = {
  noRoute: {
    who: 'the owner of node {node}',
    commands: [
      'ip route get 169.254.1.1 from {address} iif {interface}   # must leave by another interface',
      "ip -4 addr show to {address}   # must show nothing: the node may not have the pod's address",
    ],
  },
  notForwarding: {
    who: 'the owner of node {node}',
    commands: ['sysctl net/ipv4/conf/{interface}/forwarding   # must be 1'],
  },
};

/** Proxy ARP alone helps only where the node has a route for the gateway, and forwards. */
function buttonFor(
  { node, nodeAddress, address }: FlowEnd,
  name: string,
  { silence, isOnly }: { readonly silence: Silence; readonly isOnly: boolean },
): Pick<RawFinding<Silence, PodInterfaceKey>, 'fixInput' | 'noFix'> {
  if (silence === 'noRoute') return { noFix: 'a route of the node is for its owner to add' };
  if (silence === 'notForwarding') return { noFix: 'proxy ARP is not what is missing' };
  if (!isOnly) return { noFix: 'proxy ARP alone does not help here' };
  if (node === null || nodeAddress === null) return { noFix: 'the address of the node is not known' };
  return { fixInput: { node, nodeAddress, interface: name, address } };
}

function wayWords({ answer }: KernelWay): string {
  if (answer.kind === 'refused') return answer.words;
  return answer.kind === 'route' ? `it leaves by ${answer.device}` : answer.reason;
}

function savedWords(settings: Fact<InterfaceSettings>, name: string): string {
  if (settings.status === 'unavailable') return '';
  const file = savedIn(settings.value, { interface: name, key: 'proxy_arp', values: ['0'], all: false });
  return file === null ? '' : ` ${file} turns it off when the node starts.`;
}

function nameOf({ namespace, name }: FlowEnd): string {
  return namespace === null ? name : `${namespace}/${name}`;
}
