import { picking } from '../../model/evidence.ts';
import type { FlowEnd } from '../../model/flow.ts';
import type { PassageMark } from '../../model/passage.ts';
import { returnRoute, sourceAddress } from '../../model/resource.ts';
import { ruleWords } from '../../model/rule-words.ts';
import { defineRule, fail, inconclusive, pass, type RawFinding } from '../../model/rule.ts';

/** One may be a packet of an earlier connection. */
const fewest = 2;

export const conntrackInvalidDropped = defineRule({
  id: 'conntrack-invalid-dropped',
  description: "Connection tracking calls the flow's TCP packets invalid, and a rule drops them for that.",
  step: 'filter',
  requires: ['flow', 'passage', 'invalid-drops'],
  lacks: ['returnRoute', 'sourceAddress'],
  advice: {
    who: 'the owner of node {node}',
    commands: [
      'ip route get {peer}   # on {node}: do both directions of the connection come by this node and these interfaces?',
      'sysctl net.netfilter.nf_conntrack_log_invalid=6   # on {node}: then dmesg says why; set it to 0 again',
      'conntrack -L -s {source} -d {destination}   # on {node}: is the connection there, and in which state?',
      'calicoctl patch felixconfiguration default -p \'{"spec":{"disableConntrackInvalidCheck":true}}\'   # a ' +
        'way out ' +
        'where packets take two ways on purpose',
    ],
  },
  messages: {
    dropped: {
      title: '{node} drops {what} as invalid: connection tracking does not know the connection',
      detail:
        'It was seen at {seen} and not at {missing}. In that time {rule} dropped {packets} packets. A SYN that took ' +
        'another way than its answer, a wrong checksum, or a number outside the window makes a packet invalid.',
    },
  },
  judge({ flow, passage, 'invalid-drops': drops }, _considered, evidence) {
    const { marks, stop } = passage;
    const [seen, missing] = stop ? [marks[stop.lastSeen], marks[stop.missing]] : [];
    if (!stop || !seen || !missing) return pass('the flow stops on no node');
    const own = drops.filter(({ node, rule, packets }) => packets >= fewest && isOfFlow(rule.chain, node, flow));
    if (own.length > 0 && stop.direction === null)
      return inconclusive('packets were dropped as invalid, and whether they are of this flow is not known');
    const findings = own.map(({ node, rule, packets }): RawFinding<'dropped'> => ({
      message: 'dropped',
      data: {
        node,
        what: stop.direction === 'reply' ? 'the reply' : 'the packet',
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
      proof: 'capture',
      evidence: [
        ...picking(
          evidence('invalid-drops').filter((one) => one.node === node),
          (line) => line.includes(rule.chain) && /INVALID|invalid/.test(line),
        ),
        ...evidence('passage'),
      ],
      stopsFlow: true,
      lacks: [returnRoute(node, peerOf(node, flow).address), sourceAddress(node)],
    }));
    return findings.length > 0
      ? fail(...findings)
      : pass('no rule against invalid packets rose for the pods of the flow');
  },
});

/** The chains of a pod's own interface: others count what is of other pods. */
function isOfFlow(
  chain: string,
  node: string,
  { source, destination }: { readonly source: FlowEnd; readonly destination: FlowEnd },
): boolean {
  const [, name] = /^(?:filter-)?cali-[ft]w-(.{1,40})$/.exec(chain) ?? [];
  return [source, destination].some((end) => end.node === node && end.interface !== null && end.interface === name);
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
