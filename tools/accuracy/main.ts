/**
 * How often a diagnosis is right: `npm run accuracy -- [flags]`. Keeps every answer in tools/accuracy/answers.json, and
 * writes docs/accuracy.md of all that are kept. With LAB_CALICO_BIN and --real the labs have real Calico. With --record
 * the files of each right diagnosis of one fault go to test/cases/faults. With --rest nothing is asked that was asked
 * today: a long run goes on where it was ended. It fails if its answers miss a mark, and if it could not ask something.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Verdict } from '../../src/model/verdict.ts';
import { encaps } from '../lab/encapsulation.ts';
import { keepCase } from '../lab/recorded-cases.ts';
import { dataplanes, datastores, eras } from '../lab/topology.ts';
import { askLab } from './ask-lab.ts';
import { missedMarks } from './marks.ts';
import { accuracyPage } from './page.ts';
import { possibleFaults, questionsOf, type Question } from './questions.ts';
import type { Answer } from './score.ts';

const page = `${import.meta.dirname}/../../docs/accuracy.md`;
const store = `${import.meta.dirname}/answers.json`;

const { values } = parseArgs({
  options: {
    dataplane: { type: 'string', default: 'legacy,nft' },
    datastore: { type: 'string', default: 'etcd' },
    encap: { type: 'string', default: 'ipip' },
    era: { type: 'string', default: '3' },
    real: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    sample: { type: 'string', default: '1000' },
    pairs: { type: 'string', default: '20' },
    triples: { type: 'string', default: '10' },
    odd: { type: 'string', default: '1000' },
    verdicts: { type: 'string' },
    record: { type: 'boolean', default: false },
    rest: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '10000' },
  },
});

/** Those of a comma list that there are. @throws Error naming one that is not there */
function listed<T extends string>(text: string, known: readonly T[]): readonly T[] {
  return text.split(',').map((word) => {
    const found = known.find((one) => one === word);
    if (found === undefined) throw new Error(`${word} is not one of ${known.join(', ')}`);
    return found;
  });
}

const possible = possibleFaults();

type Asked = Pick<Answer, 'kind' | 'what' | 'lab'>;
const sameQuestion = (a: Asked, b: Asked) =>
  a.kind === b.kind && a.what === b.what && JSON.stringify(a.lab) === JSON.stringify(b.lab);

/** Was the question asked today? */
function isAnswered(lab: Answer['lab'], { kind, what }: Question): boolean {
  const today = new Date().toISOString().slice(0, 10);
  return storedAnswers().some((one) => one.day === today && sameQuestion(one, { kind, what, lab }));
}

function storedAnswers(): Answer[] {
  return existsSync(store) ? JSON.parse(readFileSync(store, 'utf8')) : [];
}

/** Stored at once: a long run that is ended loses nothing. */
function storeAnswer(answer: Answer): void {
  // Another run may have stored answers meanwhile.
  const answers = storedAnswers();
  const at = answers.findIndex((one) => sameQuestion(one, answer));
  answers.splice(at === -1 ? answers.length : at, at === -1 ? 0 : 1, answer);
  writeFileSync(store, `[\n${answers.map((one) => JSON.stringify(one)).join(',\n')}\n]\n`);
  writeFileSync(page, accuracyPage(answers, possible));
}

const answered: Answer[] = [];

/** The verdicts of what is not right go to `--verdicts`. */
function keep(answer: Answer, verdicts: readonly Verdict[]): void {
  answered.push(answer);
  storeAnswer(answer);
  const { what, verdict, asOthers, missing, wrong, strays = [], seconds } = answer;
  const not = [
    ...asOthers.map((id) => `${id} as other fault`),
    ...missing.map((id) => `missing ${id}`),
    ...wrong.map((id) => `wrong ${id}`),
    ...strays.map((id) => `stray ${id}`),
  ].join(', ');
  if (not !== '' && values.verdicts !== undefined)
    writeFileSync(`${values.verdicts}/${what.replaceAll(/[^a-z0-9]+/g, '-')}.json`, JSON.stringify(verdicts, null, 1));
  console.log(`${what}: ${verdict}, ${not === '' ? 'right' : not}, ${seconds} s`);
}

const wanted = {
  seed: Number(values.seed),
  only: values.only === '' ? [] : values.only.split(','),
  singles: Number(values.sample),
  pairs: Number(values.pairs),
  triples: Number(values.triples),
  odd: Number(values.odd),
};
/** Nothing is asked after it: the lab is taken down, and the answers stay. */
let end = Date.now() + Number(values.minutes) * 60_000;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (end = 0));

const calico = values.real ? 'real' : 'stand-ins';
for (const datastore of listed(values.datastore, datastores))
  for (const encap of listed(values.encap, encaps))
    for (const dataplane of listed(values.dataplane, dataplanes)) {
      if (Date.now() >= end) continue;
      console.log(`\n# ${calico}, ${dataplane}, ${datastore}, ${encap}`);
      const [era] = listed(values.era, eras);
      const lab = { dataplane, datastore, encap, ...(era === '2' ? { era } : {}) };
      const questions = questionsOf(lab, wanted).filter((one) => !values.rest || !isAnswered({ ...lab, calico }, one));
      await askLab({ ...lab, calico }, questions, {
        tell: keep,
        ...(values.record && { record: (recorded) => keepCase(lab, recorded) }),
        // An answer that is not there lowers no mark.
        complain: (what) => {
          console.error(`not asked: ${what}`);
          process.exitCode = 1;
        },
        isOver: () => Date.now() >= end,
      });
    }
// With `--minutes 0` alone: the page anew, of the answers that there are.
writeFileSync(page, accuracyPage(storedAnswers(), possible));
for (const missed of missedMarks(answered)) {
  console.error(missed);
  process.exitCode = 1;
}
