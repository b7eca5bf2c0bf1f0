import { isCrossNode } from '../../model/flow-place.ts';
import { picking } from '../../model/evidence.ts';
import type { FlowEnd } from '../../model/flow.ts';
import type { PassageMark } from '../../model/passage.ts';
import { returnRoute, sourceAddress, wayThrough, type Resource } from '../../model/resource.ts';
import { ruleWords } from '../../model/rule-words.ts';
import { defineRule, fail, inconclusive, pass, type RawFinding } from '../../model/rule.ts';

/** One may be a packet of an earlier connection. */
const fewest = 2;

export const conntrackInvalidDropped = defineRule({
  id: 'conntrack-invalid-dropped',
  description: "Connection tracking calls the flow's TCP replies invalid, and a rule drops them for that.",
  step: 'filter',
  requires: ['flow', 'passage', 'invalid-drops'],
  lacks: ['returnRoute', 'sourceAddress', 'way'],
  advice: {
    who: 'the owner of node {node}',
    commands: [
      'ip route get {peer}   # on {node}: do both directions of the connection come by this node and these interfaces?',
      'sysctl net.netfilter.nf_conntrack_log_invalid=6   # on {node}: then dmesg says why; set it to 0 again',
      'conntrack -L -s {source} -d {destination}   # on {node}: is the connection there, and in which state?',
      'calicoctl patch felixconfiguration default -p \'{"spec":{"disableConntrackInvalidCheck":true}}\'   # a ' +
        'way out where packets take two ways on purpose',
    ],
  },
  messages: {
    dropped: {
      title: '{node} drops the reply as invalid: connection tracking does not know the connection',
      detail:
        'It was seen at {seen} and not at {missing}. Since the first look, the counter of {rule} rose by {packets} ' +
        'packets. It counts this pod alone, and every connection of it. A SYN that took another way than its answer, ' +
        'a wrong checksum, or a number outside the window makes a reply invalid.',
    },
  },
  judge({ flow, passage, 'invalid-drops': drops }, _considered, evidence) {
    const { marks, stop } = passage;
    const [seen, missing] = stop ? [marks[stop.lastSeen], marks[stop.missing]] : [];
    if (!stop || !seen || !missing) return pass('the flow stops on no node');
    const own = drops.filter(
      ({ node, rule, packets }) => packets >= fewest && isOfReply(rule.chain, node, flow, marks),
    );
    if (stop.direction === 'request') return pass('the flow stops before any reply, and what opens it is not invalid');
    if (own.length > 0 && stop.direction === null)
      return inconclusive('replies were dropped as invalid, and whether the flow loses its replies is not known');
    const findings = own.map(({ node, rule, packets }): RawFinding<'dropped'> => ({
      message: 'dropped',
      data: {
        node,
        peer: node === flow.destination.node ? flow.source.address : flow.destination.address,
        source: flow.source.address,
        destination: flow.destination.address,
        seen: markWords(seen),
        missing: markWords(missing),
        rule: ruleWords(rule),
        packets: String(packets),
      },
      subject: { kind: 'Rule', name: `${rule.table} ${rule.chain} ${rule.index}` },
      node,
      // The counter has other connections of the pod in it.
      proof: 'inferred',
      evidence: [
        ...picking(
          evidence('invalid-drops').filter((one) => one.node === node),
          (line) => line.includes(rule.chain) && /INVALID|invalid/.test(line),
        ),
        ...evidence('passage'),
      ],
      stopsFlow: true,
      lacks: [returnRoute(node, peerOf(node, flow).address), sourceAddress(node), ...wayOfReply(node, flow)],
    }));
    return findings.length > 0
      ? fail(...findings)
      : pass('no rule against invalid packets rose for the pods of the flow');
  },
});

/** The chain that a reply meets at the interface of a pod, on this node: others count what is of other pods. */
function isOfReply(
  chain: string,
  node: string,
  { source, destination }: { readonly source: FlowEnd; readonly destination: FlowEnd },
  marks: readonly PassageMark[],
): boolean {
  const [, way, name] = /^(?:filter-)?cali-([ft])w-(.{1,40})$/.exec(chain) ?? [];
  const [end, point] = way === 'f' ? ([destination, 'target-pod'] as const) : ([source, 'source-pod'] as const);
  // Where another plugin names the interface, the capture there knows its name.
  const own = marks.find((mark) => mark.point === point)?.interface ?? end.interface;
  return end.node === node && end.interface !== null && own === name;
}

/** Where the kernel leads the reply elsewhere, the other end never acknowledges it, and what follows is invalid. */
function wayOfReply(
  node: string,
  flow: { readonly source: FlowEnd; readonly destination: FlowEnd },
): readonly Resource[] {
  if (node !== flow.destination.node) return [];
  return [wayThrough(node, isCrossNode(flow) ? 'reply-target-egress' : 'reply-same-node')];
}

function peerOf(node: string, { source, destination }: { readonly source: FlowEnd; readonly destination: FlowEnd }) {
  return node === destination.node ? source : destination;
}

function markWords({ interface: name, node, point }: PassageMark): string {
  return name === null
    ? point === 'sender'
      ? 'the sender'
      : `the pod on ${node ?? '?'}`
    : `${name} on ${node ?? '?'}`;
}
