import { steps } from '../model/steps.ts';
import type { Surroundings } from './output.ts';

const everyMs = 250;

export interface Progress {
  /** A step has its result. */
  settled(step: string): void;
  end(): void;
}

/** Says on a terminal which steps a diagnosis still waits for, and since when. */
export function showProgress({ progress }: Pick<Surroundings, 'progress'>): Progress {
  const began = performance.now();
  const open = new Map<string, string>(steps.map(({ id, title }) => [id, title]));
  const show = () => {
    const [next] = open.values();
    const seconds = Math.floor((performance.now() - began) / 1000);
    progress(
      next === undefined ? null : `checking (${steps.length - open.size} of ${steps.length}): ${next}, ${seconds} s`,
    );
  };
  show();
  const timer = setInterval(show, everyMs);
  timer.unref();
  return {
    settled: (step) => {
      open.delete(step);
      show();
    },
    end: () => {
      clearInterval(timer);
      progress(null);
    },
  };
}
