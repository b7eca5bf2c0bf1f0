import type { CapturePlace, PathCapture } from '../model/path-capture.ts';
import type { NodeAnswers } from '../model/node-answers.ts';
import type { Flow } from '../model/flow.ts';
import type { Gathering } from './gather.ts';

/** Fewer packets than this are too few to tell that a network drops all of them. */
const enough = 3;

/**
 * Returns a note where the two nodes of the flow do not answer each other, and other nodes answer both: what is lost
 * between them is more than the packets of pods. Captures say in which direction.
 */
export async function nodePairNote(gathering: Pick<Gathering, 'fact'>): Promise<readonly string[]> {
  const [flow, asked, outcome, capture] = await Promise.all([
    gathering.fact('flow'),
    gathering.fact('node-answers'),
    gathering.fact('tried-outcome'),
    gathering.fact('path-capture'),
  ]);
  if (flow.status === 'unavailable' || asked.status === 'unavailable') return [];
  if (outcome.status === 'observed' && outcome.value.judgedPort === 'works') return [];
  const { source, destination } = flow.value;
  if (asked.value.length === 0 || !asked.value.every(isCutFromOneAlone)) return [];
  const seen = capture.status === 'observed' ? lostWords(capture.value, flow.value) : [];
  const ways = `${source.nodeAddress} and ${destination.nodeAddress}`;
  const ask =
    seen.length > 0
      ? `So more than the packets of pods is lost. Ask the network team what is between ${ways}, and drops packets.`
      : `A firewall of a node, or the network between them, drops packets. Ask the owners what is between ${ways}.`;
  return [
    [
      `${source.node} and ${destination.node} do not answer each other (ping, TCP), and other nodes answer both.`,
      ...seen,
      ask,
    ].join(' '),
  ];
}

function isCutFromOneAlone({ answers, control, itself }: NodeAnswers): boolean {
  return answers.length === 0 && itself === 'connected' && control !== null;
}

/** Each direction of which captures saw packets of pods and of nodes leave, and none arrive. */
function lostWords({ places }: PathCapture, { source, destination }: Flow): readonly string[] {
  const [from, to] = (['source-card', 'target-card'] as const).map((hop) => places.find((place) => place.hop === hop));
  if (!from || !to || [from, to].some(({ droppedByKernel }) => droppedByKernel !== 0)) return [];
  const ends = [source.node ?? '', destination.node ?? ''];
  return [
    ...lost({ sent: goingThere(from), arrived: goingThere(to), plain: from.control, ends }),
    ...lost({ sent: goingBack(to), arrived: goingBack(from), plain: to.controlReplies, ends: ends.toReversed() }),
  ];
}

/** What is known of one direction: what left, what arrived, and which of it was no pod's. */
interface Direction {
  readonly sent: readonly string[];
  readonly arrived: readonly string[];
  readonly plain: readonly string[];
  readonly ends: readonly string[];
}

function lost({ sent, arrived, plain, ends: [from, to] }: Direction): readonly string[] {
  return sent.length >= enough && plain.length > 0 && arrived.length === 0
    ? [`${from} sent ${sent.length} packets to ${to}, and none reached its network interface.`]
    : [];
}

function goingThere({ requests, largeRequests, control, largeControl }: CapturePlace): readonly string[] {
  return [...requests, ...largeRequests, ...control, ...largeControl];
}

function goingBack({ replies, controlReplies }: CapturePlace): readonly string[] {
  return [...replies, ...controlReplies];
}
