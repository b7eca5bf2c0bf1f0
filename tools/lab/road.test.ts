/** The commands of README, as they are written there, by an operator who begins with a cluster alone. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { breakFault, healFaults } from './faults/apply.ts';
import { describeLab, labCommand, mustSucceed, ownLab } from './harness.ts';
import { startOperator, type Operator } from './operator.ts';
import { labPaths, projectRoot } from './paths.ts';
import { attempt, run, until } from './run.ts';
import { readTopology } from './state.ts';

const page = (path: string) => readFileSync(`${projectRoot}/${path}`, 'utf8');
const blocksOf = (text: string) => [...text.matchAll(/^```sh\n([\s\S]{1,3000}?)^```/gm)].map(([, block = '']) => block);
const [, useIt = ''] = page('README.md').split('## Use it on your cluster');
const [begin = ''] = blocksOf(useIt);
const [install = ''] = blocksOf(page('docs/install.md'));

/**
 * What each line of the guide's blocks does for an operator whose cluster is well: its exit, and words that it says. A
 * line that is not here fails the test, and so does one that the guide no longer has.
 */
const guide: Readonly<Record<string, readonly [exit: number, says: RegExp]>> = {
  'calico-chatops diagnose default/mypod': [0, /^REACHABLE/m],
  'calico-chatops diagnose default/mypod --from pod:default/client --port 8080/tcp': [0, /^REACHABLE/m],
  'calico-chatops diagnose default/client --to svc:default/web --port 8080/tcp': [0, /^REACHABLE/m],
  'calico-chatops explain controller-forbidden': [0, /^The account of the controller may not read/m],
  'calico-chatops diagnose default/mypod -o json': [0, /"verdict": ?"healthy"/],
  'calico-chatops policy default/mypod --from pod:default/client --port 8080/tcp': [0, /Profile kns\.default/],
  'calico-chatops fix list': [0, /no plans/],
  'curl -sS': [0, /^\{"alerts":\[\{"alert":"ATest","run":"r-/],
  'calico-chatops diagnose default/mypod --case ./mypod-case': [0, /^REACHABLE/m],
  'calico-chatops replay ./mypod-case': [0, /^REACHABLE/m],
  'iptables-save -c > rules': [0, /^$/],
  'calico-chatops trace --rules rules --hook FORWARD --proto tcp --src 192.0.2.7 --dst 192.0.2.5 --dport 8080': [
    0,
    /^decision/,
  ],
  'calico-chatops doctor': [0, /^All is well\.$/m],
  'calico-chatops config check': [0, /is valid/],
  'calico-chatops config show': [0, /^ALERT_CHANNEL +C0ONCALL /m],
  'calico-chatops audit verify': [0, /^ok: /],
  'calico-chatops config schema > calico-chatops.schema.json': [0, /^$/],
};

const workspacePort = 7001;
const slack = `http://127.0.0.1:${workspacePort}`;

test('README and install page say the same, in six commands', () => {
  expect(install).toBe(begin);
  expect(begin.trimEnd().split('\n')).toHaveLength(6);
});

/** A command may go on in the next line. */
const commandsIn = (block: string) => block.trimEnd().split(/(?<!\\)\n/);
/** Without the header and the document that `curl` sends. */
const headOf = (line: string) => line.replace(/^(curl -sS) [^]*$/, '$1');

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
  let serveLine = '';
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
  const topology = () => readTopology(labPaths(name));
  async function start() {
    const bot = background(operator.argv(`${exported}\nexec ${serveLine}`, environment));
    await until('the bot', 60, async () => (bot.said().includes('serving as all') ? true : null));
    return bot;
  }
  /** The settings that the guide asks for, in the file that `init` wrote. */
  async function takeAlerts(): Promise<void> {
    const config = `${operator.folder}/bot/calico-chatops.yaml`;
    const off = await readFile(config, 'utf8');
    const on = off
      .replace(/^# (ALERT_CHANNEL): .*$/m, '$1: C0ONCALL')
      .replaceAll(/^# (?=ALERT_TOKEN_FILE:|LISTEN:)/gm, '');
    expect(on.match(/^(?:ALERT_CHANNEL|ALERT_TOKEN_FILE|LISTEN): /gm)).toHaveLength(3);
    await writeFile(config, on);
    const bot = running.pop();
    bot?.kill('SIGTERM');
    if (bot) await ended(bot);
    await start();
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
    serveLine = serve;
    const bot = await start();
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

  test('each command of the guide does for them what the guide says of it', async () => {
    await breakFault(topology(), 'service-outdated', ['endpoints=current']);
    await takeAlerts();
    // As every node has, from which the guide has rules saved.
    await run(inOps('iptables', '-A', 'INPUT', '-i', 'lo', '-j', 'ACCEPT'));
    const typed = blocksOf(page('docs/guide.md')).flatMap(commandsIn);
    expect(typed.map(headOf)).toEqual(Object.keys(guide));
    for (const line of typed) {
      const [exit, says] = guide[headOf(line)] ?? [];
      const { status, stdout, stderr } = await type(line);
      expect({ line, status, stdout, stderr }).toMatchObject({
        status: exit,
        stdout: expect.stringMatching(says ?? /$^/),
      });
    }
    await healFaults(topology(), null);
  }, 600_000);

  test('init and apply, run again, change nothing', async () => {
    const again = await type('calico-chatops init ./bot; ./bot/apply');
    expect(again.status).toBe(0);
    expect(again.stdout.split('\n').filter((line) => /^(?:written|updated) /.test(line))).toEqual([]);
    expect(again.stdout.match(/^changed .*/gm) ?? []).toEqual(changed);
  }, 300_000);
});
