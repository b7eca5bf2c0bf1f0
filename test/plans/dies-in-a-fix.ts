/** A worker that takes a job of a plan, and hangs at a place of it: the one that started it kills it there. */
import { createRunStore } from '../../src/adapters/run-store.ts';
import { startJobWorkers } from '../../src/adapters/queue-workers.ts';
import { jobHandlers } from '../../src/jobs/worker.ts';
import type { Fix } from '../../src/model/fix.ts';
import { house, houseDeps, type HouseDeps } from '../support/house.ts';
import { noQuestions } from '../support/no-questions.ts';
import { auditOn } from '../support/signing.ts';

export type Place = 'before' | 'write' | 'settle' | 'verify' | 'undo' | 'end';

const [address = '', lockMs = '', place = ''] = process.argv.slice(2) as [string?, string?, Place?];
const hang = () => {
  process.stdout.write('here\n');
  return new Promise<never>(() => undefined);
};
const world = house();
world.dry = place === 'verify' || place === 'undo';
if (place === 'write') world.whileApplying = hang;
const store = createRunStore({ address, onError: () => undefined });
const audit = auditOn(address);
const deps = houseDeps(world, store, audit);
const withFix = (part: Partial<Fix>): HouseDeps => ({ ...deps, fixes: deps.fixes.map((fix) => ({ ...fix, ...part })) });
const dying: Readonly<Partial<Record<Place, HouseDeps>>> = {
  before: { ...deps, store: { ...store, plan: hang } },
  settle: withFix({ settle: hang }),
  verify: { ...deps, clock: { ...deps.clock, sleep: hang } },
  undo: withFix({ undo: hang }),
  end: {
    ...deps,
    audit: { ...audit, append: async (entry) => (entry['what'] === 'plan verified' ? hang() : audit.append(entry)) },
  },
};
startJobWorkers(
  jobHandlers({
    ...(dying[place as Place] ?? deps),
    ...noQuestions,
    followUpMinutes: [],
    notify: async () => undefined,
  }),
  { address, onError: () => undefined, lockMs: Number(lockMs) },
);
