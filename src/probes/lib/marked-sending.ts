import { familyOf } from '../../model/addresses.ts';
import { isCrossNode } from '../../model/flow-place.ts';
import type { Transcript } from '../../model/command.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { Flow, FlowEnd } from '../../model/flow.ts';
import type { ReachAttempt } from '../../model/reachability.ts';
import { LookError } from '../../model/look-error.ts';
import type { NodeLook } from '../../model/probe.ts';
import type { FlowPort } from '../../model/target.ts';
import type { Link } from '../../model/network.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { answerOf } from '../parse/probe-answer.ts';
import { describeEnd } from '../../model/flow-end-words.ts';
import { isDns, sendOne, sentLength, tryOne, type SendCommand, type Sender } from './send-one.ts';
import type { WalkedNode } from '../../flow-walks/walked-node.ts';

export interface SendingQuestion {
  readonly flow: Flow;
  readonly look: { nonce(purpose: string): number };
  readonly targetNode: NodeLook<SendCommand>;
  readonly sourceNode: NodeLook<SendCommand>;
  readonly target: WalkedNode;
  readonly source: WalkedNode;
}
export interface AskedSending {
  /** The judged port answered every time. */
  readonly works: boolean;
  readonly attempts: readonly ReachAttempt[];
  readonly evidence: readonly Evidence[];
  /** Fresh flows sent as asked, and their IP length at the rules they meet. */
  readonly sent: number;
  readonly length: number;
  /** What the pod's node itself sent to the pod at the same time. */
  readonly beside: { readonly packets: number; readonly length: number };
}
interface FurtherSending {
  readonly attempts: readonly ReachAttempt[];
  readonly evidence: readonly Evidence[];
  readonly sameNodeSent: number;
}
export interface Sending {
  /** IP length of the asked packets at the rules they meet. */
  readonly length: number;
  /** IP length of the pings that captures must see. */
  readonly controlLength: number;
  /** IP lengths of the pings that are sent to the pod while captures listen. */
  readonly pingLengths: ReadonlySet<number>;
  /** Sends one more flow as asked, and returns how many were sent: only captures tell what becomes of it. */
  oneMore(): Promise<number>;
  /** Sends a ping of `controlLength` from a node itself to each address; whether it is answered tells nothing. */
  control(to: readonly { readonly at: 'target' | 'source'; readonly address: string }[]): Promise<void>;
  asked(): Promise<AskedSending>;
  /**
   * The Service's own address, other pods behind it, and the other declared ports, from their sources; then each port
   * that did not answer, from the pod's own node. Only when captures and snapshots are over: these packets would fill
   * them, and raise the very counters that are compared.
   */
  aside(works: boolean): Promise<Pick<FurtherSending, 'attempts' | 'evidence'>>;
  /** @param sourceDenied the source's own node drops the asked packet: then the node itself sends into the tunnel */
  afterLoss(sourceDenied: boolean): Promise<FurtherSending>;
}

/** At least three fresh flows, at most five connects a run. */
const flows = 3;
const dnsOverTcp: FlowPort = { protocol: 'tcp', number: 53 };
/** To a Service, which may choose another pod each time. */
const serviceConnects = 3;
interface AsideGoal {
  /** In words. */
  readonly to: string;
  readonly address: string;
  readonly count: number;
}
/** Below every MTU with a tunnel around it, and so large that a small MTU on the way would show. */
const largePayload = 1372;

function nodeSender(node: NodeLook<SendCommand>, links: readonly Link[]): Sender {
  return {
    node,
    links,
    end: {
      kind: 'node',
      namespace: null,
      name: node.node,
      address: '',
      node: node.node,
      nodeAddress: null,
      interface: null,
    },
  };
}

export function planSending({ flow, look, targetNode, sourceNode, target, source }: SendingQuestion): Sending {
  // Unusual lengths and a payload nonce mark what is ours; the same run always sends the same.
  const payload = 601 + (look.nonce('payload length') % 60);
  const nonce = look.nonce('payload').toString(16).padStart(8, '0');
  const family = familyOf(flow.destination.address);
  const crossNode = isCrossNode(flow);
  const from = { node: sourceNode, end: flow.source, links: source.links };

  const icmp: FlowPort = { protocol: 'icmp' };
  const attempt = async (
    what: ReachAttempt['what'],
    sender: Sender,
    to: string,
    toAddress: string,
    port: FlowPort,
    size: number,
    count: number,
  ) => {
    const transcripts = await Promise.all(
      Array.from({ length: count }, () => sendOne(sender, { address: toAddress, port, size, nonce })),
    );
    return {
      attempt: summarise(what, describeEnd(sender.end), to, port, transcripts, sentLength(port, size, family)),
      evidence: transcripts.slice(0, 1).map((transcript) => evidenceOf(transcript)),
    };
  };
  const pod = describeEnd(flow.destination);
  /** Connects beside the asked ones: what becomes of them costs no other fact. */
  const connectAside = async (
    what: 'other-port' | 'own-node' | 'service' | 'dns-tcp' | 'dns-tcp-pod' | 'other-pod',
    sender: Sender,
    port: FlowPort,
    { to, address, count }: AsideGoal = { to: pod, address: flow.destination.address, count: 1 },
  ) => {
    try {
      return await attempt(what, sender, to, address, port, payload, count);
    } catch (error) {
      if (!(error instanceof LookError)) throw error;
      return { attempt: summarise(what, describeEnd(sender.end), to, port, [], length), evidence: [] };
    }
  };
  /** The pod too: where that is silent by TCP as well, nothing is said of the Service. */
  const dnsByTcp = (served: Omit<AsideGoal, 'count'>) => [
    connectAside('dns-tcp', from, dnsOverTcp, { ...served, count: serviceConnects }),
    ...(flow.port.protocol === 'udp'
      ? [connectAside('dns-tcp-pod', from, { protocol: 'tcp', number: flow.port.number })]
      : []),
  ];
  /** The Service leads to the judged pod as well: it is tried only where that answers at its own address. */
  const behindName = (works: boolean) => {
    const { service, otherPods = [] } = flow;
    const served = works && service ? { to: `svc:${service.name}`, address: service.address } : null;
    return [
      ...(served && service
        ? [
            connectAside('service', from, service.port, { ...served, count: serviceConnects }),
            ...(isDns(service.port) ? dnsByTcp(served) : []),
          ]
        : []),
      ...otherPods.map((end) =>
        connectAside('other-pod', from, flow.port, { to: describeEnd(end), address: end.address, count: 1 }),
      ),
    ];
  };
  const nodeToNode = (size: number) =>
    crossNode && flow.destination.nodeAddress
      ? [
          attempt(
            'node-to-node',
            nodeSender(sourceNode, source.links),
            `node ${targetNode.node}`,
            flow.destination.nodeAddress,
            icmp,
            size,
            2,
          ),
        ]
      : [];

  const length = sentLength(flow.port, payload, family);
  const controlSize = payload + 300;
  const ownSize = payload + 100;
  const refusedSize = payload + 150;
  return {
    length,
    controlLength: sentLength(icmp, controlSize, family),
    pingLengths: new Set([payload, ownSize, refusedSize, largePayload].map((size) => sentLength(icmp, size, family))),
    async oneMore() {
      return (await tryOne(from, { address: flow.destination.address, port: flow.port, size: payload, nonce })) ? 1 : 0;
    },
    async control(to) {
      await Promise.all(
        to.map(({ at, address }) => {
          const sender = at === 'target' ? nodeSender(targetNode, target.links) : nodeSender(sourceNode, source.links);
          return tryOne(sender, { address, port: icmp, size: controlSize, nonce });
        }),
      );
    },
    async asked() {
      const tries = await Promise.all([
        attempt('flow', from, pod, flow.destination.address, flow.port, payload, flows),
        attempt('own-node', nodeSender(targetNode, target.links), pod, flow.destination.address, icmp, ownSize, 1),
        ...nodeToNode(payload + 200),
      ]);
      const [asked] = tries;
      return {
        works: asked?.attempt.answer === 'reply',
        attempts: tries.map((one) => one.attempt),
        evidence: tries.flatMap((one) => one.evidence),
        sent: flows,
        length,
        beside: { packets: 1, length: sentLength(icmp, ownSize, family) },
      };
    },
    async aside(works) {
      const senderOf = (end: FlowEnd) =>
        end.node === flow.source.node ? { ...from, end } : { node: targetNode, end, links: target.links };
      const [others, behind] = await Promise.all([
        Promise.all(flow.otherPorts.map((other) => connectAside('other-port', senderOf(other.source), other.port))),
        Promise.all(behindName(works)),
      ]);
      const unanswered = [
        ...(works ? [] : [flow.port]),
        ...others.flatMap(({ attempt }) => (attempt.answer === 'reply' ? [] : [attempt.port])),
      ].filter(({ protocol }) => protocol === 'tcp');
      const own = await Promise.all(
        unanswered.map((port) => connectAside('own-node', nodeSender(targetNode, target.links), port)),
      );
      const tries = [...behind, ...others, ...own];
      return { attempts: tries.map((one) => one.attempt), evidence: tries.flatMap((one) => one.evidence) };
    },
    async afterLoss(sourceDenied) {
      const sameNode =
        crossNode && flow.sameNodeSource ? { node: targetNode, end: flow.sameNodeSource, links: target.links } : null;
      const tries = await Promise.all([
        ...(crossNode && !sourceDenied
          ? [attempt('icmp', from, pod, flow.destination.address, icmp, largePayload, 2)]
          : []),
        ...(crossNode && sourceDenied
          ? [refusedSize, largePayload].map((size) =>
              attempt('icmp', nodeSender(sourceNode, source.links), pod, flow.destination.address, icmp, size, 2),
            )
          : []),
        ...nodeToNode(largePayload),
        ...(sameNode
          ? [attempt('same-node', sameNode, pod, flow.destination.address, flow.port, payload + 50, flows)]
          : []),
      ]);
      return {
        attempts: tries.map((one) => one.attempt),
        evidence: tries.flatMap((one) => one.evidence),
        sameNodeSent: sameNode ? flows : 0,
      };
    },
  };
}

function summarise(
  what: ReachAttempt['what'],
  from: string,
  to: string,
  port: FlowPort,
  transcripts: readonly Transcript[],
  length: number,
): ReachAttempt {
  const answers = transcripts.map((transcript) => answerOf(transcript, port));
  const answered = answers.filter((answer) => answer === 'reply').length;
  const worst = answers.length === 0 ? 'error' : (answers.find((answer) => answer !== 'reply') ?? 'reply');
  const detail = port.protocol === 'icmp' ? `ping of ${length} bytes` : `${port.protocol} port ${port.number}`;
  return { from, to, what, port, sent: transcripts.length, answered, answer: worst, detail };
}
