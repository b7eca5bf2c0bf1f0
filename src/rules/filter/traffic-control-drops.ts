import type { Denials } from '../../model/denial.ts';
import type { Evidence, Fact } from '../../model/evidence.ts';
import type { Passage } from '../../model/passage.ts';
import { ruleWords } from '../../model/rule-words.ts';
import type { RuleRef } from '../../model/ruleset/walk.ts';
import { isClosed, isHandedOn, type TakenPackets } from '../../model/queues.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type RawFinding } from '../../model/rule.ts';
import { shellCommand } from '../../model/shell-words.ts';

type Message = 'queue' | 'fullQueue' | 'filters' | 'redirects';

export const trafficControlDrops = defineRule({
  id: 'traffic-control-drops',
  description: 'A queue or a filter of tc takes the packet at a network interface, where no packet filter counts it.',
  step: 'filter',
  requires: ['queue-counts'],
  considers: ['passage', 'denials'],
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
  judge({ 'queue-counts': { taken, waiting = [], unread } }, { passage, denials }, evidence) {
    const ending = innermost(taken.filter((one) => !isHandedOn(one)));
    if (endsElsewhere(denials)) {
      // It would take the packet, once no rule ends it before.
      const behind = [...ending, ...waiting].filter(hasNoRoom);
      return behind.length > 0
        ? fail(...behind.map((one) => findingOf('fullQueue', one, false, evidence('queue-counts'))))
        : notApplicable('a counter proves which rule ends the packets');
    }
    const possible = ending.filter((one) => mayBeAt(one, passage));
    const proven = possible.filter(isProven);
    const rule = proven[0] ? countingRule(denials, proven[0]) : null;
    const findings = possible.flatMap((one): RawFinding<Message>[] => {
      // The test packets were taken once: of two places with their number one took others.
      const isOnlyOne = proven.length === 1 && rule === null;
      const message = messageOf(one, isOnlyOne);
      if (message === null) return [];
      const proof = isProven(one) && isOnlyOne ? 'counter' : 'read';
      return [{ ...findingOf(message, one, true, evidence('queue-counts')), proof }];
    });
    // What others send there may have come to it, and the asked packet ends elsewhere.
    const elsewhere = ending.filter((one) => hasNoRoom(one) && !possible.includes(one));
    findings.push(
      ...[...elsewhere, ...waiting].map((one) => findingOf('fullQueue', one, false, evidence('queue-counts'))),
    );
    if (findings.length > 0) return fail(...findings);
    if (proven.length > 1)
      return inconclusive(
        `${proven.map((one) => `${placeWords(one)} ("${one.text}")`).join(' and ')} took ${proven[0]?.rise} packets ` +
          'each, and which of them took the test packets is not known',
      );
    const [open] = ending;
    if (open && rule !== null)
      return inconclusive(`${placeWords(open)}: ${open.text}. ${countersOf(open)} As many met ${ruleWords(rule)}`);
    if (open) return inconclusive(`${placeWords(open)}: ${open.text}. ${countersOf(open)}`);
    const [missed] = unread;
    return missed
      ? inconclusive(`the queues of ${missed.node} were not read: ${missed.why}`)
      : pass('no queue and no filter of tc took a packet');
  },
});

function findingOf(
  message: Message,
  one: TakenPackets,
  stopsFlow: boolean,
  evidence: readonly Evidence[],
): RawFinding<Message> {
  const { node, device, pod, text, to } = one;
  return {
    message,
    data: {
      node,
      device,
      at: placeWords(one),
      enter: pod ? shellCommand`ip netns exec ${pod.namespace} ` : '',
      queue: text,
      filters: text,
      action: text,
      to: to?.device ?? '',
      counters: countersOf(one),
    },
    subject: { kind: 'Interface', name: pod ? `${pod.name} ${device}` : device },
    node,
    proof: 'read',
    evidence: evidence.filter((read) => read.node === node),
    stopsFlow,
  };
}

/** As many as were sent, or all that the node sent there, and none while nothing was sent. */
function isProven({ rise, idle, sent, beside }: TakenPackets): boolean {
  return sent >= 3 && (rise === sent || rise === sent + beside) && idle === 0;
}

/** A queue counts what a queue inside it drops, too: then only the inner one is left. */
function innermost(taken: readonly TakenPackets[]): readonly TakenPackets[] {
  return taken.filter(
    (one) =>
      !one.isRoot ||
      !taken.some(
        ({ by, isRoot, node, pod, device, rise, idle }) =>
          by === 'queue' &&
          !isRoot &&
          node === one.node &&
          pod?.name === one.pod?.name &&
          device === one.device &&
          rise === one.rise &&
          idle === one.idle,
      ),
  );
}

/** Its settings alone say that nothing passes. */
function hasNoRoom({ by, isRoot, text }: TakenPackets): boolean {
  return by === 'queue' && isClosed({ isRoot, kind: text.split(' ')[0] ?? '', text });
}

/** null: what it took may be somebody else's. */
function messageOf(one: TakenPackets, isOnlyOne: boolean): Message | null {
  if (hasNoRoom(one)) return 'fullQueue';
  if (!isOnlyOne || !isProven(one)) return null;
  return one.by === 'redirect' ? 'redirects' : one.by;
}

/** As many packets as were sent may then be somebody else's. */
function endsElsewhere(denials: Fact<Denials>): boolean {
  return (
    denials.status === 'observed' &&
    denials.value.denied.some(
      ({ stopsFlow, proof, burst }) => stopsFlow && proof === 'counter' && burst?.flow === 'asked',
    )
  );
}

/** Returns the rule of a packet filter that may have ended the test packets: it counted as many. */
function countingRule(denials: Fact<Denials>, { sent }: TakenPackets): RuleRef | null {
  const denied = denials.status === 'observed' ? denials.value.denied : [];
  const counted = denied.find(
    ({ stopsFlow, burst }) =>
      stopsFlow && burst?.flow === 'asked' && (burst.proof.walked ?? burst.proof.rise)?.packets === sent,
  );
  return counted?.rule ?? null;
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
  if (rise === 0) return 'The flow stops before it comes here. Once that is fixed, it would stop here.';
  const later = idle === null ? '' : ` In a window as long without test packets it took ${idle}.`;
  return `It took ${rise} packets while ${sent} test packets were sent.${later}`;
}
