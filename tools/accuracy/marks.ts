/** What the answers must reach: below these, `npm run accuracy` and the tests fail. */
import { kindWords } from './page.ts';
import type { PossibleFaults } from './questions.ts';
import { scoreOf, type Answer, type LabKind } from './score.ts';

/** Recall of single faults. The dataplane nftables is newer than the lab's tools, and Calico 2.x older. */
function wantedRecall({ dataplane, era }: LabKind): number {
  return dataplane === 'nftables' || era === '2' ? 0.95 : 1;
}

/** Returns each mark that the answers miss, as a line; none: they reach all. */
export function missedMarks(answers: readonly Answer[]): readonly string[] {
  const singles = Map.groupBy(
    answers.filter(({ kind }) => kind === 'single'),
    ({ lab }) => Object.values(lab).join(', '),
  );
  const recalls = [...singles].flatMap(([lab, ofLab]) => {
    const { recall } = scoreOf(ofLab);
    const wanted = Math.max(...ofLab.map((one) => wantedRecall(one.lab)));
    return recall === null || recall >= wanted
      ? []
      : [`${lab}: recall of single faults is ${percent(recall)}, and must be ${percent(wanted)}`];
  });
  const wrong = answers.filter((one) => one.wrong.length > 0);
  const alarms = answers.filter(({ kind, verdict }) => kind === 'healthy' && verdict === 'fault');
  return [
    ...recalls,
    ...wrong.map(({ what, wrong: ids }) => `${what}: ${ids.join(', ')} is named, and is not there`),
    ...alarms.map(({ what }) => `${what}: a fault is named, and nothing is broken`),
  ];
}

/** The labs of the marks: each has every single fault among the answers that are kept. */
export function isMarked({ lab: { dataplane, datastore, encap, era } }: PossibleFaults): boolean {
  if (encap !== 'ipip') return false;
  return era === '2' ? dataplane === 'legacy' : dataplane !== 'nftables' || datastore === 'etcd';
}

/** Returns each single fault that no answer is of, as a line a lab: a mark that nobody measured is not reached. */
export function neverAsked(answers: readonly Answer[], possible: readonly PossibleFaults[]): readonly string[] {
  const singles = answers.filter(({ kind }) => kind === 'single');
  return possible.flatMap(({ lab, faults }) => {
    const words = kindWords(lab);
    const asked = new Set(singles.filter((one) => kindWords(one.lab) === words).map(({ what }) => what));
    const not = faults.filter((fault) => !asked.has(fault));
    return not.length === 0 ? [] : [`${words}: nobody asked about ${not.join('; ')}`];
  });
}

function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`;
}
