import type { Flow } from '../model/flow.ts';
import type { Route } from '../model/network.ts';
import { routesTo } from '../model/routes.ts';
import { shellCommand } from '../model/shell-words.ts';
import { doubtOnAbsence, wayPoints, type Sighting } from '../model/sightings.ts';
import type { FoundFinding } from '../model/verdict.ts';
import type { Gathering } from './gather.ts';

/**
 * Returns notes on a flow of which some packets are answered and others are not: between which two captures they are
 * lost. Where nothing explains it, or none is answered, also routes with several next hops: each connection takes one.
 */
export async function lossNotes(
  gathering: Pick<Gathering, 'fact'>,
  roots: readonly FoundFinding[],
): Promise<readonly string[]> {
  const [flow, outcome] = await Promise.all([gathering.fact('flow'), gathering.fact('tried-outcome')]);
  if (flow.status === 'unavailable' || outcome.status === 'unavailable') return [];
  if (outcome.value.judgedPort !== 'fails') return [];
  const [sightings, atSource, atTarget] = await Promise.all([
    gathering.fact('sightings'),
    gathering.fact('routes@source'),
    gathering.fact('routes@target'),
  ]);
  const { source, destination } = flow.value;
  const hops = [
    ...(atSource.status === 'observed' ? severalHops(atSource.value, source.node, destination.address) : []),
    ...(atTarget.status === 'observed' ? severalHops(atTarget.value, destination.node, source.address) : []),
  ];
  const isInPart = outcome.value.answeredPart === 'some-packets' && sightings.status === 'observed';
  return [
    ...(roots.length === 0 ? hops : []),
    ...(isInPart ? lostOf(sightings.value.points, flow.value, hops.length > 0) : []),
  ];
}

function severalHops(routes: readonly Route[], node: string | null, address: string): readonly string[] {
  const [taken] = routesTo(routes, address);
  if (!taken || taken.type !== 'unicast' || taken.nextHops.length < 2) return [];
  const hops = taken.nextHops.map(({ gateway, device }) =>
    [...(gateway ? [`via ${gateway}`] : []), ...(device ? [`dev ${device}`] : [])].join(' '),
  );
  return [
    `${node ?? 'The node'} has ${hops.length} next hops to ${address}: ${hops.join('; ')}. Each connection takes one ` +
      'of them, and one may lead nowhere. Check that each leads to the receiver. ' +
      `To do next on ${node ?? 'the node'}: ` +
      shellCommand`ip route show ${taken.destination}`,
  ];
}

interface Loss {
  readonly packets: 'requests' | 'replies';
  readonly from: Sighting;
  readonly to: Sighting;
  readonly lost: number;
}

function lostOf(points: readonly Sighting[], flow: Flow, hasHops: boolean): readonly string[] {
  const onWay = wayPoints.flatMap((point) => points.find((one) => one.point === point) ?? []);
  const loss = firstLoss(onWay, 'requests', points) ?? firstLoss(onWay.toReversed(), 'replies', points);
  return loss ? [lossWords(loss, flow, hasHops)] : [];
}

/**
 * The first two captures, one behind the other, of which only the former saw some packets. Each saw others of the same
 * flow, so it knows them by their addresses.
 */
function firstLoss(onWay: readonly Sighting[], packets: Loss['packets'], all: readonly Sighting[]): Loss | null {
  const looks = onWay.filter((look) => look[packets].length > 0 && doubtOnAbsence(look) === null);
  // A request that was answered has arrived, whatever the captures before it show.
  const arrived = packets === 'requests' ? all.flatMap(({ replies }) => replies) : [];
  for (const [at, from] of looks.entries()) {
    const to = looks[at + 1];
    const behind = new Set([...looks.slice(at + 1).flatMap((look) => look[packets]), ...arrived]);
    const lost = from[packets].filter((mark) => !behind.has(mark)).length;
    // Where the capture behind saw none of them, the two may have listened to different tries.
    const sawSameTries = to?.[packets].some((mark) => from[packets].includes(mark));
    if (to && sawSameTries && lost > 0) return { packets, from, to, lost };
  }
  return null;
}

function lossWords({ packets, from, to, lost }: Loss, { source, destination }: Flow, hasHops: boolean): string {
  const seen = `Of ${from[packets].length} ${packets} seen at ${place(from)}, ${lost} did not come to ${place(to)}.`;
  if (from.node === to.node)
    return `${seen} To do next on ${from.node}: nstat -az | grep -iE 'drop|filter|overflow'; ip -s link`;
  if (hasHops) return seen;
  const nodes = [source.node ?? source.name, destination.node ?? destination.name].join(' and ');
  return (
    `${seen} The network between ${nodes} loses some packets: it is overloaded, or one of several paths loses them. ` +
    'Ask the network team.'
  );
}

function place({ interface: device, node }: Sighting): string {
  return `${device} of ${node}`;
}
