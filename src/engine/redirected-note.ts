import { describeEnd } from '../model/flow-end-words.ts';
import type { Gathering } from './gather.ts';

/**
 * Returns a note where a rule inside the sending pod leads its connections elsewhere, as a service mesh does: the test
 * packets went there as well, and what answers them is not the asked pod.
 */
export async function redirectedNote(gathering: Pick<Gathering, 'fact'>): Promise<readonly string[]> {
  const [flow, walks, outcome] = await Promise.all([
    gathering.fact('flow'),
    gathering.fact('pod-walks'),
    gathering.fact('flow-outcome'),
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
