import { answeringRules } from '../model/answering-rules.ts';
import type { Flow } from '../model/flow.ts';
import type { PacketWalk, PodWalk } from '../model/flow-walk.ts';
import { describeEnd } from '../model/flow-end-words.ts';
import type { Gathering } from './gather.ts';

/** Returns notes where another than the asked end answers the test packets, or may do so. */
export async function answererNotes(gathering: Pick<Gathering, 'fact'>): Promise<readonly string[]> {
  const [flow, outcome, walks, inPods] = await Promise.all([
    gathering.fact('flow'),
    gathering.fact('tried-outcome'),
    gathering.fact('walks'),
    gathering.fact('pod-walks'),
  ]);
  if (flow.status === 'unavailable' || outcome.status === 'unavailable') return [];
  const isAnswered = outcome.value.judgedPort === 'works';
  return [
    ...(inPods.status === 'observed' ? redirectedNote(flow.value, inPods.value.walks, isAnswered) : []),
    ...(walks.status === 'observed' && isAnswered ? proxyNotes(flow.value, walks.value) : []),
  ];
}

/** A rule that answers handshakes itself, such as SYNPROXY: no data was sent behind the handshake. */
function proxyNotes({ destination, port }: Flow, walks: readonly PacketWalk[]): readonly string[] {
  const end = describeEnd(destination);
  const address = 'number' in port ? `${destination.address} ${port.number}` : destination.address;
  const told = new Map(
    walks.flatMap(({ node, result }) =>
      answeringRules(result).map((rule) => [`${node}: ${rule}`, { node, rule }] as const),
    ),
  );
  return [...told.values()].map(
    ({ node, rule }) =>
      `A rule of ${node} may answer connections by itself (${rule}): the test packets do not show whether ${end} ` +
      `answers. To do next, send data from the client: nc -v ${address}`,
  );
}

/**
 * A rule inside the sending pod leads its connections elsewhere, as a service mesh does: the test packets went there as
 * well, and what answers them is not the asked pod.
 */
function redirectedNote(
  { source, destination }: Flow,
  walks: readonly PodWalk[],
  isAnswered: boolean,
): readonly string[] {
  const sent = walks.find(({ end, packet }) => end === 'source' && packet === 'request');
  if (!sent) return [];
  const { asked, result } = sent;
  const { packet } = result;
  if (packet.destination === asked.destination && packet.destinationPort === asked.destinationPort) return [];
  const pod = `${source.namespace ?? 'default'}/${source.name}`;
  const port = packet.destinationPort ?? '?';
  const place =
    packet.destination === asked.destination || packet.destination.startsWith('127.')
      ? `port ${port} of the pod itself`
      : `${packet.destination} port ${port}`;
  const said = isAnswered
    ? `The answers came from there: they do not show whether ${describeEnd(destination)} answers.`
    : 'Nothing answered them there.';
  const next = `kubectl -n ${source.namespace ?? 'default'} logs ${source.name} --all-containers --tail=50`;
  return [
    `A rule inside pod ${pod} leads its connections to ${place}, as a service mesh does. The test packets went ` +
      `there, too. ${said} To do next: ${next}   # does the proxy run, and what does it say?`,
  ];
}
