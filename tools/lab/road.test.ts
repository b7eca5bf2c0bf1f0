/** The commands of README, as they are written there, by an operator who begins with a cluster alone. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { describeLab, labCommand, mustSucceed, ownLab } from './harness.ts';
import { startOperator, type Operator } from './operator.ts';
import { labPaths, projectRoot } from './paths.ts';
import { attempt, until } from './run.ts';

const page = (path: string) => readFileSync(`${projectRoot}/${path}`, 'utf8');
const blocksOf = (text: string) => [...text.matchAll(/^```sh\n([\s\S]{1,3000}?)^```/gm)].map(([, block = '']) => block);
const [, useIt = ''] = page('README.md').split('## Use it on your cluster');
const [begin = ''] = blocksOf(useIt);
const [install = ''] = blocksOf(page('docs/install.md'));

const workspacePort = 7001;
const slack = `http://127.0.0.1:${workspacePort}`;

test('README and install page say the same, in six commands', () => {
  expect(install).toBe(begin);
  expect(begin.trimEnd().split('\n')).toHaveLength(6);
});

/** As a shell tells it. */
const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
};

const roads = [
  // `changed`: what `apply` says of each node.
  { words: 'SSH', lab: 'road', flags: [], init: (line: string) => line, changed: Array(3).fill('changed    nothing') },
  {
    words: "the agent, with Calico's operator",
    lab: 'road-agent',
    flags: ['--datastore', 'kubernetes', '--layout', 'operator', '--node-access', 'agent'],
    // As the install page says: "No SSH to the nodes?"
    init: (line: string) => `${line} --via agent --image images.example/calico-chatops-agent:0`,
    changed: [],
  },
];

describeLab.each(roads)('the road over $words', ({ lab: own, flags, init, changed }) => {
  const name = ownLab(own);
  const lab = labCommand(name);
  const inOps = (...argv: string[]) => ['nsenter', `--net=${labPaths(name).namespaceFile('ops')}`, '--', ...argv];
  const running: ChildProcess[] = [];
  const environment = { SLACK_API_URL: `${slack}/api/` };
  /** The line that every later one needs: it sets the configuration. */
  let exported = '';
  let operator: Operator;

  beforeAll(async () => {
    await mustSucceed(lab)('up', ...flags);
    operator = await startOperator(name);
    const start = JSON.parse(page('tools/slack-workspace/start.json'));
    start.usergroups.push({ id: 'S0ONCALL', handle: 'oncall-group', name: 'On call', users: ['U0BOB'] });
    await writeFile(`${operator.folder}/start.json`, JSON.stringify(start));
    background([
      ...inOps(process.execPath, `${projectRoot}/tools/slack-workspace/main.ts`, '--host', '127.0.0.1'),
      '--port',
      String(workspacePort),
      '--start',
      `${operator.folder}/start.json`,
    ]);
    await until('the workspace', 60, async () =>
      (await attempt(inOps('curl', '-s', '-o', '/dev/null', slack))).status === 0 ? true : null,
    );
  }, 300_000);
  afterAll(async () => {
    for (const child of running) child.kill('SIGTERM');
    await Promise.all(running.map((child) => ended(child)));
    await lab('down');
  }, 120_000);

  function background([program = '', ...argv]: string[]): { readonly said: () => string } {
    const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
    running.push(child);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (said += data.toString()));
    return { said: () => said };
  }
  const type = (lines: string) => operator.shell(`${exported}\n${lines}`, environment);
  const control = async (path: string, body?: object): Promise<string> =>
    (
      await attempt(
        inOps(
          'curl',
          '-sS',
          `${slack}/_control/${path}`,
          ...(body ? ['-H', 'content-type: application/json', '-d', JSON.stringify(body)] : []),
        ),
      )
    ).stdout;

  test('the lines of README lead to a bot whose doctor is well, and which diagnoses', async () => {
    const [, initLine = '', apply = '', exportLine = '', doctor = '', serve = ''] = begin.trimEnd().split('\n');
    expect(await operator.shell(init(initLine))).toMatchObject({ status: 0, stderr: '' });
    for (const kind of ['bot', 'app'])
      await writeFile(
        `${operator.folder}/bot/secrets/slack-${kind}-token`,
        JSON.parse(page('tools/slack-workspace/start.json'))[`${kind}_token`],
      );
    expect(await operator.shell(apply)).toMatchObject({ status: 0 });
    exported = exportLine;
    const found = await type(doctor);
    expect(found.stdout.split('\n').filter((line) => /^(?:warn|FAIL)/.test(line))).toEqual([]);
    expect(found).toMatchObject({ status: 0, stderr: '' });
    const bot = background(operator.argv(`${exported}\nexec ${serve}`, environment));
    await until('the bot', 60, async () => (bot.said().includes('serving as all') ? true : null));
    expect(
      JSON.parse(
        await control('command', { user: 'carol', channel: 'oncall', text: '/calico diagnose default/mypod' }),
      ),
    ).toMatchObject({ acked: true });
    await until('the verdict in the thread', 120, async () =>
      /is reachable/.test(await control('messages?channel=oncall')) ? true : null,
    );
    // The worker checks the cluster as doctor does, some seconds after it started.
    expect(bot.said()).not.toMatch(/"level":(?:4|5)0/);
  }, 300_000);

  test('init and apply, run again, change nothing', async () => {
    const again = await type('calico-chatops init ./bot; ./bot/apply');
    expect(again.status).toBe(0);
    expect(again.stdout.split('\n').filter((line) => /^(?:written|updated) /.test(line))).toEqual([]);
    expect(again.stdout.match(/^changed .*/gm) ?? []).toEqual(changed);
  }, 300_000);
});
