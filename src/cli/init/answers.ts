/** What `init` has to know besides the cluster: from options, else from the person at the terminal, else as usual. */
import { inspectConfig } from '../../config.ts';
import { ProgramError } from '../../errors.ts';
import type { Surroundings } from '../output.ts';
import { line } from '../plain-output.ts';

/** Not set: nobody said it yet. */
export interface Answers {
  readonly via: 'ssh' | 'agent' | undefined;
  /** Of the agent's pods. */
  readonly image: string | undefined;
  /** Slack ids, with commas. */
  readonly approvers: string | undefined;
  readonly alertChannel: string | undefined;
  /** Where the bot waits for Alertmanager. */
  readonly listen: string | undefined;
}

interface Question {
  readonly key: keyof Answers;
  readonly asks: string;
  /** What is in brackets. Null: nothing is taken, and the brackets say `instead`. */
  readonly usual: string | null;
  readonly instead?: string;
  /** Whether it matters, with what is answered already. */
  readonly matters?: (answers: Answers) => boolean;
}

export const usualListen = '0.0.0.0:8080';

const questions = (usual: { readonly via: 'ssh' | 'agent'; readonly image: string }): readonly Question[] => [
  { key: 'via', asks: 'How does the bot read the nodes, ssh or agent?', usual: usual.via },
  {
    key: 'image',
    asks: "Which image do the agent's pods run? Give it as the nodes pull it.",
    usual: usual.image,
    matters: ({ via }) => via === 'agent',
  },
  {
    key: 'approvers',
    asks: 'Who may approve fixes? Give Slack ids of users (U…) and user groups (S…), with commas.',
    usual: null,
    instead: 'nobody yet',
  },
  {
    key: 'alertChannel',
    asks: 'In which Slack channel are alerts told? Give its id (C…).',
    usual: null,
    instead: 'no alerts',
  },
  {
    key: 'listen',
    asks: 'At which address does the bot wait for Alertmanager?',
    usual: usualListen,
    matters: ({ alertChannel }) => alertChannel !== undefined,
  },
];

/** The option that gives an answer, and the key of the configuration that it becomes. */
const ways = {
  via: { option: '--via', setting: 'NODES_VIA' },
  image: { option: '--image', setting: null },
  approvers: { option: '--approvers', setting: 'APPROVERS' },
  alertChannel: { option: '--alert-channel', setting: 'ALERT_CHANNEL' },
  listen: { option: '--listen', setting: 'LISTEN' },
} as const satisfies Record<keyof Answers, { readonly option: string; readonly setting: string | null }>;

/** Returns why it is not a valid answer; null: it is one. */
function problemOf(key: keyof Answers, text: string): string | null {
  const { setting } = ways[key];
  if (setting === null)
    return /^[\w.:/@-]{1,500}$/.test(text) ? null : 'must be an image such as images.example/calico-chatops-agent:1';
  const problem = inspectConfig({ [setting]: text }, []).problems.find((one) => one.startsWith(setting));
  return problem === undefined ? null : problem.replace(/^[^:]+: /, '');
}

/** @throws ProgramError if an option is not valid */
export function checkOptions(given: Answers): void {
  for (const key of Object.keys(ways) as (keyof Answers)[]) {
    const problem = given[key] === undefined ? null : problemOf(key, given[key]);
    if (problem !== null)
      throw new ProgramError('usage', `${ways[key].option} ${given[key]}: ${problem}`, {
        next: 'See calico-chatops init --help.',
      });
  }
}

/**
 * Asks for what no option said. An answer that is not valid is asked for again, and Enter takes what is in brackets.
 * @returns null if the person ended it
 */
export async function askFor(
  given: Answers,
  usual: { readonly via: 'ssh' | 'agent'; readonly image: string },
  { told, questions: open }: Pick<Surroundings, 'told' | 'questions'>,
): Promise<Answers | null> {
  if (open === null) return given;
  let answers = given;
  const { ask, close } = open();
  try {
    for (const question of questions(usual)) {
      if (answers[question.key] !== undefined || question.matters?.(answers) === false) continue;
      const answer = await answerTo(question, ask, told);
      if (answer === null) return null;
      answers = { ...answers, ...(answer === '' ? {} : { [question.key]: answer }) };
    }
    return answers;
  } finally {
    close();
  }
}

async function answerTo(
  { key, asks, usual, instead = '' }: Question,
  ask: (question: string) => Promise<string | null>,
  told: (text: string) => void,
): Promise<string | null> {
  for (;;) {
    const typed = (await ask(line`${asks} [${usual ?? instead}] `))?.trim();
    if (typed === undefined) return null;
    if (typed === '' || typed === (usual ?? instead)) return usual ?? '';
    const problem = problemOf(key, typed);
    if (problem === null) return typed;
    told(line`${typed}: ${problem}.\n`);
  }
}
