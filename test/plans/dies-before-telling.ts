/** A program that approves a plan, and hangs between its state and the telling: the one that started it kills it. */
import { createRunStore } from '../../src/adapters/run-store.ts';
import { approvePlan } from '../../src/plans/decide-plan.ts';
import { house, houseDeps } from '../support/house.ts';
import { noAudit, person } from '../support/signing.ts';

const [address = '', plan = ''] = process.argv.slice(2);
const store = createRunStore({ address, onError: () => undefined });
const append = () => {
  process.stdout.write('stored\n');
  return new Promise<never>(() => undefined);
};
await approvePlan(houseDeps(house(), store, { ...noAudit(), append }), plan, person('bob'));
