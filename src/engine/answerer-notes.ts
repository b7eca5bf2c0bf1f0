import { answeringRules } from '../model/answering-rules.ts';
import { describeEnd } from '../model/flow-end-words.ts';
import type { Gathering } from './gather.ts';

/** Returns notes where another than the asked end answers the test packets, or may do so. */
export async function answererNotes(gathering: Pick<Gathering, 'fact'>): Promise<readonly string[]> {
  return [...(await redirectedNote(gathering)), ...(await proxyNotes(gathering))];
}

/** A rule that answers handshakes itself, such as SYNPROXY: no data was sent behind the handshake. */
async function proxyNotes(gathering: Pick<Gathering, 'fact'>): Promise<readonly string[]> {
  const [flow, walks, outcome] = await Promise.all([
    gathering.fact('flow'),
    gathering.fact('walks'),
    gathering.fact('tried-outcome'),
  ]);
  if (flow.status === 'unavailable' || walks.status === 'unavailable' || outcome.status === 'unavailable') return [];
  if (outcome.value.judgedPort !== 'works') return [];
  const { destination, port } = flow.value;
  const end = describeEnd(destination);
  const address = 'number' in port ? `${destination.address} ${port.number}` : destination.address;
  const told = new Map(
    walks.value.flatMap(({ node, result }) =>
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
async function redirectedNote(gathering: Pick<Gathering, 'fact'>): Promise<readonly string[]> {
  const [flow, walks, outcome] = await Promise.all([
    gathering.fact('flow'),
    gathering.fact('pod-walks'),
    gathering.fact('tried-outcome'),
  ]);
  if (flow.status === 'unavailable' || walks.status === 'unavailable' || outcome.status === 'unavailable') return [];
  const { source, destination } = flow.value;
  const sent = walks.value.walks.find(({ end, packet }) => end === 'source' && packet === 'request');
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
  const said =
    outcome.value.judgedPort === 'works'
      ? `The answers came from there: they do not show whether ${describeEnd(destination)} answers.`
      : 'Nothing answered them there.';
  const next = `kubectl -n ${source.namespace ?? 'default'} logs ${source.name} --all-containers --tail=50`;
  return [
    `A rule inside pod ${pod} leads its connections to ${place}, as a service mesh does. The test packets went ` +
      `there, too. ${said} To do next: ${next}   # does the proxy run, and what does it say?`,
  ];
}
