import { defineComputed } from '../model/computed.ts';
import { observed } from '../model/evidence.ts';
import { hasOtherAnswerer } from './lib/other-answerer.ts';

export const flowOutcome = defineComputed({
  id: 'flow-outcome',
  description:
    'The outcome of the asked flow: that of the test packets, and not known where another than the asked end may ' +
    'have answered them.',
  essential: false,
  needs: ['tried-outcome'],
  considers: ['walks', 'pod-walks'],
  async compute(facts) {
    const tried = facts.get('tried-outcome');
    if (tried.judgedPort !== 'works') return observed(tried);
    const [walks, podWalks] = await Promise.all([facts.ask('walks'), facts.ask('pod-walks')]);
    return observed(
      hasOtherAnswerer(
        walks.status === 'observed' ? walks.value : [],
        podWalks.status === 'observed' ? podWalks.value.walks : [],
      )
        ? { flow: 'unknown', judgedPort: 'unknown' }
        : tried,
    );
  },
});
