import { grepKernelCounters } from '../../commands/grep.ts';
import { observed, type Evidence } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import type { CounterReadings } from '../../model/kernel-counters.ts';
import { LookError } from '../../model/look-error.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { outputOf } from '../lib/evidence.ts';
import { parseKernelCounters } from '../parse/kernel-counters.ts';

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
  uses: ['flow-outcome', 'kernel-counters@target', 'kernel-counters@source'],
  runsOn: ['target', 'source'],
  provides: ['counter-readings'],
  async read(look, facts) {
    const { source, destination } = facts.get('flow');
    const outcome = await facts.ask('flow-outcome');
    if (outcome.status !== 'observed' || outcome.value.judgedPort !== 'fails')
      throw new LookError('not-applicable', 'no test packet was lost');
    const places =
      source.node === null || source.node === destination.node
        ? (['target'] as const)
        : (['target', 'source'] as const);
    const readings: CounterReadings[] = [];
    const evidence: Evidence[] = [];
    for (const place of places) {
      const before = await facts.ask(`kernel-counters@${place}`);
      if (before.status === 'unavailable') continue;
      const node = look.on(place);
      const transcript = await node.run(grepKernelCounters);
      readings.push({
        node: node.node,
        before: before.value,
        after: parseKernelCounters(outputOf(transcript, answers)),
      });
      evidence.push(...before.evidence, evidenceOf({ ...transcript, exit: 0 }));
    }
    return { 'counter-readings': observed(readings, evidence) };
  },
});
