import type { WorkerDeps } from '../../src/jobs/worker.ts';

/** Of a worker that nobody asks anything, and for which every target exists. */
export const noQuestions: Pick<WorkerDeps, 'answer' | 'refuseMissing'> = {
  answer: async () => undefined,
  refuseMissing: async () => false,
};
