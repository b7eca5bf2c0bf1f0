import { familyOf } from '../../model/addresses.ts';
import { picking, type Evidence, type Fact } from '../../model/evidence.ts';
import { isReversePath } from '../../model/denied-walk.ts';
import { allLegs } from '../../model/flow-walk.ts';
import type { KernelWay, WayOf } from '../../model/kernel-way.ts';
import type { InterfaceSettings, Route } from '../../model/network.ts';
import { returnRoute } from '../../model/resource.ts';
import { routesTo, routeText, routeWords } from '../../model/routes.ts';
import { lookUp, type RoutedPacket } from '../../model/routing-lookup.ts';
import type { RoutingPolicy } from '../../model/routing-policy.ts';
import { ruleWords } from '../../model/rule-words.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type Advice, type RawFinding } from '../../model/rule.ts';
import { savedIn } from '../../model/saved-settings.ts';
import { counterWords, doubtOn } from '../lib/denials.ts';
import { entryFacts, flowEntries, nodeWays, settingsOf, type FlowEntry, type NodeWays } from '../lib/flow-entries.ts';

type Message = 'kernel' | 'calico' | 'behind';
/** The packets that come in at an entry, as the kernel was asked about them. */
const waysOf = {
  request: { pod: ['source-egress', 'same-node'], node: ['target-ingress'] },
  answer: { pod: ['reply-target-egress', 'reply-same-node'], node: ['reply-source-ingress'] },
} as const satisfies Record<FlowEntry['packet'], Record<'pod' | 'node', readonly WayOf[]>>;

interface Place {
  readonly ways: NodeWays | null;
  readonly policy: Fact<RoutingPolicy>;
  readonly settings: Fact<InterfaceSettings>;
  readonly evidence: readonly Evidence[];
}

export const reversePathFiltered = defineRule({
  id: 'reverse-path-filtered',
  description: 'A node drops packets because its way back to their sender leaves by another interface.',
  step: 'filter',
  requires: ['flow', 'kernel-ways', 'denials'],
  considers: [...entryFacts, 'flow-outcome', 'routing@target', 'routing@source'],
  lacks: ['returnRoute'],
  advice: {
    who: 'the owner of node {node}',
    commands: [
      'ip route get {source}   # must leave by the interface at which its packets come in',
      'sysctl net/ipv4/conf/all/rp_filter   # the kernel takes the greater of this and that of the interface',
      'nstat -az TcpExtIPReversePathFilter   # rises with each packet that it drops',
    ],
  },
  messages: {
    kernel: {
      title: '{node} drops packets from {source} at {interface}: reverse path filter',
      detail:
        '{packets} by {interface}, and the way back is "{back}". rp_filter is {mode} there: {own} for ' +
        '{interface}, {all} for all. So the kernel drops packets whose answers would leave by another ' +
        'interface. It says: {words}.{saved}',
    },
    behind: {
      title: '{node} would drop packets from {source} at {interface}: reverse path filter',
      detail:
        'No packet comes to the filter yet, as {node} has no way onward. {packets} by {interface}, and the way back ' +
        'is "{back}". rp_filter is {mode} there: {own} for {interface}, {all} for all. So the kernel would drop ' +
        'packets whose answers leave by another interface.{saved}',
    },
    calico: {
      title: "Calico's reverse path rule drops packets from {source} on {node}",
      detail: 'The way back to {source} is "{back}". The packet ends at {rule}. {counters}',
    },
  },
  judge({ flow, 'kernel-ways': kernel, denials }, considered, evidence) {
    const places: Readonly<Record<FlowEntry['place'], Place>> = {
      target: {
        ways: nodeWays(considered['routes@target'], considered['links@target']),
        policy: considered['routing@target'],
        settings: considered['interface-settings@target'],
        evidence: evidence('interface-settings@target'),
      },
      source: {
        ways: nodeWays(considered['routes@source'], considered['links@source']),
        policy: considered['routing@source'],
        settings: considered['interface-settings@source'],
        evidence: evidence('interface-settings@source'),
      },
    };
    const isIpv6 = familyOf(flow.destination.address) === 6;
    const entries = flowEntries(flow, places.target.ways, places.source.ways, kernel, considered['client-entry']);
    const byRule = denials.denied.filter(isReversePath).map((denial): RawFinding<Message> => {
      const { node, rule, proof } = denial;
      const from = denial.leg.startsWith('reply') ? flow.destination : flow.source;
      const { ways } = places[node === flow.destination.node ? 'target' : 'source'];
      return {
        message: 'calico',
        data: {
          node,
          source: from.address,
          back: routeWords(ways?.routes ?? [], from.address),
          rule: ruleWords(rule),
          counters: counterWords(denial),
        },
        subject: { kind: 'Rule', name: `${rule.table} ${rule.chain} ${rule.index}` },
        node,
        proof,
        evidence: denial.evidence,
        stopsFlow: true,
        lacks: [returnRoute(node, from.address)],
        ...(isIpv6 ? { advice: ofIpv6 } : {}),
      };
    });
    const judged = (isIpv6 ? [] : entries).map((entry) => judgeEntry(entry, kernel, places[entry.place]));
    // A flow that works was let in by every node, whatever the kernels answered about a packet like its own.
    const outcome = considered['flow-outcome'];
    const works = outcome.status === 'observed' && outcome.value.judgedPort === 'works';
    const byKernel = judged.flatMap((one) => ('finding' in one && !works ? [one.finding] : []));
    const findings = [...byRule, ...byKernel];
    if (findings.length > 0) return fail(...findings);
    if (entries.length === 0) return notApplicable('no node forwards packets of this flow');
    const unknown = judged.flatMap((one) => ('unknown' in one ? [one.unknown] : []));
    const doubt = doubtOn(denials, allLegs) ?? unknown[0];
    if (doubt !== undefined) return inconclusive(doubt);
    return pass(
      isIpv6
        ? 'no rule drops packets for their way back, and the kernel checks none of IPv6'
        : 'each node takes packets by the interface by which it answers',
    );
  },
});

/** The kernel has no reverse path filter of IPv6: rules alone check it. */
const ofIpv6: Advice = {
  who: 'the owner of node {node}',
  commands: ['ip -6 route get {source}   # must leave by the interface at which its packets come in'],
};

type Judged = { readonly finding: RawFinding<Message> } | { readonly unknown: string } | { readonly taken: true };

function judgeEntry(entry: FlowEntry, kernel: readonly KernelWay[], place: Place): Judged {
  const { node, interface: name, packet, kind, from } = entry;
  const { ways, settings, evidence } = place;
  if (name === null) return { unknown: `not checked: by which interface packets from ${from} come in on ${node}` };
  const of: readonly WayOf[] = waysOf[packet][kind === 'pod' ? 'pod' : 'node'];
  const asked = kernel.find((way) => of.includes(way.of) && way.node === node && way.inInterface === name);
  if (!asked || asked.answer.kind === 'unavailable' || asked.doubt !== null)
    return { unknown: `not checked: whether ${node} takes packets from ${from} by ${name}` };
  const { answer } = asked;
  if (answer.kind === 'route' || (answer.error !== 'invalid-argument' && answer.error !== 'cross-device'))
    return { taken: true };
  const sender = asked.source ?? from;
  const [own, all] = [settingsOf(settings, name)?.reversePath, settingsOf(settings, 'all')?.reversePath];
  if (ways === null || own == null || all == null)
    return { unknown: `${node} refuses packets from ${from} by ${name} (${answer.words}), and why was not read` };
  const mode = Math.max(own, all);
  const way = (packet: Pick<RoutedPacket, 'destination' | 'source' | 'inInterface'>) =>
    routeOf(ways.routes, place.policy, packet);
  const onward = way({ destination: asked.destination, source: sender, inInterface: name });
  // The kernel looks for the way back as if the node itself sent the answer.
  const back = way({ destination: sender, source: asked.destination, inInterface: null });
  const [byMain = null] = routesTo(ways.routes, sender);
  // A blackhole of the receiver is refused with the same words. No packet comes to the filter then.
  const isBehind = onward.route?.type !== 'unicast';
  if (isBehind && (mode !== 1 || back.route?.type !== 'unicast' || leavesBy(back.route, name)))
    return { unknown: `${node} has no way onward for packets from ${from}, so its reverse path filter did not decide` };
  if (mode === 0 || leavesBy(back.route, name))
    return {
      unknown: `${node} refuses packets from ${from} by ${name} (${answer.words}), and its routes do not say why`,
    };
  // A rule that leads the way back elsewhere is no cause where the main table leads it elsewhere, too.
  const isOfRuleAlone = back.table === 'main' || leavesBy(byMain, name);
  return {
    finding: {
      message: isBehind ? 'behind' : 'kernel',
      data: {
        node,
        source: sender,
        interface: name,
        packets: packet === 'request' ? `Packets from ${from} come in` : `The answers of ${from} come in`,
        back: back.table === 'main' ? routeWords(ways.routes, sender) : backWords(back),
        mode: mode === 1 ? 'strict' : 'loose',
        own: String(own),
        all: String(all),
        words: answer.words,
        saved: savedWords(settings, name),
      },
      subject: { kind: 'Interface', name },
      node,
      proof: 'read',
      evidence: [
        ...asked.evidence,
        ...picking(evidence, (line) => ['all', name].some((one) => line.includes(`/${one}/rp_filter:`))),
      ],
      stopsFlow: !isBehind,
      lacks: isOfRuleAlone ? [returnRoute(node, sender)] : [],
    },
  };
}

/** A way by the tables of a node; the route is null where there is none. */
interface Led {
  readonly route: Route | null;
  readonly table: string;
}

/** Returns the way by rules and tables, or by the main table alone where they do not tell. */
function routeOf(
  main: readonly Route[],
  policy: Fact<RoutingPolicy>,
  packet: Pick<RoutedPacket, 'destination' | 'source' | 'inInterface'>,
): Led {
  const [route = null] = routesTo(main, packet.destination);
  if (policy.status === 'unavailable') return { route, table: 'main' };
  const found = lookUp(policy.value, main, {
    ...packet,
    mark: 0,
    protocol: null,
    sourcePort: null,
    destinationPort: null,
  });
  return found.kind === 'route' ? { route: found.route, table: found.table } : { route, table: 'main' };
}

function leavesBy(route: Route | null, name: string): boolean {
  return (
    route?.type === 'unicast' &&
    [route.device, ...route.nextHops.map(({ device }) => device)].some((one) => one === name)
  );
}

function backWords({ route, table }: Led): string {
  return `${route ? routeText(route) : 'no route'} table ${table}`;
}

function savedWords(settings: Fact<InterfaceSettings>, name: string): string {
  if (settings.status === 'unavailable') return '';
  const file = savedIn(settings.value, { interface: name, key: 'rp_filter', values: ['1', '2'], all: true });
  return file === null ? '' : ` ${file} sets it when the node starts.`;
}
