import { defineComputed } from '../model/computed.ts';
import { observed } from '../model/evidence.ts';
import { hasOtherAnswerer } from './lib/other-answerer.ts';

export const flowOutcome = defineComputed({
  id: 'flow-outcome',
  description:
    'The outcome of the asked flow: that of the test packets. It is not known where another than the asked end may ' +
    'have answered them, and a handshake alone where a rule ends what follows it.',
  essential: false,
  needs: ['tried-outcome'],
  considers: ['walks', 'pod-walks', 'data-drops'],
  async compute(facts) {
    const tried = facts.get('tried-outcome');
    if (tried.judgedPort !== 'works') return observed(tried);
    const [walks, podWalks] = await Promise.all([facts.ask('walks'), facts.ask('pod-walks')]);
    const isAnsweredElsewhere = hasOtherAnswerer(
      walks.status === 'observed' ? walks.value : [],
      podWalks.status === 'observed' ? podWalks.value.walks : [],
    );
    if (isAnsweredElsewhere) return observed({ flow: 'unknown', judgedPort: 'unknown' });
    // Test packets of TCP open a connection, and send nothing on it.
    const later = await facts.ask('data-drops');
    const inPods = podWalks.status === 'observed' ? (podWalks.value.later ?? []) : [];
    return observed(
      inPods.length > 0 || (later.status === 'observed' && later.value.length > 0)
        ? { flow: 'fails', judgedPort: tried.judgedPort, answeredPart: 'handshake' }
        : tried,
    );
  },
});
