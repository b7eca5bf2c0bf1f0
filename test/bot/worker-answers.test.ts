import { expect, test } from '@jest/globals';
import { parseCommand } from '../../src/bot/command-grammar.ts';
import { createWorkerAnswers, type WorkerAnswerDeps } from '../../src/bot/worker-answers.ts';
import { ProgramError } from '../../src/errors.ts';
import type { DiagnosisRequest, Question } from '../../src/model/job-catalogue.ts';
import type { NodeReport } from '../../src/model/node-report.ts';
import type { PolicyReport } from '../../src/model/policy-report.ts';
import type { MessageContent } from '../../src/model/thread.ts';
import { linesOf } from '../../tools/slack-workspace/client.ts';
import { readReport } from '../../src/runs/read-policies.ts';
import { readCapture } from '../cases/capture.ts';
import { captureDeps } from '../cases/judge-capture.ts';
import { started } from './sample-run.ts';

const signal = new AbortController().signal;
if (started.type !== 'started') throw new Error('the sample does not start');
const { target } = started;
const ask = { id: 'q', user: 'U0CAROL', channel: 'C0ONCALL', thread: null };

const never = () => Promise.reject(new Error('nobody asked'));

/** What one person was told. */
function answers(change: Partial<WorkerAnswerDeps>) {
  const said: { readonly to: object; readonly text: string }[] = [];
  const deps: WorkerAnswerDeps = {
    policies: never,
    node: never,
    missing: async () => null,
    whisper: {
      whisper: async (to, content: MessageContent) =>
        void said.push({ to, text: linesOf({ ts: '', ...content }).join('\n') }),
    },
    warn: () => undefined,
    ...change,
  };
  return { said, ...createWorkerAnswers(deps) };
}

const policies = (question: Partial<Question> = {}): Question => ({
  ...ask,
  about: { what: 'policies', target },
  ...question,
});

test('a question about policies is answered with the decision first, to the person who asked', async () => {
  const report = (): Promise<PolicyReport> =>
    readReport(
      captureDeps(readCapture('policies-nft')),
      { ...target, port: { protocol: 'tcp', number: 8080 } },
      signal,
    );
  const { said, answer } = answers({ policies: report });
  await answer(policies(), signal);
  expect(said).toMatchObject([{ to: { user: 'U0CAROL', channel: 'C0ONCALL' } }]);
  expect(said[0]?.text).toMatch(
    /^:large_green_circle: The policies let pod:default\/client reach default\/mypod on 8080\/tcp\.\n[^]*Who may reach the pod\n• NetworkPolicy/,
  );
});

test('what cannot be read is told with what to do', async () => {
  const warned: string[] = [];
  const { said, answer } = answers({
    policies: () => Promise.reject(new ProgramError('internal', 'the answer was cut off')),
    warn: (what) => void warned.push(what),
  });
  await answer(policies(), signal);
  expect(said[0]?.text).toBe(':warning: The answer was cut off. This is a bug. Please report it.');
  expect(warned).toEqual(['the question q could not be answered']);
});

test.each(['unknown-namespace', 'unknown-pod', 'unknown-node'] as const)(
  'a mistyped name (%s) is told to the person, and is no line of the log',
  async (code) => {
    const warned: string[] = [];
    const { said, answer } = answers({
      policies: () => Promise.reject(new ProgramError(code, 'there is no x, did you mean y?')),
      warn: (what) => void warned.push(what),
    });
    await answer(policies(), signal);
    expect(said[0]?.text).toMatch(/^:warning: There is no x, did you mean y\? List the /);
    expect(warned).toEqual([]);
  },
);

const request: DiagnosisRequest = {
  run: 'r-1',
  target: { ...target, pod: 'mypdo' },
  requester: 'U0CAROL',
  origin: { kind: 'command', channel: 'C0ONCALL', thread: null, joins: null },
  alert: null,
};

test('an unknown pod is told to the asker alone, with commands that are ready to copy', async () => {
  const missing = {
    message: 'there is no pod mypdo in namespace default',
    part: 'pod',
    near: ['default/mypod'],
  } as const;
  const { said, refuseMissing } = answers({ missing: async () => missing });
  expect(await refuseMissing(request)).toBe(true);
  expect(said).toEqual([
    {
      to: { user: 'U0CAROL', channel: 'C0ONCALL', thread: null },
      text:
        'Not started: there is no pod mypdo in namespace default. Did you mean:\n' +
        'diagnose default/mypod from pod:default/client port 8080/tcp',
    },
  ]);
});

test('a source that does not exist is replaced in the commands, and the pod stays', async () => {
  const missing = { message: 'there is no node nodea', part: 'from', near: ['node:node-a'] } as const;
  const { said, refuseMissing } = answers({ missing: async () => missing });
  await refuseMissing(request);
  expect(said[0]?.text).toContain('diagnose default/mypdo from node:node-a port 8080/tcp');
});

test('each answer about one of several clusters names it, and its commands are about that one', async () => {
  const west = { ...target, cluster: 'west' };
  const node: NodeReport = { node: 'node-a', ready: 'yes', addresses: [], pods: 0, calico: [], unread: [] };
  const missing = {
    message: 'there is no pod mypdo in namespace default',
    part: 'pod',
    near: ['default/mypod'],
  } as const;
  const { said, answer, refuseMissing } = answers({
    policies: () => readReport(captureDeps(readCapture('policies-nft')), { ...west, from: null, port: null }, signal),
    node: async () => node,
    missing: async () => missing,
  });
  await answer(policies({ about: { what: 'policies', target: west } }), signal);
  await answer({ ...ask, about: { what: 'node', cluster: 'west', node: 'node-a' } }, signal);
  await refuseMissing({ ...request, target: { ...request.target, cluster: 'west' } });
  expect(said.map(({ text }) => text)).toEqual([
    expect.stringMatching(/^Policies that select default\/mypod in west\n[^]*Next: diagnose default\/mypod in west$/),
    expect.stringMatching(/^node-a in west :large_green_circle: [^]*: diagnose NS\/POD from node:node-a in west$/),
    'Not started: there is no pod mypdo in namespace default in west. Did you mean:\n' +
      'diagnose default/mypod from pod:default/client port 8080/tcp in west',
  ]);
  for (const { text } of said) {
    const [command = ''] = /diagnose [^\n]*$/.exec(text) ?? [];
    expect(parseCommand(command.replace('NS/POD', 'ns/pod'))).toMatchObject({ verb: 'diagnose', cluster: 'west' });
  }
});

test('a pod that is there, or an API server that does not say, lets the diagnosis run', async () => {
  expect(await answers({}).refuseMissing(request)).toBe(false);
  expect(await answers({ missing: () => Promise.reject(new Error('away')) }).refuseMissing(request)).toBe(false);
});
