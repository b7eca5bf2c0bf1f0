import { familyOf } from '../../model/addresses.ts';
import { picking, type Evidence, type Fact } from '../../model/evidence.ts';
import type { Flow } from '../../model/flow.ts';
import type { JudgedWays } from '../../model/judged-way.ts';
import type { Reachability, ReachAttempt } from '../../model/reachability.ts';
import type { PacketWalk, PodWalks } from '../../model/flow-walk.ts';
import type { ListeningSocket } from '../../model/network.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type RawFinding } from '../../model/rule.ts';
import { runningPod, servicePort, soleAddress } from '../../model/resource.ts';
import type { FlowPort } from '../../model/target.ts';
import { redirectedTo } from '../lib/redirected-in-pod.ts';
import { judgeRefusal, refusedByHosts, refusedDatagrams } from '../lib/refused-datagrams.ts';
import { wayFor } from '../lib/wrong-ways.ts';
import { someOf } from '../../model/words.ts';

type Trouble = 'nothing' | 'elsewhere' | 'full' | 'refuses';
type TcpPort = Extract<FlowPort, { readonly number: number }>;
/** A port that takes no connections; `shown`: a packet that reached the pod showed it, too. */
interface ClosedPort {
  readonly port: TcpPort;
  readonly trouble: Trouble;
  readonly sockets: readonly ListeningSocket[];
  readonly shown: ReachAttempt | null;
}

export const portNotListening = defineRule({
  id: 'port-not-listening',
  description:
    'No program at the asked end accepts connections or datagrams on the asked port and address, or its accept queue ' +
    'is full.',
  step: 'reachability',
  requires: ['flow'],
  considers: ['listeners', 'reachability', 'walks', 'pod-walks', 'judged-ways', 'sightings'],
  lacks: ['pod', 'servicePort', 'soleAddress'],
  advice: {
    who: 'the owner of the workload',
    commands: [
      'kubectl -n {namespace} logs {pod} --all-containers --tail=50',
      'kubectl -n {namespace} exec {pod} -- ss -ltn   # on which ports and addresses does it listen?',
    ],
  },
  messages: {
    nothing: {
      title: 'No program in pod {namespace}/{pod} listens on {ports}{instead}',
      detail: 'The pod has no listening socket for {ports}. {seen}',
    },
    elsewhere: {
      title: 'Pod {namespace}/{pod} listens on {ports} only at {sockets}',
      detail: 'Its own address is {address}, and nothing listens there. {seen}',
    },
    full: {
      title: 'Pod {namespace}/{pod} does not accept connections on {ports}: its queue is full',
      detail:
        'The accept queue is full ({sockets}). The program does not accept connections, and the kernel drops ' +
        'new ones. {seen}',
    },
    refuses: {
      title: 'Pod {namespace}/{pod} refuses connections on {ports}, where a program listens now',
      detail:
        'A program listens ({sockets}), and no rule on the way or in the pod rejects the packets. It may have begun ' +
        'to listen only now, or end and begin again and again. {seen}',
    },
    refused: refusedDatagrams,
    ...refusedByHosts,
  },
  judge(
    { flow },
    { listeners: read, reachability, walks, 'pod-walks': own, 'judged-ways': ways, sightings },
    evidence,
  ) {
    const isPod = flow.destination.kind === 'pod';
    if (!isPod && flow.port.protocol === 'icmp') return notApplicable('the flow goes to no pod, and to no port');
    if (!isPod || flow.port.protocol === 'udp')
      return judgeRefusal(flow, { reachability, walks, own, ways, sightings }, evidence('reachability'));
    if (read.status === 'unavailable')
      return read.code === 'not-applicable'
        ? notApplicable(read.reason)
        : inconclusive(`not checked: listeners: ${read.reason}`);
    const listeners = read.value;
    const ports = [flow.port, ...flow.otherPorts.map((other) => other.port)].flatMap((port) =>
      port.protocol === 'tcp' ? [port] : [],
    );
    if (ports.length === 0) return notApplicable('no TCP port is asked about');
    const judged = ports
      .map((port) => closedPort(port, { flow, listeners, reachability, walks, own, ways }))
      .filter((closed) => closed !== null);
    if (judged.length === 0) return pass(`the pod listens on ${words(ports)}`);
    if (reachability.status === 'unavailable')
      return (reachability.code === 'not-applicable' ? notApplicable : inconclusive)(
        `the pod does not listen on ${words(judged.map(({ port }) => port))}, but no test packet was sent`,
      );
    const { namespace, name, address, node } = flow.destination;
    const findings = (['nothing', 'elsewhere', 'full', 'refuses'] as const).flatMap(
      (trouble): readonly RawFinding<Trouble>[] => {
        const closed = judged.filter((one) => one.trouble === trouble);
        if (closed.length === 0) return [];
        const shown = closed.flatMap((one) => one.shown ?? []);
        return [
          {
            message: trouble,
            data: {
              namespace: namespace ?? 'default',
              pod: name,
              address,
              ports: words(closed.map(({ port }) => port)),
              sockets: closed
                .flatMap(({ sockets }) => sockets.map(trouble === 'full' ? queueWords : socketWords))
                .join(', '),
              instead: insteadWords(flow, listeners),
              seen: seenWords(shown),
            },
            subject: { kind: 'Pod', name: `${namespace}/${name}` },
            node,
            proof: 'read',
            evidence: [
              ...picking(evidence('listeners'), (line) =>
                closed.some(({ port }) => `${line} `.includes(`:${port.number} `)),
              ),
              ...refusals(evidence('reachability'), shown),
            ],
            stopsFlow: shown.length > 0,
            onOtherPort: closed.every(({ port }) => port !== flow.port),
            lacks: [
              runningPod(`${namespace}/${name}`),
              servicePort(`${namespace}/${name}`),
              // Another pod that has the address refuses for itself.
              ...(trouble === 'refuses' ? nodesOf(flow).map((at) => soleAddress(at, address)) : []),
            ],
          },
        ];
      },
    );
    return fail(...findings);
  },
});

interface Known {
  readonly flow: Flow;
  readonly listeners: readonly ListeningSocket[];
  readonly reachability: Fact<Reachability>;
  readonly walks: Fact<readonly PacketWalk[]>;
  readonly own: Fact<PodWalks>;
  readonly ways: Fact<JudgedWays>;
}

/** Tries of other ends than the pod: what they answer says nothing of it. */
const ofOthers: ReadonlySet<ReachAttempt['what']> = new Set(['service', 'other-pod', 'dns-tcp', 'node-to-node']);

/** null: something accepts on it, be it only what redirects inside the pod. */
function closedPort(port: TcpPort, { flow, listeners, reachability, walks, own, ways }: Known): ClosedPort | null {
  const tries =
    reachability.status === 'unavailable'
      ? []
      : reachability.value.attempts.filter(
          (attempt) =>
            !ofOthers.has(attempt.what) && attempt.port.protocol === 'tcp' && attempt.port.number === port.number,
        );
  if (tries.some(({ answer }) => answer === 'reply')) return null;
  const sockets = listeners.filter((socket) => socket.port === port.number);
  const fromOwnNode = tries.find(({ what }) => what === 'own-node');
  const direct = tries.find(({ what }) => what === 'flow');
  // A rule that rejects looks like the pod's own refusal; on the pod's own node no policy of its does, and elsewhere
  // the walk says.
  const isWayOpen =
    walks.status === 'observed' &&
    walks.value.length > 0 &&
    walks.value.every(({ result }) => result.decision === 'accept');
  const refused =
    [fromOwnNode, isWayOpen ? direct : undefined].find((attempt) => attempt?.answer === 'refused') ?? null;
  const taking = sockets.filter((socket) => takes(socket, flow.destination.address, refused === null));
  if (taking.length > 0 && taking.every(({ queued, backlog }) => queued > backlog)) {
    return { port, trouble: 'full', sockets: taking, shown: fromOwnNode?.answer === 'none' ? fromOwnNode : null };
  }
  if (tries.some(({ answered }) => answered > 0)) return null;
  if (taking.length > 0) {
    const isLedElsewhere =
      wayFor(ways, ['target-ingress', 'same-node'])?.class !== 'right' ||
      (walks.status === 'observed' && walks.value.some(({ redirected }) => redirected));
    const isSure = isWayOpen && !isLedElsewhere && isOpenInside(own) && direct?.answer === 'refused';
    return isSure && fromOwnNode?.answer === 'refused' ? { port, trouble: 'refuses', sockets, shown: direct } : null;
  }
  return { port, trouble: sockets.length > 0 ? 'elsewhere' : 'nothing', sockets, shown: refused };
}

function nodesOf({ source, destination }: Flow): readonly string[] {
  return [source.node, destination.node].filter((node) => node !== null);
}

/** No rule inside the pods rejects the packets, or leads them to another port. */
function isOpenInside(own: Fact<PodWalks>): boolean {
  if (own.status === 'unavailable' || own.value.unread.length > 0) return false;
  return own.value.walks.every((walk) => walk.result.decision === 'accept' && redirectedTo(walk) === null);
}

/** @param isLenient `::` alone counts as taking IPv4 too: older versions of `ss` print sockets so that do */
function takes({ address, device }: ListeningSocket, asked: string, isLenient: boolean): boolean {
  if (device === 'lo') return false;
  if (familyOf(asked) === 6) return ['*', '::', asked].includes(address);
  return ['*', '0.0.0.0', asked, `::ffff:${asked}`].includes(address) || (isLenient && address === '::');
}

function words(ports: readonly TcpPort[]): string {
  return ports.map(({ number }) => `${number}/tcp`).join(', ');
}

/** How many other ports a title names. */
const mostOthers = 3;

/**
 * On which other ports the pod accepts connections, for the end of a title. A hostNetwork pod shares its node's
 * sockets, so nobody knows which are its own.
 */
function insteadWords({ destination, port, otherPorts }: Flow, listeners: readonly ListeningSocket[]): string {
  if (destination.interface === null) return '';
  const asked = [port, ...otherPorts.map((other) => other.port)];
  const taken = listeners.filter((socket) => takes(socket, destination.address, true)).map((socket) => socket.port);
  const others = [...new Set(taken)]
    .filter((number) => !asked.some((one) => one.protocol === 'tcp' && one.number === number))
    .toSorted((a, b) => a - b);
  if (others.length === 0) return '';
  const named = others.map((number) => `${number}/tcp`);
  return `, but on ${someOf(named, mostOthers)}`;
}

function socketWords({ address, device, port }: ListeningSocket): string {
  return `${address.includes(':') ? `[${address}]` : address}${device ? `%${device}` : ''}:${port}`;
}

function queueWords(socket: ListeningSocket): string {
  return `${socket.queued} at ${socketWords(socket)}, at most ${socket.backlog}`;
}

function seenWords(shown: readonly ReachAttempt[]): string {
  if (shown.length === 0) return 'No test packet reached the pod, so another fault stops the flow first.';
  return shown
    .map(({ from, detail, answer }) => {
      const refused = answer === 'refused';
      const did = refused
        ? `The pod refused a connection from ${from}`
        : `The pod did not answer a connection from ${from}`;
      return `${did} (${detail}).`;
    })
    .join(' ');
}

/** What the connects said that the pod refused: of each port the last one. */
function refusals(evidence: readonly Evidence[], shown: readonly ReachAttempt[]): readonly Evidence[] {
  const ends = shown.flatMap(({ answer, port }) =>
    answer === 'refused' && port.protocol === 'tcp' ? [`/${port.number}`] : [],
  );
  return ends.flatMap(
    (end) =>
      evidence.findLast(
        ({ command, excerpt }) =>
          /Connection refused/.test(excerpt) && (command.endsWith(end) || command.endsWith(`${end}'`)),
      ) ?? [],
  );
}
