import { tcQdiscShow } from '../../commands/tc.ts';
import { observed } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { defineNodeProbe } from '../../model/probe.ts';
import { isMade } from '../../model/queues.ts';
import { outputOf } from '../lib/evidence.ts';
import { parseQueues } from '../parse/queues.ts';

/** Lines of queues that somebody made. */
const made = /^qdisc (?!(?:noqueue|noop|pfifo_fast|mq|fq|fq_codel|cake|sfq) )/;

export const queues = defineNodeProbe({
  id: 'queues',
  description: 'Queues of the network interfaces of a node, and the places at which filters of tc stand.',
  kind: 'passive',
  place: 'node',
  places: ['target', 'source'],
  // They explain a loss; a flow that works has none to explain.
  essential: false,
  commands: [tcQdiscShow],
  needs: [],
  provides: ['queues'],
  async read(look) {
    const transcript = await look.run(tcQdiscShow);
    return { queues: observed(parseQueues(outputOf(transcript)).filter(isMade), [evidenceOf(transcript, made)]) };
  },
});
