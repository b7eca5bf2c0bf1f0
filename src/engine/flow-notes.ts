import { unjudgedPodAddress } from '../calico/trusted-address.ts';
import { familyOf } from '../model/addresses.ts';
import type { Fact } from '../model/evidence.ts';
import type { Flow, UntriedPort } from '../model/flow.ts';
import type { Pod } from '../model/kubernetes.ts';
import { onlyCluster } from '../model/known-clusters.ts';
import type { Reachability } from '../model/reachability.ts';
import { isFull, isLimited, notShown, type PathSizes } from '../model/path-sizes.ts';
import type { TargetChoice } from '../model/target-choice.ts';
import { describeEnd } from '../model/flow-end-words.ts';
import { describePort } from '../model/target-grammar.ts';
import { someOf } from '../model/words.ts';
import type { FlowPort } from '../model/target.ts';
import { serviceName, type ServiceState } from '../model/service.ts';
import type { Gathering } from './gather.ts';

/**
 * Returns notes about the flow beside the verdict: sources that were not chosen, ports that were not tried or did not
 * answer.
 * @param cluster of the flow: where there are several, another question names it
 */
export async function flowNotes(gathering: Pick<Gathering, 'fact'>, cluster = onlyCluster): Promise<readonly string[]> {
  const [pod, service, choice, flow, reachability, outcome] = await Promise.all([
    gathering.fact('pod'),
    gathering.fact('service'),
    gathering.fact('target-choice'),
    gathering.fact('flow'),
    gathering.fact('reachability'),
    gathering.fact('tried-outcome'),
  ]);
  return [
    ...(choice.status === 'observed' ? notesOfChoice(choice.value, pod, flow, reachability, cluster) : []),
    ...(flow.status === 'observed' ? notesOfFlow(flow.value) : []),
    ...(pod.status === 'observed' && flow.status === 'observed'
      ? notesOfFamilies(pod.value, flow.value, {
          service: service.status === 'observed' ? service.value : null,
          asked: choice.status === 'observed' ? choice.value.asked : null,
        })
      : []),
    ...(reachability.status === 'observed' ? notesOfPorts(reachability.value) : []),
    ...(flow.status === 'observed' && outcome.status === 'observed' && outcome.value.judgedPort === 'works'
      ? notesOfSizes(await gathering.fact('path-sizes'), flow.value.source.node !== flow.value.destination.node)
      : []),
  ];
}

/**
 * A healthy verdict is about one family alone. Of a Service with an address of one family, that is all there is.
 * @param asked what stands for the pod; null: the pod itself was named
 */
function notesOfFamilies(
  pod: Pod,
  { source, destination }: Flow,
  { service, asked }: { readonly service: ServiceState | null; readonly asked: string | null },
): readonly string[] {
  const judged = familyOf(destination.address);
  const ofService = service !== null && service.address !== null;
  const other = ofService ? (service.otherAddress ?? null) : unjudgedPodAddress(pod, judged);
  const name = `${pod.metadata.namespace}/${pod.metadata.name}`;
  if (other === null) return [];
  const family = familyOf(other);
  // An address outside is of one family, and who asks about it cannot choose another.
  const isFixed = source.kind === 'outside' || destination.kind === 'outside';
  const again = `Ask again about ${asked ?? name}`;
  const next = isFixed
    ? ofService
      ? `${again} from an IPv${family} address to try it.`
      : `Run ping -${family} ${other} on a node to try it.`
    : `${again} with --family ipv${family} (in Slack: family ipv${family}) to try it.`;
  const whose = ofService ? `Service ${serviceName(service)}` : name;
  return [`Only IPv${judged} was tried. ${whose} also has the IPv${family} address ${other}. ${next}`];
}

/** Returns notes about packet sizes: what a healthy verdict does not cover, and the largest packet of the path. */
function notesOfSizes(sizes: Fact<PathSizes>, crossNode: boolean): readonly string[] {
  if (sizes.status === 'unavailable')
    return sizes.code === 'not-applicable'
      ? []
      : [`Only small packets were tried: ${sizes.reason}. Larger packets can still be lost.`];
  const { ways, untried } = sizes.value;
  if (ways.some(isLimited)) return [];
  const told = ways.flatMap((way) => (way.told !== null && isFull(way) && way.kind !== 'own-node' ? [way.told] : []));
  const open = notShown(sizes.value, crossNode);
  const where = open.length === 2 ? 'in either direction' : open[0] === 'reply' ? 'back from the pod' : 'at the pod';
  const why = untried[0] ? ` (${untried[0]})` : '';
  return [
    ...(open.length > 0
      ? [`Full-sized packets were not seen to arrive ${where}${why}. Only small ones were. Larger packets can be lost.`]
      : []),
    ...(told.length > 0
      ? [`The path takes packets of up to ${Math.min(...told)} bytes and tells senders so. TCP connections adapt.`]
      : []),
  ];
}

/** Which pod was judged of several, and what a try of each other one brought. */
function notesOfChoice(
  { asked, others, untried, pending }: TargetChoice,
  pod: Fact<Pod>,
  flow: Fact<Flow>,
  reachability: Fact<Reachability>,
  cluster: string,
): readonly string[] {
  const option = cluster === onlyCluster ? '' : ` with --cluster ${cluster} (in Slack: in ${cluster})`;
  const unsent = pod.status === 'observed' ? podName(pod.value) : null;
  const judged = flow.status === 'observed' ? describeEnd(flow.value.destination) : unsent;
  if (judged === null || others.length + untried.length + pending.length === 0) return [];
  const tried = reachability.status === 'observed' ? reachability.value.attempts : [];
  const of = (works: boolean) =>
    tried.filter(({ what, answer }) => what === 'other-pod' && (answer === 'reply') === works).map(({ to }) => to);
  const [answered, silent] = [of(true), of(false)];
  // Without a flow none is tried.
  const running = flow.status === 'observed' ? [] : others.map(podName);
  const [first] = [...silent, ...pending, ...running];
  return [
    [
      `Of ${asked}, pod ${judged} was judged.`,
      ...(answered.length > 0 ? [`Tried once, and answered: ${answered.join(', ')}.`] : []),
      ...(silent.length > 0 ? [`Tried once, and did not answer: ${silent.join(', ')}.`] : []),
      ...(running.length > 0 ? [`Running, and not tried: ${running.join(', ')}.`] : []),
      ...(pending.length > 0 ? [`Pending, and not tried: ${someOf(pending)}.`] : []),
      ...(first ? [`To diagnose one of them, use diagnose ${first}${option}.`] : []),
      ...(untried.length > 0 ? [`${untried.length} other pods were not tried, such as ${untried[0]}.`] : []),
    ].join(' '),
  ];
}

function podName({ metadata }: Pod): string {
  return `${metadata.namespace ?? 'default'}/${metadata.name}`;
}

function notesOfFlow({ refusedByDesign, untriedPorts }: Flow): readonly string[] {
  const beyond = untriedPorts.filter(({ refused }) => refused === null).map(({ port }) => port);
  return [
    ...refusedByDesign.map(
      ({ source, policy, ports }) =>
        `Policy ${policy} denies ${source}${ports ? ` on ${portWords(ports)}` : ''} and allows other sources. ` +
        'I take this as intended, not as a fault.',
    ),
    ...untriedPorts.flatMap(noteOfRefused),
    ...(beyond[0]
      ? [
          `${portWords(beyond)} ${beyond.length === 1 ? 'was' : 'were'} not tried: the pod declares more TCP ` +
            `ports than one run tries. To try one, use --port ${describePort(beyond[0])}.`,
        ]
      : []),
  ];
}

function noteOfRefused({ port, refused }: UntriedPort): readonly string[] {
  const words = describePort(port);
  return refused
    ? [
        `${words} was not tried: policy ${refused.policy} denies it from the chosen source and allows other ` +
          `sources. To try it, use --from ${refused.admitted} --port ${words}.`,
      ]
    : [];
}

function notesOfPorts({ attempts }: Reachability): readonly string[] {
  return attempts.flatMap(({ what, answer, from, port }) => {
    if (what !== 'other-port' || answer === 'reply') return [];
    const words = describePort(port);
    return [
      `${words} ${answer === 'error' ? 'could not be tried' : 'did not answer'} from ${from}. To diagnose it ` +
        `alone, use --port ${words}.`,
    ];
  });
}

function portWords(ports: readonly FlowPort[]): string {
  return ports.map(describePort).join(', ');
}
