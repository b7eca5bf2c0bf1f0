/** docs/accuracy.md: how often a diagnosis is right, from the answers that were kept. */
import type { RecordedKind } from '../lab/recorded-cases.ts';
import { kinds, scoreOf, type Answer, type Kind } from './score.ts';

const titles: Readonly<Record<Kind, string>> = {
  single: 'one fault',
  pair: 'two faults at once',
  triple: 'three faults at once',
  healthy: 'nothing broken, something odd',
};

const head = `# Accuracy

\`npm run accuracy\` breaks the [faults of the lab](../tools/lab/faults/README.md), one, two and three at once, asks for
a diagnosis, and compares. The expected causes follow from the data of the faults. It also diagnoses healthy clusters
with odd inputs. This page has the latest answer to each question.

- Recall: causes named as such, of those that are there. Named: the same with those that are named as other faults,
  because no packet showed that they stop the flow.
- Precision: causes that are there, of those named.
- False alarm: a verdict \`fault\` where nothing is broken.
- Seconds: the median of a diagnosis, from the start of the command.`;

/** The faults that a kind of lab can have. */
interface PossibleFaults {
  readonly lab: RecordedKind;
  readonly faults: readonly string[];
}

/** Returns the page for these answers. @param possible of each kind of lab: what is not asked there is told */
export function accuracyPage(answers: readonly Answer[], possible: readonly PossibleFaults[]): string {
  const labs = Map.groupBy(answers, labWords);
  const groups = [...labs].flatMap(([lab, ofLab]) =>
    kinds.flatMap((kind) => {
      const ofKind = ofLab.filter((one) => one.kind === kind);
      return ofKind.length > 0 ? [row([lab, titles[kind], ...cells(ofKind)])] : [];
    }),
  );
  const not = answers.filter(({ kind, verdict, missing, wrong }) =>
    kind === 'healthy' ? verdict !== 'healthy' : missing.length + wrong.length > 0,
  );
  return `${[
    head,
    table(
      [
        'lab',
        'asked about',
        'questions',
        'recall',
        'named',
        'precision',
        'wrong causes',
        'false alarms',
        'inconclusive',
        'seconds',
        'asked on',
      ],
      [...groups, row(['all', '', ...cells(answers)])],
    ),
    '## Not right',
    not.length === 0
      ? 'Every answer is right.'
      : table(
          ['lab', 'asked about', 'verdict', 'missing', 'wrong'],
          not.map((one) => row([labWords(one), one.what, one.verdict, list(one.missing), list(one.wrong)])),
        ),
    '## Every fault',
    table(
      ['fault', ...labs.keys()],
      [...new Set(answers.filter(({ kind }) => kind === 'single').map(({ what }) => what))].map((what) =>
        row([what, ...[...labs.values()].map((ofLab) => cellOf(ofLab.find((one) => one.what === what)))]),
      ),
    ),
    '## Not asked',
    coverage(answers, possible),
  ].join('\n\n')}\n`;
}

function labWords({ lab }: Answer): string {
  return [kindWords(lab), ...(lab.calico === 'real' ? ['real Calico'] : [])].join(', ');
}

function kindWords({ dataplane, datastore, encap }: RecordedKind): string {
  return [dataplane, datastore, encap].join(', ');
}

function cells(answers: readonly Answer[]): readonly string[] {
  const { asked, recall, named, precision, wrong, falseAlarms, inconclusive, seconds } = scoreOf(answers);
  return [
    asked,
    percent(recall),
    percent(named),
    percent(precision),
    wrong,
    falseAlarms,
    inconclusive,
    seconds.toFixed(1),
    daysOf(answers),
  ].map(String);
}

/** The first and the last day. Old answers have none. */
function daysOf(answers: readonly Answer[]): string {
  const days = [...new Set(answers.flatMap(({ day }) => day ?? []))].toSorted();
  const known = days.length > 2 ? `${days[0]} to ${days.at(-1)}` : days.join(', ');
  if (answers.every(({ day }) => day !== undefined)) return known;
  return known === '' ? 'not kept' : `${known}, some earlier`;
}

/** How many faults of each kind of lab were asked about, alone and with the lab's stand-ins or real Calico. */
function coverage(answers: readonly Answer[], possible: readonly PossibleFaults[]): string {
  return table(
    ['lab', 'faults', 'asked', 'not asked'],
    possible.map(({ lab, faults }) => {
      const asked = new Set(
        answers.filter((one) => one.kind === 'single' && kindWords(one.lab) === kindWords(lab)).map(({ what }) => what),
      );
      const not = faults.filter((fault) => !asked.has(fault));
      const named = not.length === faults.length ? 'all' : not.map((one) => `\`${one}\``).join('; ') || '–';
      return row([kindWords(lab), String(faults.length), String(faults.length - not.length), named]);
    }),
  );
}

function percent(part: number | null): string {
  return part === null ? '–' : `${(100 * part).toFixed(1)} %`;
}

function cellOf(answer: Answer | undefined): string {
  if (!answer) return '–';
  const isRight = answer.missing.length + answer.wrong.length === 0;
  return isRight ? `right, ${answer.seconds.toFixed(1)} s` : `**not right**, ${answer.seconds.toFixed(1)} s`;
}

function list(ids: readonly string[]): string {
  return ids.map((id) => `\`${id}\``).join(', ') || '–';
}

function row(parts: readonly string[]): string {
  return `| ${parts.join(' | ')} |`;
}

function table(columns: readonly string[], rows: readonly string[]): string {
  return [row(columns), `|${'---|'.repeat(columns.length)}`, ...rows].join('\n');
}
