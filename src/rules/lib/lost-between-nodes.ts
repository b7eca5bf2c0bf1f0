import type { Fact } from '../../model/evidence.ts';
import type { CapturePlace } from '../../model/path-capture.ts';
import type { Link } from '../../model/network.ts';
import {
  fail,
  inconclusive,
  notApplicable,
  pass,
  type Advice,
  type Outcome,
  type RawFinding,
  type Rule,
} from '../../model/rule.ts';
import { nodeAnswers } from '../../model/resource.ts';
import type { Tunnel } from '../../tunnels/contract.ts';

type Of<Message extends string> = Omit<
  Rule<'flow' | 'path-capture', 'flow-outcome' | 'links@target' | 'links@source', Message>,
  'id'
>;
type LostRule = Of<'lost' | 'part'>;
type Judging = Pick<LostRule, 'step' | 'requires' | 'considers' | 'lacks'> & {
  readonly judge: (...given: Parameters<Of<'lost'>['judge']>) => Outcome<'lost', never>;
};

/**
 * Returns all but the id of the rule that a tunnel's packets leave one node's card and do not arrive on the other's,
 * while plain packets between the same addresses do.
 */
export function lostBetweenNodes(tunnel: Tunnel): LostRule {
  const { words, filter, openstack, aws } = outerSpelling(tunnel);
  const judging = judgingLost(tunnel);
  const numbers =
    `{from} sent {sent} packets of ${words} to {targetAddress}, and {arrived} reached {to}. {control} ` +
    'plain packets of the same direction arrived in the same capture.';
  const ofPart: Advice = {
    who: 'the team of the network between the nodes',
    commands: [
      `tcpdump -ni {interface} ${filter} and host {sourceAddress}   # on both nodes: what do the lost ones share?`,
      'ip -s link show dev {interface}   # on both nodes: do errors or drops rise?',
    ],
  };
  return {
    ...judging,
    sharedBy: 'both-nodes',
    description:
      `${tunnel.name} packets leave one node and do not reach the other, while plain packets between the same ` +
      'addresses arrive.',
    advice: {
      who: 'the cloud network team',
      commands: [
        `openstack security group rule create ${openstack} --ingress --remote-group GROUP GROUP   # GROUP: the ` +
          'security group of the nodes',
        'aws ec2 authorize-security-group-ingress --group-id GROUP --ip-permissions ' +
          `'${aws},UserIdGroupPairs=[{GroupId=GROUP}]'`,
        `tcpdump -ni {interface} ${filter} and host {sourceAddress}   # on {to}: shows the packets once the ` +
          'firewall lets them pass',
      ],
    },
    messages: {
      lost: {
        title: `${tunnel.name} packets from {from} do not reach {to}`,
        detail: `${numbers} A firewall between the nodes, such as a security group, drops ${words}.`,
      },
      part: {
        title: `Some ${tunnel.name} packets from {from} do not reach {to}`,
        detail:
          `${numbers} So ${words} may pass, and some of it is lost: on one of several paths between the nodes, by a ` +
          'limit of rate, or by a firewall that knows a flow only in part.',
      },
    },
    judge(...given) {
      const outcome = judging.judge(...given);
      if (outcome.outcome !== 'fail') return outcome;
      return fail(
        ...outcome.findings.map((finding): RawFinding<'lost' | 'part'> =>
          finding.data['arrived'] === '0' ? finding : { ...finding, message: 'part', advice: ofPart },
        ),
      );
    },
  };
}

/** What such a rule reads, and how it judges. The judging is the same for every tunnel, and where there is none. */
export function judgingLost({ kind, name }: Pick<Tunnel, 'kind' | 'name'>): Judging {
  return {
    step: 'underlay',
    requires: ['flow', 'path-capture'],
    considers: ['flow-outcome', 'links@target', 'links@source'],
    lacks: ['nodeAnswers'],
    judge(
      { flow, 'path-capture': capture },
      { 'flow-outcome': outcome, 'links@target': targetLinks, 'links@source': sourceLinks },
      evidence,
    ) {
      if (capture.encapsulation !== kind) return notApplicable(`${name} does not carry this flow`);
      // Others talk between the two pods as well: what one capture saw of them as it began or ended, the other may not
      // have.
      if (outcome.status === 'observed' && outcome.value.judgedPort === 'works') return pass('the asked flow works');
      const source = capture.places.find((place) => place.hop === 'source-card');
      const target = capture.places.find((place) => place.hop === 'target-card');
      if (!source || !target) return inconclusive('not captured on the network interfaces of both nodes');
      // What a node sends past the tunnel, another rule or route leads there.
      const carried = (place: CapturePlace, keys: readonly string[]) =>
        kind === 'none' ? keys : keys.filter((key) => !(place.plain ?? []).includes(key));
      const onTheWay = carried(source, [...source.requests, ...source.largeRequests]);
      const back = carried(target, target.replies);
      if (onTheWay.length === 0 && back.length === 0)
        return notApplicable('no encapsulated packet left the source node');
      const trouble = strayTunnel([source, target], [targetLinks, sourceLinks]) ?? captureTrouble(source, target);
      if (trouble) return inconclusive(trouble);
      const uncontrolled = backTrouble(source, target);
      const findings: RawFinding<'lost'>[] = [];
      const report = (
        from: CapturePlace,
        to: CapturePlace,
        sent: readonly string[],
        seen: readonly string[],
        addresses: readonly [string, string],
        control: number,
      ) => {
        const arrived = sent.filter((key) => seen.includes(key));
        if (sent.length === 0 || arrived.length === sent.length) return;
        findings.push({
          message: 'lost',
          data: {
            from: from.node,
            to: to.node,
            sent: String(sent.length),
            arrived: String(arrived.length),
            interface: to.interface,
            sourceAddress: addresses[0],
            targetAddress: addresses[1],
            control: String(control),
          },
          subject: { kind: 'NodePair', name: `${from.node}→${to.node}` },
          node: null,
          proof: 'capture',
          evidence: evidence('path-capture'),
          stopsFlow: true,
          lacks: [nodeAnswers(to.node), nodeAnswers(from.node)],
        });
      };
      const [sourceAddress, targetAddress] = [flow.source.nodeAddress ?? '?', flow.destination.nodeAddress ?? '?'];
      const there = [...target.control, ...target.largeControl];
      report(
        source,
        target,
        onTheWay,
        [...target.requests, ...target.largeRequests],
        [sourceAddress, targetAddress],
        [...source.control, ...source.largeControl].filter((key) => there.includes(key)).length,
      );
      if (uncontrolled === null)
        report(target, source, back, source.replies, [targetAddress, sourceAddress], target.controlReplies.length);
      else if (findings.length === 0 && back.some((key) => !source.replies.includes(key)))
        return inconclusive(uncontrolled);
      if (
        findings.every(({ data }) => data['sent'] !== '1' && Number(data['sent']) - Number(data['arrived']) === 1) &&
        findings.length > 0
      )
        return inconclusive('only one packet of several is missing, which is too few to tell a loss');
      return findings.length > 0 ? fail(...findings) : pass('every encapsulated packet reached the other node');
    },
  };
}

/** Why a reply that is missing is not lost for what carries it; null: all plain packets of its direction arrived. */
function backTrouble(source: CapturePlace, target: CapturePlace): string | null {
  const way = `from ${target.node} to ${source.node}`;
  if (target.controlReplies.length === 0) return `the captures hold no plain packet ${way} to compare with`;
  return target.controlReplies.some((key) => !source.controlReplies.includes(key))
    ? `plain packets ${way} are lost too`
    : null;
}

/** The tunnel's outer packets, as people, tcpdump and the clouds' security groups spell them. */
function outerSpelling({ protocol, port }: Tunnel): Readonly<Record<'words' | 'filter' | 'openstack' | 'aws', string>> {
  if (port === null) {
    return {
      words: `IP protocol ${protocol}`,
      filter: `ip proto ${protocol}`,
      openstack: `--protocol ${protocol}`,
      aws: `IpProtocol=${protocol}`,
    };
  }
  const aws = `IpProtocol=udp,FromPort=${port},ToPort=${port}`;
  return { words: `UDP port ${port}`, filter: `udp port ${port}`, openstack: `--protocol udp --dst-port ${port}`, aws };
}

/**
 * What is sent to an address that neither node has was not lost between the two: a route or a node's address is wrong.
 */
function strayTunnel(places: readonly CapturePlace[], links: readonly Fact<readonly Link[]>[]): string | null {
  const known = links.flatMap((fact) => (fact.status === 'observed' ? [fact.value] : []));
  if (known.length < links.length) return null;
  const own = new Set(known.flat().flatMap(({ addresses }) => addresses.map(({ address }) => address)));
  for (const { node, outer } of places) {
    const stray = outer.find(({ destination }) => !own.has(destination));
    if (stray)
      return `${node} sends encapsulated packets to ${stray.destination}, which is not an address of either node`;
  }
  return null;
}

/**
 * "Not seen" counts only where both captures saw the plain packets, small and large alike, and the kernel dropped none.
 */
function captureTrouble(source: CapturePlace, target: CapturePlace): string | null {
  for (const { node, droppedByKernel } of [source, target]) {
    if (droppedByKernel === null) return `the capture on ${node} did not say whether the kernel dropped packets`;
    if (droppedByKernel > 0) return `the kernel dropped ${droppedByKernel} packets of the capture on ${node}`;
  }
  if (source.control.length === 0) return 'the captures hold no plain packet between the nodes to compare with';
  if (source.control.some((key) => !target.control.includes(key)))
    return 'plain packets between the nodes are lost too';
  if (source.largeControl.some((key) => !target.largeControl.includes(key)))
    return 'large plain packets between the nodes are lost too';
  if (target.requests.length > 0 && target.largeRequests.length < source.largeRequests.length)
    return 'small packets arrive and large ones do not, so the size matters and not the protocol';
  return null;
}
