/** What Slack and the terminal show of an example run. */
import { helpMessage } from '../../src/bot/render/answers.ts';
import { runMessages } from '../../src/bot/render/run-messages.ts';
import { planText } from '../../src/cli/plan-text.ts';
import { verdictText } from '../../src/cli/verdict-text.ts';
import { runProgram } from '../../src/cli/program.ts';
import { planStates, type PlanState } from '../../src/model/fix.ts';
import type { RunEventBody } from '../../src/model/runs.ts';
import type { MessageContent } from '../../src/model/thread.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import {
  events,
  forbidden,
  ipipLost,
  lostBetween,
  planRecord,
  sampleHop,
  sampleRun,
  sampleVerdict,
  settled,
  silentPod,
  started,
  wholeRun,
} from '../bot/sample-run.ts';
import { policyTexts } from './policy-texts.ts';
import { boxed, shown } from './shown.ts';

const [path, answeredPart] = [[sampleHop()], 'judged-port'] as const;
const alone = { roots: [], consequences: [], blindSpots: [] };
/** Every way in which a verdict can begin. */
const verdicts: readonly Verdict[] = [
  sampleVerdict({ ...alone, verdict: 'healthy', flow: 'works' }),
  sampleVerdict(),
  sampleVerdict({ roots: [ipipLost], consequences: [] }),
  sampleVerdict({ ...alone, latent: [forbidden], flow: 'works' }),
  sampleVerdict({ ...alone, latent: [forbidden], flow: 'fails' }),
  sampleVerdict({ ...alone, latent: [forbidden], flow: 'unknown' }),
  sampleVerdict({ ...alone, verdict: 'inconclusive', flow: 'unknown' }),
  sampleVerdict({ roots: [ipipLost], consequences: [], path, answeredPart }),
  sampleVerdict({ ...alone, path, answeredPart }),
  sampleVerdict({ ...alone, verdict: 'inconclusive', path, answeredPart }),
  sampleVerdict({ roots: [ipipLost], consequences: [], path, answeredPart: 'judged-pod' }),
  sampleVerdict({ roots: [ipipLost], consequences: [], path, answeredPart: 'small-packets' }),
  sampleVerdict({ ...alone, verdict: 'inconclusive', flow: 'fails', stop: silentPod }),
  sampleVerdict({ roots: [ipipLost], consequences: [], stop: lostBetween }),
];

function plan(state: PlanState): RunEventBody {
  return {
    type: 'plan',
    record: planRecord('create-pod-profile', state, { approver: 'U0BOB' }),
    note: 'This happened.',
  };
}

/** Returns the messages of the thread, as a person reads them. */
export function slackTexts(): readonly string[] {
  const running: readonly RunEventBody[] = [started, { type: 'step-settled', step: settled('target') }];
  const healthy = sampleVerdict({ ...alone, verdict: 'healthy', flow: 'works' });
  return [
    '### Help',
    shown(helpMessage('/calico')),
    '### While a run is under way',
    ...parts(running),
    '### A run with a verdict',
    ...parts(wholeRun),
    '### How a verdict begins',
    ...verdicts.map((verdict) => firstPart([started, { type: 'verdict', verdict }])),
    '### A fix after a decision',
    ...planStates
      .filter((state) => state !== 'proposed')
      .map((state) => shown(planMessageOf([...wholeRun, plan(state)]))),
    '### A run that failed, and one that was cancelled',
    firstPart([started, { type: 'failed', code: 'internal', message: 'It broke.', next: 'Run the diagnosis again.' }]),
    firstPart([started, { type: 'cancelled', by: 'U0BOB' }]),
    '### A follow-up',
    ...parts([
      ...wholeRun,
      { type: 'follow-up', minutes: 5, verdict: healthy, changed: 'The pod is reachable now.' },
    ]).filter((_, at, all) => at === 0 || at === all.length - 1),
  ];
}

/** Returns what commands print: help, verdicts, a plan. */
export async function commandTexts(): Promise<readonly string[]> {
  const helps = [
    [],
    ['diagnose'],
    ['policy'],
    ['replay'],
    ['trace'],
    ['explain'],
    ['doctor'],
    ['serve'],
    ['fix'],
    ['fix', 'approve'],
    ['audit'],
  ];
  const printed = [];
  for (const words of helps)
    printed.push(`### calico-chatops ${[...words, '--help'].join(' ')}`, boxed(await help(words)));
  return [
    ...printed,
    '### Verdicts',
    ...verdicts.map((verdict) => boxed(verdictText(verdict))),
    '### Policies',
    ...(await policyTexts()).map(boxed),
    '### A plan',
    boxed(planText(planRecord('create-pod-profile'))),
  ];
}

async function help(words: readonly string[]): Promise<string> {
  let text = '';
  const add = (more: string) => void (text += more);
  await runProgram([...words, '--help'], { out: add, err: add, environment: {}, signal: new AbortController().signal });
  return text;
}

function parts(bodies: readonly RunEventBody[]): readonly string[] {
  return runMessages(sampleRun, events(bodies)).map(({ content }) => shown(content));
}

function firstPart(bodies: readonly RunEventBody[]): string {
  return parts(bodies)[0] ?? '';
}

function planMessageOf(bodies: readonly RunEventBody[]): MessageContent {
  const found = runMessages(sampleRun, events(bodies)).find(({ part }) => part === 'plan.p-create-pod-profile');
  if (!found) throw new Error('the run tells no plan');
  return found.content;
}
