/** Says where a flow stops. */
import { neighbourProtocol } from '../model/addresses.ts';
import type { Flow } from '../model/flow.ts';
import type { Area, PassageMark, PassageStop } from '../model/passage.ts';
import { endWords, placeWords } from './path.ts';

/** Returns one to three sentences: which packet is lost, and between which two places. */
export function stopSummary(stop: PassageStop, from: PassageMark, to: PassageMark, flow: Flow): string {
  const [first] = to.silent;
  const silent = flow.port.protocol === 'udp' && stop.areas.includes('target-pod');
  return [
    lossWords(stop, from, to, flow),
    ...(silent ? ['A UDP service may leave a datagram without an answer.'] : []),
    ...(first === undefined
      ? []
      : [`Nobody answers ${neighbourProtocol(first)} for ${to.silent.join(', ')} at ${interfaceOf(to)}.`]),
  ].join(' ');
}

function lossWords(stop: PassageStop, from: PassageMark, to: PassageMark, flow: Flow): string {
  const { source, destination } = flow;
  const pod = endWords(destination);
  const [seen, missing] = [at(from, flow), at(to, flow)];
  const [area] = stop.areas;
  if (stop.direction === null)
    return `The request was seen at ${seen}, and no reply came back. Captures do not show which of the two is lost.`;
  if (stop.direction === 'reply' && from.direction === 'request')
    return to.point === 'target-pod'
      ? `The request reached ${pod} at ${interfaceOf(from)}, and no reply came out of the pod.`
      : `The request reached ${pod} at ${interfaceOf(from)}. No reply came back, and captures do not show how ` +
          'far it came.';
  const packet = stop.direction === 'request' ? 'request' : 'reply';
  const where = stop.areas.length === 1 && area ? ` ${whereWords(area, flow)}` : '';
  const lost = `The ${packet} is lost${where}: it was seen at ${seen}, and not at ${missing}.`;
  return from.point === 'sender' && to.point === 'source-pod'
    ? `The request does not leave pod ${source.namespace}/${source.name}: it was not seen at ${interfaceOf(to)}.`
    : lost;
}

function at(mark: PassageMark, flow: Flow): string {
  return mark.interface === null ? placeWords(mark, flow) : interfaceOf(mark);
}

function interfaceOf({ interface: device, node }: PassageMark): string {
  return node === null ? (device ?? 'its interface') : `${device ?? 'its interface'} of ${node}`;
}

function whereWords(area: Area, { source, destination }: Flow): string {
  const words: Readonly<Record<Area, string>> = {
    'source-pod': `in pod ${source.namespace}/${source.name}`,
    'source-node': `on node ${source.node}`,
    underlay: `on the network between ${source.node} and ${destination.node ?? destination.name}`,
    'target-node': `on node ${destination.node}`,
    'target-pod': `in pod ${destination.namespace}/${destination.name}`,
  };
  return words[area];
}
