import { createClock } from '../adapters/clock.ts';
import { createJobQueues } from '../adapters/queue.ts';
import { createLog } from '../adapters/log.ts';
import { openAnsweringStore } from '../compose-store.ts';
import { loadConfig } from '../config.ts';
import { describeError, ProgramError } from '../errors.ts';
import { quoted } from '../model/target-grammar.ts';
import { cancelRun } from '../runs/cancel-run.ts';
import { exitCode, type Surroundings } from './output.ts';
import { localPerson } from './person.ts';
import { line } from './plain-output.ts';

/**
 * `calico-chatops cancel`: ends a run, in whichever process it is. Its thread says who cancelled it.
 * @throws ProgramError `unknown-run`, `run-ended`
 */
export async function cancelCommand(run: string, { out, err, environment }: Surroundings): Promise<number> {
  const log = createLog();
  const config = loadConfig(environment, []);
  const opened = await openAnsweringStore(config, {
    line: (text) => err(line`${text}\n`),
    audit: (record) => log.audit(record),
  });
  const warn = (what: string, error: unknown) => err(line`warning: ${what}: ${describeError(error).message}\n`);
  // So that the run's thread is told.
  const queues = createJobQueues({
    address: opened.address,
    onError: (error) => warn('queue', error),
    clusters: config.clusters.map(({ name }) => name),
  });
  try {
    const done = await cancelRun({ store: opened.store, clock: createClock(), queues, warn }, run, localPerson(null));
    if (done === 'unknown') throw new ProgramError('unknown-run', `there is no run ${quoted(run)}`);
    if (done === 'ended') throw new ProgramError('run-ended', `the run ${run} has ended`);
    out(line`cancelled ${run}\n`);
    return exitCode.done;
  } finally {
    await queues.close();
    await opened.close();
  }
}
