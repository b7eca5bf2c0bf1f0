import type { WorkerDeps } from '../../src/jobs/worker.ts';

/** Of a worker that nobody asks anything, that calls nobody, and for which every target exists. */
export const noQuestions: Pick<WorkerDeps, 'answer' | 'leaveNames' | 'refuseMissing' | 'attention'> = {
  attention: { people: [], afterMinutes: 30, quiet: null },
  answer: async () => undefined,
  leaveNames: async () => undefined,
  refuseMissing: async () => false,
};
