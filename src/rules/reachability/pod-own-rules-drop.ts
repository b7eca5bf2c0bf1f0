import { isRefused } from '../../model/ruleset/walk.ts';
import type { Fact } from '../../model/evidence.ts';
import type { Flow } from '../../model/flow.ts';
import type { PodWalk } from '../../model/flow-walk.ts';
import type { ListeningSocket } from '../../model/network.ts';
import type { Passage } from '../../model/passage.ts';
import { ruleWords } from '../../model/rule-words.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type RawFinding } from '../../model/rule.ts';
import { redirectedTo } from '../lib/redirected-in-pod.ts';

type Message = 'drops' | 'dropsLater' | 'redirects' | 'toLoopback';

export const podOwnRulesDrop = defineRule({
  id: 'pod-own-rules-drop',
  description:
    "A packet filter in a pod's own network namespace drops the packet or its answer, or sends it to a closed port.",
  step: 'reachability',
  requires: ['flow', 'pod-walks'],
  considers: ['flow-outcome', 'listeners', 'passage'],
  advice: {
    who: 'the owner of pod {pod}',
    commands: [
      'kubectl -n {namespace} get pod {name} -o yaml   # which container or init container writes rules?',
      'kubectl -n {namespace} logs {name} --all-containers --tail=50',
    ],
  },
  messages: {
    drops: {
      title: 'A rule inside pod {pod} drops {packets}',
      detail:
        "Calico does not write rules into a pod: its own programs do, such as a service mesh. In the pod's " +
        'namespace the packet ends at {rule} ({text}).',
    },
    dropsLater: {
      title: 'A rule inside pod {pod} drops what follows the handshake',
      detail:
        "Calico does not write rules into a pod: its own programs do, such as a service mesh. In the pod's " +
        'namespace the first of {packets} pass. Later ones of a connection end at {rule} ({text}). ' +
        'So a connection that opens hangs.',
    },
    redirects: {
      title: 'A rule inside pod {pod} redirects its requests to port {port}, where no program listens',
      detail:
        'The pod listens on other ports only: {sockets}. A service mesh redirects to its proxy, which may not run.',
    },
    toLoopback: {
      title: 'A rule inside pod {pod} redirects its requests to {loopback}, where they do not arrive',
      detail:
        'The requests come to the pod, and no answer leaves it. A kernel drops what comes in by a network interface ' +
        'for an address such as {loopback}, unless net.ipv4.conf.{device}.route_localnet is 1 in the pod.',
    },
  },
  judge(
    { flow, 'pod-walks': { walks, later = [], unread } },
    { 'flow-outcome': outcome, listeners, passage },
    evidence,
  ) {
    if (walks.length === 0 && unread.length === 0)
      return notApplicable('no end of the flow is a pod with a network of its own');
    const judged = outcome.status === 'observed' ? outcome.value.judgedPort : 'unknown';
    const findingOf = (walk: PodWalk) => ({
      node: flow[walk.end].node,
      proof: 'inferred' as const,
      evidence: evidence('pod-walks'),
      stopsFlow: true,
    });
    const dataOf = ({ end }: PodWalk) => ({
      pod: nameOf(flow, end),
      namespace: flow[end].namespace ?? 'default',
      name: flow[end].name,
    });
    const dropOf = (walk: PodWalk, message: 'drops' | 'dropsLater'): RawFinding<Message> | null => {
      const { decision, rule } = walk.result;
      if (!isRefused(decision) || !rule) return null;
      return {
        ...findingOf(walk),
        message,
        data: { ...dataOf(walk), packets: packetWords(walk), rule: ruleWords(rule), text: rule.text },
        subject: { kind: 'Rule', name: `${rule.table} ${rule.chain} ${rule.index}` },
      };
    };
    const [behind] = later;
    const drop = behind ? dropOf(behind, 'dropsLater') : null;
    const hangs: readonly RawFinding<Message>[] = drop
      ? [{ ...drop, stopsFlow: judged !== 'fails', ofLargePackets: true }]
      : [];
    if (judged === 'works')
      return hangs.length > 0 ? fail<Message>(...hangs) : pass('the flow works, so no rule inside its pods stops it');
    const findings = walks.flatMap((walk): readonly RawFinding<Message>[] => {
      const dropped = dropOf(walk, 'drops');
      if (dropped) return [dropped];
      const loopback = loopbackOf(walk);
      if (loopback !== null && stopsInPod(passage))
        return [
          {
            ...findingOf(walk),
            message: 'toLoopback',
            data: { ...dataOf(walk), loopback, device: 'eth0' },
            subject: { kind: 'Pod', name: nameOf(flow, walk.end) },
          },
        ];
      const port = redirectedTo(walk);
      if (port === null || !isClosed(listeners, port)) return [];
      return [
        {
          ...findingOf(walk),
          message: 'redirects',
          data: { ...dataOf(walk), port: String(port), sockets: socketWords(listeners) },
          subject: { kind: 'Pod', name: nameOf(flow, walk.end) },
        },
      ];
    });
    findings.push(...hangs);
    if (findings.length > 0) return fail(...findings);
    const doubts = [
      ...unread.map(({ end, why }) => `not checked: rules inside ${nameOf(flow, end)}: ${why}`),
      ...walks.flatMap((walk) =>
        walk.result.decision === 'unknown'
          ? [`rules inside ${nameOf(flow, walk.end)} do not tell what becomes of ${packetWords(walk)}`]
          : loopbackOf(walk) !== null
            ? [`rules inside ${nameOf(flow, walk.end)} redirect its packets to ${loopbackOf(walk)}`]
            : redirectedTo(walk) === null
              ? []
              : [`rules inside ${nameOf(flow, walk.end)} redirect its packets to port ${redirectedTo(walk)}`],
      ),
    ];
    return doubts[0] === undefined
      ? pass('no rule inside the pods ends the packet or its answer')
      : inconclusive(doubts[0]);
  },
});

/** To which address of the pod alone a request that arrived is sent; null: to none. */
function loopbackOf({ end, packet, asked, result }: PodWalk): string | null {
  const { destination } = result.packet;
  const isLed = end === 'destination' && packet === 'request' && destination !== asked.destination;
  return isLed && destination.startsWith('127.') ? destination : null;
}

/** Captures show that the request comes to the pod, and that no answer leaves it. */
function stopsInPod(passage: Fact<Passage>): boolean {
  const stop = passage.status === 'observed' ? passage.value.stop : null;
  return stop !== null && stop.areas.length === 1 && stop.areas[0] === 'target-pod';
}

function nameOf(flow: Flow, end: PodWalk['end']): string {
  const { namespace, name } = flow[end];
  return `${namespace ?? 'default'}/${name}`;
}

function packetWords({ end, packet }: PodWalk): string {
  if (packet === 'request') return end === 'destination' ? 'the requests that arrive' : 'the requests that it sends';
  return end === 'destination' ? 'the answers that it sends' : 'the answers that arrive';
}

function isClosed(listeners: Fact<readonly ListeningSocket[]>, port: number): boolean {
  return listeners.status === 'observed' && !listeners.value.some((socket) => socket.port === port);
}

function socketWords(listeners: Fact<readonly ListeningSocket[]>): string {
  if (listeners.status === 'unavailable') return 'not known';
  return listeners.value.map(({ address, port }) => `${address}:${port}`).join(', ') || 'none';
}
