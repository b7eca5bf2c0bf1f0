import { grepKernelCounters } from '../../commands/grep.ts';
import { observed, type Evidence } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import type { CounterReadings } from '../../model/kernel-counters.ts';
import { LookError } from '../../model/look-error.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { outputOf } from '../lib/evidence.ts';
import { parseKernelCounters } from '../../model/kernel-counter-files.ts';

interface Reading {
  readonly counters: CounterReadings;
  readonly evidence: readonly Evidence[];
}

/** 2: some of the files are not there. */
const answers = [0, 2];

export const laterCounters = defineClusterProbe({
  id: 'later-counters',
  description: "The same counters of the flow's nodes after the test packets, where those were lost.",
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [grepKernelCounters],
  moment: 'later',
  needs: ['flow'],
  uses: ['tried-outcome', 'kernel-counters@target', 'kernel-counters@source'],
  runsOn: ['target', 'source'],
  provides: ['counter-readings'],
  async read(look, facts) {
    const { source, destination } = facts.get('flow');
    const outcome = await facts.ask('tried-outcome');
    if (outcome.status !== 'observed' || outcome.value.judgedPort !== 'fails')
      throw new LookError('not-applicable', 'no test packet was lost');
    const places =
      source.node === null || source.node === destination.node
        ? (['target'] as const)
        : (['target', 'source'] as const);
    const read = await Promise.all(
      places.map(async (place): Promise<readonly Reading[]> => {
        const before = await facts.ask(`kernel-counters@${place}`);
        if (before.status === 'unavailable') return [];
        const node = look.on(place);
        const transcript = await node.run(grepKernelCounters);
        const after = parseKernelCounters(outputOf(transcript, answers));
        const evidence = [...before.evidence, evidenceOf({ ...transcript, exit: 0 })];
        return [{ counters: { node: node.node, before: before.value, after }, evidence }];
      }),
    );
    return {
      'counter-readings': observed(
        read.flat().map(({ counters }) => counters),
        read.flat().flatMap(({ evidence }) => evidence),
      ),
    };
  },
});
