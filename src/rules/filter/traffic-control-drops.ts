import type { Fact } from '../../model/evidence.ts';
import type { Passage } from '../../model/passage.ts';
import { takesAll, type TakenPackets } from '../../model/queues.ts';
import { defineRule, fail, inconclusive, pass, type RawFinding } from '../../model/rule.ts';

type Message = 'queue' | 'fullQueue' | 'filters' | 'redirects';

export const trafficControlDrops = defineRule({
  id: 'traffic-control-drops',
  description: 'A queue or a filter of tc takes the packet at a network interface, where no packet filter counts it.',
  step: 'filter',
  requires: ['queue-counts'],
  considers: ['passage'],
  advice: {
    who: 'the owner of node {node}',
    commands: [
      '{enter}tc -s qdisc show dev {device}; {enter}tc -s filter show dev {device} ingress; ' +
        '{enter}tc -s filter show dev {device} egress   # on {node}: find out who set it up, and ask them to remove it',
    ],
  },
  messages: {
    queue: {
      title: 'A queue of tc at {at} drops the packet',
      detail: 'The queue is "{queue}". {counters}',
    },
    fullQueue: {
      title: 'A queue of tc at {at} has no room for any packet',
      detail: 'The queue is "{queue}", and drops all that leaves by {device}. {counters}',
    },
    filters: {
      title: 'A filter of tc at {at} drops the packet',
      detail: 'Filters there: {filters}. {counters}',
    },
    redirects: {
      title: 'A filter of tc at {at} sends the packet to {to}',
      detail: 'The action is "{action}". {counters}',
    },
  },
  judge({ 'queue-counts': { taken, unread } }, { passage }, evidence) {
    // Packets come back from the interface with which queues are made for what comes in.
    const ending = taken.filter(({ to }) => to?.kind !== 'ifb');
    const findings = ending.flatMap((one): RawFinding<Message>[] => {
      const message = messageOf(one);
      if (message === null || !mayBeAt(one, passage)) return [];
      const { node, device, pod, text, to } = one;
      return [
        {
          message,
          data: {
            node,
            device,
            at: placeWords(one),
            enter: pod ? `ip netns exec ${pod.namespace} ` : '',
            queue: text,
            filters: text,
            action: text,
            to: to?.device ?? '',
            counters: countersOf(one),
          },
          subject: { kind: 'Interface', name: pod ? `${pod.name} ${device}` : device },
          node,
          proof: isProven(one) ? 'counter' : 'read',
          evidence: evidence('queue-counts').filter((read) => read.node === node),
          stopsFlow: true,
        },
      ];
    });
    if (findings.length > 0) return fail(...findings);
    const [open] = ending;
    if (open) return inconclusive(`${placeWords(open)}: ${open.text}. ${countersOf(open)}`);
    const [missed] = unread;
    return missed
      ? inconclusive(`the queues of ${missed.node} were not read: ${missed.why}`)
      : pass('no queue and no filter of tc took a packet');
  },
});

/** As many as were sent, or all that the node sent there, and none while nothing was sent. */
function isProven({ rise, idle, sent, beside }: TakenPackets): boolean {
  return sent >= 3 && (rise === sent || rise === sent + beside) && idle === 0;
}

/** null: what it took may be somebody else's. */
function messageOf(one: TakenPackets): Message | null {
  if (one.by === 'queue' && one.isRoot && takesAll({ kind: one.text.split(' ')[0] ?? '', text: one.text }))
    return 'fullQueue';
  if (!isProven(one)) return null;
  return one.by === 'redirect' ? 'redirects' : one.by;
}

/** Captures do not show that the packet stops elsewhere. */
function mayBeAt({ area }: TakenPackets, passage: Fact<Passage>): boolean {
  const stop = passage.status === 'observed' ? passage.value.stop : null;
  return stop === null || stop.areas.includes(area);
}

function placeWords({ device, node, pod }: TakenPackets): string {
  return pod ? `${device} inside ${pod.name}` : `${device} of ${node}`;
}

function countersOf({ rise, idle, sent }: TakenPackets): string {
  const later = idle === null ? '' : ` In a window as long without test packets it took ${idle}.`;
  return `It took ${rise} packets while ${sent} test packets were sent.${later}`;
}
