import { grepKernelCounters } from '../../commands/grep.ts';
import { observed } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { defineNodeProbe } from '../../model/probe.ts';
import { outputOf } from '../lib/evidence.ts';
import { parseKernelCounters } from '../../model/kernel-counter-files.ts';

/** 2: some of the files are not there, as where nothing tracks connections. */
const answers = [0, 2];

export const kernelCounters = defineNodeProbe({
  id: 'kernel-counters',
  description:
    'Connections that the kernel tracks, what it dropped for want of room, and packets with a wrong checksum.',
  kind: 'passive',
  place: 'node',
  places: ['target', 'source'],
  essential: false,
  commands: [grepKernelCounters],
  needs: [],
  provides: ['kernel-counters'],
  async read(look) {
    const transcript = await look.run(grepKernelCounters);
    const value = parseKernelCounters(outputOf(transcript, answers));
    return { 'kernel-counters': observed(value, [evidenceOf({ ...transcript, exit: 0 })]) };
  },
});
