import type { Evidence, Fact } from '../../model/evidence.ts';
import type { Flow } from '../../model/flow.ts';
import type { Install } from '../../model/install.ts';
import { isFull, isLimited, notShown, type PathSizes, type SeenSizes, type SizedWay } from '../../model/path-sizes.ts';
import { listRule } from '../../model/list-rule.ts';
import {
  defineRule,
  fail,
  inconclusive,
  notApplicable,
  pass,
  type Advice,
  type RawFinding,
  type Subject,
} from '../../model/rule.ts';
import { isCrossNode } from '../../model/flow-place.ts';
import { tooBigDrop, type TooBigDrop } from '../lib/too-big-dropped.ts';
import { everyWay, onThisInstall, partsData } from '../lib/calico-parts.ts';

type Found = RawFinding<'lost' | 'unanswered' | 'interface' | 'ends'>;

const networkTeam = 'the team of the network between the nodes';
const findHop =
  'tracepath -n {address}   # on {fromNode}: the hop after which packets of more than {wire} bytes get no answer';
/** A workaround: pods whose packets fit. */
const podMtu = {
  manifest:
    'kubectl patch configmap calico-config -n {calicoNamespace} --type merge ' +
    '-p \'{"data":{"veth_mtu":"{passed}"}}\'   # a workaround; then restart calico-node and the pods',
  operator:
    'kubectl patch installation default --type merge -p \'{"spec":{"calicoNetwork":{"mtu":{passed}}}}\'' +
    '   # a workaround; then restart the pods',
};

export const pathMtuTooSmall = defineRule({
  id: 'path-mtu-too-small',
  description: 'Small packets arrive, and packets above a size vanish: connections open, then hang.',
  step: 'underlay',
  sharedBy: 'both-nodes',
  requires: ['flow', 'path-sizes'],
  considers: ['install', 'large-drops', 'rulesets@target', 'rulesets@source'],
  advice: {
    who: networkTeam,
    commands: [findHop, ...everyWay(podMtu)],
  },
  messages: {
    lost: {
      title: 'Packets of more than {wire} bytes from {fromNode} do not reach {toNode}',
      detail:
        'Small packets arrive. Pings of {passed} bytes are answered and pings of {lostSize} bytes are not{inside}. ' +
        '{left} packets of full size left {fromNode}, and {arrived} reached {toNode}. ' +
        'No hop said that they were too large, so TCP connections open and then hang.',
    },
    unanswered: {
      title: 'Packets of more than {wire} bytes are lost between {fromNode} and {toNode}',
      detail:
        'Small packets are answered. Pings of {passed} bytes are answered and pings of {lostSize} bytes are not' +
        '{inside}. The direction is not known: no capture shows it. ' +
        'No hop said that they were too large, so TCP connections open and then hang.',
    },
    interface: {
      title: 'Packets of more than {passed} bytes do not pass {interface} of {pod}',
      detail:
        'Pings of {passed} bytes from {from} to {to} are answered and pings of {lostSize} bytes are not. ' +
        'The two ends of {interface} on {fromNode} can have different MTUs.',
    },
    ends: {
      title: 'Packets of more than {passed} bytes from {from} get no answer from {to}',
      detail:
        'Pings of {passed} bytes are answered and pings of {lostSize} bytes are not. ' +
        'No hop said that they were too large, so TCP connections open and then hang.',
    },
  },
  judge({ flow, 'path-sizes': sizes }, { install, 'large-drops': dropped, ...nodes }, evidence) {
    const filter = tooBigDrop([nodes['rulesets@target'], nodes['rulesets@source']]);
    const findings = findingsOf(sizes, { flow, install, filter, evidence: evidence('path-sizes') });
    const [filtered] = dropped.status === 'observed' ? dropped.value : [];
    // What left one node and did not reach the other, no rule of a node takes.
    if (filtered && findings.length > 0 && findings.every(({ message }) => message !== 'lost'))
      return notApplicable(`a rule on ${filtered.node} drops large packets`);
    if (findings.length > 0) return fail(...findings);
    const { ways, needed } = sizes;
    if (ways.length === 0) return inconclusive('no full-sized packet could be sent');
    const unsteady = ways.find((way) => way.unsteady && !isFull(way));
    if (unsteady)
      return inconclusive(
        `packets from ${unsteady.from} to ${unsteady.to} are lost now and then, and their size does not decide which`,
      );
    const [open] = notShown(sizes, isCrossNode(flow));
    return open === undefined
      ? pass(`packets of up to ${needed} bytes arrive in both directions, or a hop refuses them and says its size`)
      : inconclusive(
          `no full-sized packet was seen to arrive ${open === 'request' ? 'at the pod' : 'back from the pod'}`,
        );
  },
});

/** At a pod's own interface no network team can help. */
const atInterface: Advice = {
  who: 'the cluster administrator',
  commands: [
    'ip -d link show {interface}   # on {fromNode}: the MTU of the end on the node; the end in the pod must be equal',
    'cat /var/lib/calico/mtu   # on {fromNode}: the MTU of both ends of a new pod; a pod that is created anew gets it',
  ],
};

interface Told {
  readonly flow: Flow;
  readonly install: Fact<Install>;
  /** It may be why no hop was heard to say that the packets are too large. */
  readonly filter: TooBigDrop | null;
  readonly evidence: readonly Evidence[];
}

function findingsOf(sizes: PathSizes, told: Told): readonly Found[] {
  const { ways, seen, needed } = sizes;
  const limited = ways.filter(isLimited);
  const [measured] = limited;
  if (!measured) return [];
  const between = limited.find(({ kind }) => kind === 'request' || kind === 'reply');
  if (between) {
    const request = between.kind === 'request' ? between : turned(between);
    const lost = [
      ...(seen && isLost(seen.there) ? [foundLost(told, request, seen.there)] : []),
      ...(seen && isLost(seen.back) ? [foundLost(told, turned(request), seen.back)] : []),
    ];
    return lost.length > 0 ? lost : [found(told, 'unanswered', request, pairOf(request), 'inferred')];
  }
  // Where the nodes' own packets pass, the ends of the way are left: an interface that takes less than its pod sends.
  const own = ways.find((way) => way.kind === 'own-node' && (isLimited(way) || (way.told ?? needed) < needed));
  if (own?.interface) {
    const { interface: name, to, fromNode } = own;
    const subject = { kind: 'Interface', name: `${name} on ${fromNode}` } as const;
    return [
      {
        ...found(told, 'interface', { ...measured, fromNode }, subject, 'inferred', { interface: name, pod: to }),
        advice: atInterface,
      },
    ];
  }
  return [found(told, 'ends', measured, { kind: 'Pod', name: measured.to }, 'inferred')];
}

/** The same sizes the other way round: a ping and its answer are of one size. */
function turned(way: SizedWay): SizedWay {
  return { ...way, from: way.to, to: way.from, fromNode: way.toNode, toNode: way.fromNode };
}

/** "Not arrived" counts only beside small packets that the same captures saw at both ends. */
function isLost({ left, arrived, smallArrived }: SeenSizes): boolean {
  return left >= 2 && arrived === 0 && smallArrived > 0;
}

function showing({ rule }: TooBigDrop): string {
  return (
    `${listRule(rule)}   # rule ${rule.index} can drop the ICMP message that packets are too large: remove it, and ` +
    'senders send smaller ones'
  );
}

function pairOf({ fromNode, toNode }: SizedWay): Subject {
  return { kind: 'NodePair', name: `${fromNode}→${toNode}` };
}

function foundLost(told: Told, way: SizedWay, { left, arrived }: SeenSizes): Found {
  return found(told, 'lost', way, pairOf(way), 'capture', { left: String(left), arrived: String(arrived) });
}

function found(
  { flow, install, filter, evidence }: Told,
  message: Found['message'],
  way: SizedWay,
  subject: Subject,
  proof: Found['proof'],
  more: Readonly<Record<string, string>> = {},
): Found {
  const { passed, lost, from, to, fromNode, toNode, headerBytes } = way;
  const wire = (passed ?? 0) + headerBytes;
  return {
    message,
    data: {
      ...partsData(install),
      from,
      to,
      fromNode,
      toNode,
      passed: String(passed),
      lostSize: String(lost),
      wire: String(wire),
      address: [flow.source, flow.destination].find(({ node }) => node === toNode)?.nodeAddress ?? toNode,
      inside: headerBytes > 0 ? ` (${headerBytes} bytes more on the network between the nodes)` : '',
      ...more,
    },
    subject,
    node: message === 'interface' ? fromNode : null,
    proof,
    evidence,
    stopsFlow: true,
    ofLargePackets: true,
    advice: {
      who: filter ? `the owner of the firewall on ${filter.node}` : networkTeam,
      commands: [...(filter ? [showing(filter)] : []), findHop, ...onThisInstall(install, podMtu)],
    },
  };
}
