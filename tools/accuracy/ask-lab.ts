/** Breaks what each question is about in a lab of its own, and diagnoses it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { Verdict } from '../../src/model/verdict.ts';
import { diagnose, saidBy } from '../lab/diagnosis.ts';
import { breakFault, healFaults } from '../lab/faults/apply.ts';
import { flow, isThere, whatAnswers, type Flow } from '../lab/faults/flows.ts';
import { labCommand, mustSucceed, ownLab } from '../lab/lab-command.ts';
import { insideNode } from '../lab/nodes/machine.ts';
import { labPaths } from '../lab/paths.ts';
import { filesIn, type RecordedCase } from '../lab/recorded-cases.ts';
import { run, until } from '../lab/run.ts';
import { readTopology } from '../lab/state.ts';
import type { Question } from './questions.ts';
import { judged, type Answer, type LabKind } from './score.ts';

/** What one fault silences, another may answer: of several together this one alone is silent for certain. */
const asked = flow('default/client', 'default/mypod', 8080);

/** Some seconds: a healed link carries, and a neighbour is asked for again, when the kernel comes to it. */
const healSeconds = 40;

interface Asking {
  readonly tell: (answer: Answer, verdicts: readonly Verdict[]) => void;
  readonly complain: (what: string) => void;
  /** Keeps the files of a diagnosis of one fault that was right; not given: none is kept. */
  readonly record?: (recorded: RecordedCase) => void;
  /** No further question is begun. */
  readonly isOver: () => boolean;
}

/**
 * Answers the questions one by one. What cannot be broken there is told and left out.
 * @throws Error: the lab does not start, or a heal leaves it broken
 */
export async function askLab(
  lab: LabKind,
  questions: readonly Question[],
  { tell, complain, record, isOver }: Asking,
): Promise<void> {
  // Two labs of one process have names of their own.
  const name = ownLab(`accuracy-${lab.dataplane}`);
  const must = mustSucceed(labCommand(name));
  const { dataplane, datastore, encap, era, calico } = lab;
  const flags = ['--dataplane', dataplane, '--datastore', datastore, '--encap', encap, ...(era ? ['--era', era] : [])];
  try {
    await must('up', ...flags, ...(calico === 'real' ? ['--real'] : []));
    for (const question of questions) {
      if (isOver()) return;
      try {
        await withBroken(name, lab, question, async () => {
          tell(...(await answerTo(name, lab, question, record)));
        });
      } catch (error) {
        if (!(error instanceof NotBroken)) throw error;
        complain(`${question.what}: ${error.message}`);
      }
    }
  } finally {
    await labCommand(name)('down');
  }
}

/** The lab did not come to the state that a question is about. */
class NotBroken extends Error {}

async function withBroken(
  name: string,
  { dataplane }: LabKind,
  { faults, odd }: Question,
  use: () => Promise<void>,
): Promise<void> {
  const now = () => readTopology(labPaths(name));
  const flows = faults.flatMap(({ expects }) => [...expects.answers, ...expects.silent]);
  const onNodes = async (lines: readonly string[]) => {
    for (const node of odd?.nodes ?? ['node-a', 'node-b'])
      for (const line of lines)
        await run(insideNode(labPaths(name), node, ['sh', '-c', `IPT=iptables-${dataplane}; ${line}`]));
  };
  try {
    try {
      for (const { fault, given } of faults) await breakFault(now(), fault, given);
      await onNodes(odd?.add ?? []);
      const [only] = faults;
      if (only && faults.length === 1) {
        await allDo(name, only.expects.silent, false);
        await allDo(name, only.expects.answers, true);
      } else if (faults.some(({ beside }) => beside?.endsAt)) await allDo(name, [asked], false);
    } catch (error) {
      throw new NotBroken(error instanceof Error ? error.message : String(error));
    }
    await use();
  } finally {
    await healFaults(now(), null);
    await onNodes(odd?.remove ?? []);
    await allDo(
      name,
      flows.filter(({ to }) => isThere(now(), to)),
      true,
    );
  }
}

/** Waits until every flow answers, or none does. */
async function allDo(name: string, flows: readonly Flow[], answering: boolean): Promise<void> {
  const what = `every flow ${answering ? 'to answer' : 'to be silent'}`;
  await until(what, healSeconds, async () => {
    const seen = await whatAnswers(readTopology(labPaths(name)), flows);
    return Object.values(seen).every((one) => one === answering) ? true : null;
  });
}

async function answerTo(
  name: string,
  lab: LabKind,
  { kind, what, faults, asks }: Question,
  record: Asking['record'],
): Promise<[answer: Answer, verdicts: readonly Verdict[]]> {
  const answers = [];
  const verdicts: Verdict[] = [];
  let seconds = 0;
  for (const { words, expected } of asks) {
    const began = performance.now();
    const folder = await mkdtemp(`${tmpdir()}/recorded-`);
    try {
      const { verdict } = await diagnose(name, ...words, ...(record ? ['--case', folder] : []));
      seconds += (performance.now() - began) / 1000;
      const answer = judged(saidBy(verdict), expected);
      answers.push(answer);
      verdicts.push(verdict);
      const [only] = kind === 'single' ? faults : [];
      if (only && answer.missing.length + answer.wrong.length === 0)
        record?.({ fault: only.fault, given: only.given, asks: words, files: filesIn(folder) });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  const [first] = answers;
  if (!first) throw new Error(`nothing is asked about ${what}`);
  const answer: Answer = {
    kind,
    what,
    lab,
    verdict: first.verdict,
    found: answers.flatMap(({ found }) => found),
    asOthers: answers.flatMap(({ asOthers }) => asOthers),
    missing: answers.flatMap(({ missing }) => missing),
    wrong: answers.flatMap(({ wrong }) => wrong),
    strays: answers.flatMap(({ strays = [] }) => strays),
    seconds: Math.round((10 * seconds) / answers.length) / 10,
    day: new Date().toISOString().slice(0, 10),
  };
  return [answer, verdicts];
}
