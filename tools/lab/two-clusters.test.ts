/** One bot and two labs side by side: one is read over SSH, the other through its agent, and one goes away. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { breakFault, healFaults } from './faults/apply.ts';
import { describeLab, labCommand, mustSucceed, ownLab } from './harness.ts';
import { labPaths, projectRoot } from './paths.ts';
import { attempt, until } from './run.ts';
import { readTopology } from './state.ts';
import { apiServer } from './topology.ts';

const forwarder = `${projectRoot}/tools/lab/operations/forwarder.ts`;
/** Both labs have the same addresses: the other's API server stands at a port of the loopback. */
const otherPort = 16_443;

describeLab('two clusters of one bot', () => {
  const [east, west] = [ownLab('east'), ownLab('west')];
  const paths = labPaths(east);
  const inOps = (name: string, ...argv: string[]) => [
    ...['nsenter', `--net=${labPaths(name).namespaceFile('ops')}`, '--', ...argv],
  ];
  const config = `${paths.operations}/clusters.yaml`;
  const running: ChildProcess[] = [];
  let wayToWest: readonly ChildProcess[] = [];

  function start([program = '', ...argv]: string[], env: NodeJS.ProcessEnv = process.env) {
    const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'], env });
    running.push(child);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (said += data.toString()));
    return { child, said: () => said };
  }
  const end = async (children: readonly ChildProcess[]) => {
    for (const child of children.filter((one) => one.exitCode === null && one.signalCode === null)) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  };

  beforeAll(async () => {
    await Promise.all([
      mustSucceed(labCommand(east))('up'),
      mustSucceed(labCommand(west))('up', '--datastore', 'kubernetes', '--node-access', 'agent'),
    ]);
    const socket = `${labPaths(west).root}/way-to-api.sock`;
    wayToWest = [
      start(inOps(west, process.execPath, forwarder, socket, new URL(apiServer).host)).child,
      start(inOps(east, process.execPath, forwarder, `127.0.0.1:${otherPort}`, socket)).child,
    ];
    const kubeconfig = readFileSync(`${labPaths(west).operations}/kubeconfig`, 'utf8').replace(
      `server: ${apiServer}`,
      `server: https://127.0.0.1:${otherPort}\n    tls-server-name: ${new URL(apiServer).hostname}`,
    );
    await writeFile(`${paths.operations}/west-kubeconfig`, kubeconfig, { mode: 0o600 });
    const clusters = {
      east: {
        KUBECONFIG: `${paths.operations}/kubeconfig`,
        SSH_USER: 'calico-chatops',
        SSH_KEY_FILE: `${paths.operations}/id_ed25519`,
        SSH_KNOWN_HOSTS_FILE: `${paths.operations}/known_hosts`,
        CHANNELS: ['C0ONCALL'],
      },
      west: { KUBECONFIG: `${paths.operations}/west-kubeconfig`, NODES_VIA: 'agent' },
    };
    await writeFile(config, JSON.stringify({ CLUSTERS: clusters, STATE_DIR: `${paths.operations}/two-state` }));
  }, 300_000);
  afterAll(async () => {
    await end(running);
    await Promise.all([labCommand(east)('down'), labCommand(west)('down')]);
  }, 120_000);

  /** With nothing of the lab's usual configuration. */
  const asBot = (...argv: string[]) => [
    ...['env', '-i', `PATH=${process.env['PATH']}`, `HOME=${paths.operations}`, `CALICO_CHATOPS_CONFIG=${config}`],
    ...['SLACK_API_URL=http://127.0.0.1:7002/api/', 'SLACK_BOT_TOKEN=xoxb-workspace-bot'],
    ...['SLACK_APP_TOKEN=xapp-workspace-app', 'APPROVERS=U0ALICE'],
    ...inOps(east, process.execPath, `${projectRoot}/src/main.ts`, ...argv),
  ];
  const judge = async (cluster: string) => {
    const asked = ['diagnose', 'default/mypod', '--from', 'pod:default/client', '--port', '8080/tcp'];
    const { stdout, stderr, status } = await attempt(asBot(...asked, '--cluster', cluster, '-o', 'json'));
    if (stdout === '') return { status, said: stderr };
    const { verdict, roots } = JSON.parse(stdout);
    return { status, said: [verdict, ...roots.map(({ rule }: { readonly rule: string }) => rule)].join(' ') };
  };

  test('each has its own verdict, asked at once', async () => {
    await breakFault(readTopology(labPaths(west)), 'policy-deny', []);
    expect(await Promise.all([judge('east'), judge('west')])).toEqual([
      { status: 0, said: 'healthy' },
      { status: 1, said: 'fault policy-denies-ingress' },
    ]);
    await healFaults(readTopology(labPaths(west)), null);
  }, 240_000);

  test('one that is away costs doctor its own lines, and people in Slack nothing of the other', async () => {
    const workspace = `${projectRoot}/tools/slack-workspace/main.ts`;
    start(inOps(east, process.execPath, workspace, '--host', '127.0.0.1', '--port', '7002'));
    const control = async (path: string, body?: object) =>
      (
        await attempt(
          inOps(
            east,
            ...['curl', '-sS', `http://127.0.0.1:7002/_control/${path}`],
            ...(body ? ['-H', 'content-type: application/json', '-d', JSON.stringify(body)] : []),
          ),
        )
      ).stdout;
    await until('the workspace', 60, async () => ((await control('state')) === '' ? null : true));
    const bot = start(asBot('serve'));
    await until('the bot', 60, async () => (bot.said().includes('serving as all') ? true : null));

    await end(wayToWest);
    const ask = (text: string) => control('command', { user: 'carol', channel: 'oncall', text: `/calico ${text}` });
    // The one that is away first: whoever asks about the other does not wait for it.
    expect(JSON.parse(await ask('diagnose default/mypod in west'))).toMatchObject({ acked: true });
    expect(JSON.parse(await ask('diagnose default/mypod'))).toMatchObject({ acked: true });
    await until('the verdict of east', 120, async () =>
      (await control('messages?channel=oncall')).includes('is reachable') ? true : null,
    );
    const { status, stdout } = await attempt(asBot('doctor', '-o', 'json'));
    const wrong = (JSON.parse(stdout).checks as readonly { readonly part: string; readonly state: string }[])
      .filter(({ state }) => state !== 'ok')
      .map(({ part }) => part);
    expect([status, wrong]).toEqual([1, ['west: Kubernetes API']]);
    expect(await judge('west')).toMatchObject({ status: 3, said: expect.stringMatching(/ECONNREFUSED/) });
  }, 300_000);
});
