/** Misconfigurations of the machine that runs the bot: the line, the command that removes the cause, the exit code. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { checkWords } from '../../src/setup/check.ts';
import { runProgram } from '../../src/cli/program.ts';
import { startDoctorSurroundings, type DoctorSurroundings, type Report } from './doctor-surroundings.ts';
import { program } from './program.ts';
import { wrongTurnsOfClusters } from './wrong-turns-of-clusters.ts';
import { wrongTurns, type Environment } from './wrong-turns.ts';

let around: DoctorSurroundings;
beforeAll(async () => {
  around = await startDoctorSurroundings();
}, 60_000);
afterAll(() => around.stop());
beforeEach(() => {
  Object.assign(around.cluster, { nodesStatus: 200, denied: [], hasCalico: true, isAdministrator: false, aheadMs: 0 });
});

async function doctor(change: Environment, ...more: readonly string[]): Promise<{ report: Report; text: string }> {
  const printed: string[] = [];
  const exit = await runProgram(['doctor', ...(more.length > 0 ? [] : ['--json'])], {
    out: (text) => void printed.push(text),
    err: (text) => void printed.push(text),
    environment: { ...around.good(), ...change },
    signal: new AbortController().signal,
  });
  const text = printed.join('');
  const report = more.length > 0 ? { state: '', exit, checks: [] } : (JSON.parse(text) as Report);
  expect(report.exit).toBe(exit);
  return { report, text };
}

/** Turns with more than one thing to correct, or of which two files of rights are told apart. */
const severalCauses = new Map([
  ['a setting of a cluster that is unknown', 2],
  ['missing rights to pods', 2],
]);

const wrong = ({ checks }: Report) => checks.filter(({ state }) => state !== 'ok');

test('a right configuration: exit 0, and nothing to do', async () => {
  const { report } = await doctor({});
  expect({ exit: report.exit, wrong: wrong(report) }).toEqual({ exit: 0, wrong: [] });
  expect(report.checks.map(({ part }) => part)).toEqual(
    expect.arrayContaining(['configuration', 'Redis', 'Kubernetes API', 'rights', 'Slack', 'Socket Mode', 'LISTEN']),
  );
});

test.each([...wrongTurns, ...wrongTurnsOfClusters])('%s', async (name, change, exit, part, text, next) => {
  const { report } = await doctor(change(around));
  const line = wrong(report).find((check) => check.part === part);
  expect(line).toEqual(
    expect.objectContaining({ text: expect.stringMatching(text), next: expect.stringMatching(next) }),
  );
  expect(report.exit).toBe(exit);
  // One line a cause: nothing else is said to be wrong for the same reason.
  expect(wrong(report).map(checkWords)).toHaveLength(severalCauses.get(name) ?? 1);
});

test('serve says of a Redis that is down what doctor says', async () => {
  const down = { REDIS_URL: 'redis://127.0.0.1:1' };
  const line = wrong((await doctor(down)).report).find(({ part }) => part === 'Redis');
  const ended = await program(['serve', '--role', 'worker'], { ...around.good(), ...down });
  expect(ended).toMatchObject({ exit: 4, err: expect.stringContaining(`error: ${line?.text}. ${line?.next}.\n`) });
}, 120_000);

test('told to end, it waits for nothing more', async () => {
  const printed: string[] = [];
  const exit = await runProgram(['doctor'], {
    out: (text) => void printed.push(text),
    err: (text) => void printed.push(text),
    environment: around.good(),
    signal: AbortSignal.abort(),
  });
  expect({ exit, said: printed.join('') }).toEqual({
    exit: 130,
    said: expect.stringMatching(/^ok   configuration: .*\n$/),
  });
});

test('a token that lasts is well, and its end is told', async () => {
  const { report } = await doctor({ KUBECONFIG: around.path('lasting') });
  expect(report.checks.find(({ part }) => part === 'credentials')).toMatchObject({
    state: 'ok',
    text: expect.stringMatching(/^the token of the kubeconfig is valid until \d{4}-\d\d-\d\dT/),
  });
});

test('of several clusters, each is checked, and one that is away does not hide the others', async () => {
  const { report } = await doctor({ CALICO_CHATOPS_CONFIG: around.path('clusters.yaml') });
  expect(report.checks.filter(({ part }) => part.startsWith('east: ')).map(({ part, state }) => [part, state])).toEqual(
    expect.arrayContaining([
      ['east: Kubernetes API', 'ok'],
      ['east: rights', 'ok'],
    ]),
  );
  expect(wrong(report).map(({ part, text }) => `${part}: ${text}`)).toEqual([
    expect.stringMatching(/^west: Kubernetes API: the API server does not answer: .*ECONNREFUSED/),
    expect.stringMatching(/^west: nodes: SSH_KEY_FILE: .*key\.pub holds a public key/),
  ]);
  expect(report.exit).toBe(1);
});

/** As where everything stands in the file. */
const nothingElse: Environment = {
  APPROVERS: '',
  SLACK_BOT_TOKEN: '',
  SLACK_APP_TOKEN: '',
  SSH_KEY_FILE: '',
  SSH_KNOWN_HOSTS_FILE: '',
  SSH_USER: '',
};
const swapped: Environment = { SLACK_BOT_TOKEN: 'xapp-workspace-app', SLACK_APP_TOKEN: 'xoxb-workspace-bot' };
const unwritten: Environment = { SLACK_BOT_TOKEN: '' };

test('a token that is not written yet is one line, and the command line works', async () => {
  const { report } = await doctor({ ...unwritten, SLACK_BOT_TOKEN_FILE: around.path('empty') });
  expect(wrong(report).map(({ part, state }) => [part, state])).toEqual([['configuration', 'limited']]);
});

test.each<[string, (folder: DoctorSurroundings) => Environment]>([
  ['a token of another kind', () => ({ SLACK_BOT_TOKEN: 'xapp-x' })],
  ['an approver by name', () => ({ APPROVERS: 'alice' })],
  ['LISTEN that is not an address', () => ({ LISTEN: 'here' })],
  ['a kubeconfig that is not there', () => ({ KUBECONFIG: '/none' })],
  ['a kubeconfig that nobody writes into', ({ path }) => ({ KUBECONFIG: path('pipe') })],
  ['bad YAML', ({ path }) => ({ ...nothingElse, CALICO_CHATOPS_CONFIG: path('bad.yaml') })],
  ['a file that is not there', () => ({ ...nothingElse, CALICO_CHATOPS_CONFIG: '/none' })],
  ['each token of Slack in the place of the other', () => swapped],
])('%s is one line: what follows from it is not told beside it', async (_, change) => {
  const { report } = await doctor(change(around));
  expect(wrong(report).map(({ part, state }) => [part, state])).toEqual([['configuration', 'failed']]);
});

test.each<[string, (folder: DoctorSurroundings) => Environment]>([
  ['an empty file of a token', ({ path }) => ({ ...unwritten, SLACK_BOT_TOKEN_FILE: path('empty') })],
  ['an approver by name', () => ({ APPROVERS: 'alice' })],
  ['bad YAML', ({ path }) => ({ CALICO_CHATOPS_CONFIG: path('bad.yaml') })],
  ['bad YAML that holds all settings', ({ path }) => ({ ...nothingElse, CALICO_CHATOPS_CONFIG: path('bad.yaml') })],
  ['a file that is not there', () => ({ ...nothingElse, CALICO_CHATOPS_CONFIG: '/none' })],
  ['an unknown key', ({ path }) => ({ CALICO_CHATOPS_CONFIG: path('unknown.yaml') })],
  ['each token of Slack in the place of the other', () => swapped],
])('of %s serve says what doctor says', async (_, change) => {
  const { report } = await doctor(change(around));
  const [line] = wrong(report);
  const served = await program(['serve'], { ...around.good(), ...change(around) });
  expect(served).toEqual({
    exit: 3,
    out: '',
    err: `error: ${line === undefined ? '' : checkWords(line).replace(/^configuration: /, '')}, then run calico-chatops doctor.\n`,
  });
});

test('an account without any right is one line, which names what it lacks', async () => {
  const { report } = await doctor(
    ((around.cluster.nodesStatus = 403), (around.cluster.denied = ['list nodes', 'list events']), {}),
  );
  expect(wrong(report)).toEqual([
    expect.objectContaining({
      part: 'Kubernetes API',
      state: 'failed',
      text: expect.stringMatching(/may not list nodes \(403 .*: the account lacks 2 of \d+ \((?=.*list events)/),
      next: expect.stringContaining('deploy/rbac/'),
    }),
  ]);
});

test('several causes are all told, each with what to do, and the end says how it stands', async () => {
  const { text, report } = await doctor({ APPROVERS: '', SSH_KEY_FILE: around.path('key.pub'), LISTEN: 'x' }, ' ');
  expect(text).toMatch(/^FAIL configuration: LISTEN: must be an address such as 127\.0\.0\.1:8080\. Correct it in/m);
  expect(text).toMatch(/^warn nodes: SSH_KEY_FILE: .* holds a public key.*\. Set SSH_KEY_FILE to the private key/m);
  expect(text).toMatch(/^warn APPROVERS: nobody is named/m);
  expect(text.match(/^warn [^:]*/gm)).toEqual(['warn nodes', 'warn APPROVERS']);
  expect(text.trimEnd().split('\n').at(-1)).toBe('Not usable: 1 to correct first, 2 limits.');
  expect(report.exit).toBe(3);
});
