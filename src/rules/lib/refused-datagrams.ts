import type { Evidence, Fact } from '../../model/evidence.ts';
import type { Flow } from '../../model/flow.ts';
import type { PacketWalk, PodWalks } from '../../model/flow-walk.ts';
import type { Reachability } from '../../model/reachability.ts';
import { runningPod, servicePort } from '../../model/resource.ts';
import { fail, inconclusive, notApplicable, pass, type Message, type Outcome } from '../../model/rule.ts';
import { isRefused } from '../../model/ruleset/walk.ts';
import { describePort } from '../../model/target-grammar.ts';

export const refusedDatagrams: Message = {
  title: 'No program in pod {namespace}/{pod} listens on {ports}',
  detail:
    'The pod refused {refused} of {sent} datagrams from {from}: ICMP port unreachable. No rule on the way, or in the ' +
    'pod, rejects them.',
};

interface Seen {
  readonly reachability: Fact<Reachability>;
  readonly walks: Fact<readonly PacketWalk[]>;
  readonly own: Fact<PodWalks>;
}

/** Judges whether the pod itself refuses datagrams: only then does an answer tell that nobody listens. */
export function judgeDatagrams(
  flow: Flow,
  { reachability, walks, own }: Seen,
  evidence: readonly Evidence[],
): Outcome<'refused', never> {
  if (reachability.status === 'unavailable')
    return reachability.code === 'not-applicable'
      ? notApplicable(reachability.reason)
      : inconclusive(`not checked: reachability: ${reachability.reason}`);
  const tried = reachability.value.attempts.find(({ what }) => what === 'flow');
  const ports = describePort(flow.port);
  if (tried?.answer === 'reply') return pass(`the pod answers on ${ports}`);
  if (tried?.answer !== 'refused') return notApplicable('nobody refused a datagram, and a program may ignore one');
  if (walks.status === 'unavailable' || own.status === 'unavailable' || own.value.unread.length > 0)
    return inconclusive('a datagram was refused, and whether by the pod or by a rule is not known');
  const isWayOpen = walks.value.length > 0 && walks.value.every(({ result }) => result.decision === 'accept');
  if (!isWayOpen || own.value.walks.some(({ result }) => isRefused(result.decision)))
    return notApplicable('a rule may have refused the datagram');
  const { namespace, name, node } = flow.destination;
  const pod = `${namespace ?? 'default'}/${name}`;
  return fail({
    message: 'refused',
    data: {
      namespace: namespace ?? 'default',
      pod: name,
      ports,
      from: tried.from,
      refused: String(tried.sent - tried.answered),
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
