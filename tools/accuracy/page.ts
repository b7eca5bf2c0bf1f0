/** docs/accuracy.md: how often a diagnosis is right, from the answers that were kept. */
import type { RecordedKind } from '../lab/recorded-cases.ts';
import { comparedKinds, comparedSources } from './compared.ts';
import type { PossibleFaults } from './questions.ts';
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

/** Returns the page for these answers. @param possible of each kind of lab: what is not asked there is told */
export function accuracyPage(answers: readonly Answer[], possible: readonly PossibleFaults[]): string {
  const labs = Map.groupBy(answers, labWords);
  const groups = [...labs].flatMap(([lab, ofLab]) =>
    kinds.flatMap((kind) => {
      const ofKind = ofLab.filter((one) => one.kind === kind);
      return ofKind.length > 0 ? [row([lab, titles[kind], ...cells(ofKind)])] : [];
    }),
  );
  const not = answers.filter((one) => (one.kind === 'healthy' ? one.verdict !== 'healthy' : !isRight(one)));
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
    '## Beside others',
    comparison(answers),
    '## Not asked',
    coverage(answers, possible),
  ].join('\n\n')}\n`;
}

function labWords({ lab }: Answer): string {
  return [kindWords(lab), ...(lab.calico === 'real' ? ['real Calico'] : [])].join(', ');
}

/** A kind of lab in words. */
export function kindWords({ dataplane, datastore, encap, era }: RecordedKind): string {
  return [dataplane, datastore, encap, ...(era === '2' ? ['Calico 2.x'] : [])].join(', ');
}

/** Of each kind of fault: how often it is right here, and what others publish of it. */
function comparison(answers: readonly Answer[]): string {
  const singles = answers.filter(({ kind }) => kind === 'single');
  const compared = comparedKinds.flatMap(({ faults }) => faults);
  const rows = comparedKinds.map(({ title, faults, kubeskoop, holmes }) =>
    row([title, howManyRight(singles.filter((one) => isOf(one, faults))), kubeskoop, holmes]),
  );
  const others = howManyRight(singles.filter((one) => !isOf(one, compared)));
  return [
    'This table has what KubeSkoop and HolmesGPT publish of the same kinds of faults. Nobody ran them in these labs.',
    table(
      ['one fault', 'calico-chatops, here', 'KubeSkoop, by its project', 'HolmesGPT, by its project'],
      [...rows, row(['every other fault of the lab', others, 'not compared', 'not compared'])],
    ),
    comparedSources.map((source) => `- ${source}`).join('\n'),
  ].join('\n\n');
}

function isOf({ what }: Answer, faults: readonly string[]): boolean {
  return faults.some((one) => one === what.split(' ')[0]);
}

function howManyRight(answers: readonly Answer[]): string {
  return answers.length === 0 ? 'not measured' : `${answers.filter(isRight).length} of ${answers.length} right`;
}

function isRight({ missing, wrong }: Answer): boolean {
  return missing.length + wrong.length === 0;
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
  return isRight(answer) ? `right, ${answer.seconds.toFixed(1)} s` : `**not right**, ${answer.seconds.toFixed(1)} s`;
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
