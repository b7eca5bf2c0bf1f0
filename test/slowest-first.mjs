// Jest's order of test files: those that bring up a lab first, so that none of them is begun when the rest has ended.
import sequencer from '@jest/test-sequencer';

const Sequencer = sequencer.default ?? sequencer;
const slow = [/\/lab\/faults-/, /\/e2e\/slack/, /\/e2e\//, /\/lab\//, /kernel-agreement/, /\/together\//];

function rank({ path }) {
  const found = slow.findIndex((pattern) => pattern.test(path));
  return found < 0 ? slow.length : found;
}

export default class SlowestFirst extends Sequencer {
  sort(tests) {
    return Array.from(tests).toSorted((a, b) => rank(a) - rank(b));
  }
}
