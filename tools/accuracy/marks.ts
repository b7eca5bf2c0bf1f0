/** What the answers must reach: below these, `npm run accuracy` and the tests fail. */
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

function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`;
}
