import type { Evidence, Fact } from '../../model/evidence.ts';
import type { Flow } from '../../model/flow.ts';
import type { PacketWalk, PodWalks } from '../../model/flow-walk.ts';
import type { JudgedWays, WayClass } from '../../model/judged-way.ts';
import type { Reachability, ReachAttempt } from '../../model/reachability.ts';
import { runningPod, servicePort } from '../../model/resource.ts';
import { describeEnd } from '../../model/flow-end-words.ts';
import { fail, inconclusive, notApplicable, pass, type Message, type Outcome } from '../../model/rule.ts';
import { isRefused } from '../../model/ruleset/walk.ts';
import { doubtOnAbsence, type Sightings } from '../../model/sightings.ts';
import { describePort } from '../../model/target-grammar.ts';
import { redirectedTo } from './redirected-in-pod.ts';

export const refusedDatagrams: Message = {
  title: 'No program in pod {namespace}/{pod} listens on {ports}',
  detail:
    'The pod answered datagrams from {from} with ICMP port unreachable ({sent} were sent). No rule on the way, or in ' +
    'the pod, rejects them.',
};

interface Seen {
  readonly reachability: Fact<Reachability>;
  readonly walks: Fact<readonly PacketWalk[]>;
  readonly own: Fact<PodWalks>;
  readonly ways: Fact<JudgedWays>;
  readonly sightings: Fact<Sightings>;
}

/** Where the kernel leads the datagram to the pod, or to the next node, as far as is known. */
const leadsThere: ReadonlySet<WayClass> = new Set(['right', 'elsewhere', 'unknown']);

/** Of hosts, whose sockets are not read. */
export const refusedByHosts: Readonly<Record<'refusedByNode' | 'refusedByHost', Message>> = {
  refusedByNode: {
    title: 'No program on {host} listens on {ports}',
    detail:
      '{host} refuses what {from} sends ({sent} tries), and also what it sends to {address} itself. No rule on the ' +
      'way rejects it.',
  },
  refusedByHost: {
    title: '{host} refuses {ports}',
    detail:
      'A refusal came back to {from} ({sent} tries), and no rule of its node rejects it. Either no program listens ' +
      'there, or a firewall before it rejects the packets.',
  },
};

/** Judges whether the asked end itself refuses packets: only then does an answer tell that nobody listens. */
export function judgeRefusal(
  flow: Flow,
  { reachability, walks, own, ways, sightings }: Seen,
  evidence: readonly Evidence[],
): Outcome<'refused' | keyof typeof refusedByHosts, never> {
  if (reachability.status === 'unavailable')
    return reachability.code === 'not-applicable'
      ? notApplicable(reachability.reason)
      : inconclusive(`not checked: reachability: ${reachability.reason}`);
  const tried = reachability.value.attempts.find(({ what }) => what === 'flow');
  const ports = describePort(flow.port);
  if (tried?.answer === 'reply') return pass(`${describeEnd(flow.destination)} answers on ${ports}`);
  if (tried?.answer !== 'refused') return notApplicable('nobody refused a packet, and a program may ignore one');
  // What refuses a datagram has seen it. The answer itself does not say to the program whose it is.
  const atPod =
    sightings.status === 'observed' ? sightings.value.points.filter((one) => one.point === 'target-pod') : [];
  const hasCome = atPod.some(({ requests }) => requests.length > 0);
  if (!hasCome && atPod.some((one) => doubtOnAbsence(one) === null))
    return notApplicable('captures show that the packet does not come to the pod: something else refused it');
  if (walks.status === 'unavailable' || own.status === 'unavailable' || own.value.unread.length > 0)
    return inconclusive('a packet was refused, and whether by the pod or by a rule is not known');
  const results = [...walks.value, ...own.value.walks].map(({ result }) => result);
  if (results.some(({ decision }) => isRefused(decision))) return notApplicable('a rule may have refused the packet');
  if (walks.value.length === 0 || results.some(({ decision }) => decision !== 'accept'))
    return inconclusive('a packet was refused, and whether a rule did it is not known');
  if (walks.value.some(({ redirected }) => redirected) || own.value.walks.some((one) => redirectedTo(one) !== null))
    return notApplicable('a rule sends the packet to another port or address, which may have refused it');
  const astray = ways.status === 'observed' ? ways.value.ways.find((one) => !leadsThere.has(one.class)) : undefined;
  if (astray) return notApplicable(`${astray.way.node} leads packets astray: another host may have refused the packet`);
  if (flow.destination.kind !== 'pod') return byHost(flow, tried, reachability.value, evidence);
  const { namespace, name, node } = flow.destination;
  const pod = `${namespace ?? 'default'}/${name}`;
  return fail({
    message: 'refused',
    data: {
      namespace: namespace ?? 'default',
      pod: name,
      ports,
      from: tried.from,
      sent: String(tried.sent),
    },
    subject: { kind: 'Pod', name: pod },
    node,
    proof: 'inferred',
    evidence,
    stopsFlow: true,
    lacks: [runningPod(pod), servicePort(pod)],
    advice: {
      who: 'the owner of the workload',
      commands: [
        'kubectl -n {namespace} logs {pod} --all-containers --tail=50',
        'kubectl -n {namespace} exec {pod} -- ss -lun   # on which ports and addresses does it listen?',
      ],
    },
  });
}

function byHost(
  { destination, port }: Flow,
  tried: ReachAttempt,
  { attempts }: Reachability,
  evidence: readonly Evidence[],
): Outcome<keyof typeof refusedByHosts, never> {
  const itself = attempts.find(
    (one) => one.what === 'own-node' && one.port.protocol === port.protocol && one.port.protocol !== 'icmp',
  );
  if (itself?.answer === 'reply')
    return inconclusive(`a packet was refused, and ${itself.from} itself is answered: something before it refuses`);
  const ports = describePort(port);
  return fail({
    message: itself?.answer === 'refused' ? 'refusedByNode' : 'refusedByHost',
    data: {
      host: describeEnd(destination),
      address: destination.address,
      ports,
      from: tried.from,
      sent: String(tried.sent),
    },
    subject: { kind: 'Node', name: destination.name },
    node: destination.node,
    proof: 'inferred',
    evidence,
    stopsFlow: true,
    advice: { who: 'the owner of {host}', commands: ['ss -ltnup   # on {host}: which program listens on {ports}?'] },
  });
}
