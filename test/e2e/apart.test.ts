/** The bot and its worker as two processes over one Redis, and a worker that dies in the middle. */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { breakFault, healFaults } from '../../tools/lab/faults/apply.ts';
import { describeLab, labCommand, mustSucceed, ownLab } from '../../tools/lab/harness.ts';
import { labPaths } from '../../tools/lab/paths.ts';
import { processPid, signalProcess } from '../../tools/lab/processes.ts';
import { readTopology } from '../../tools/lab/state.ts';
import {
  eventually,
  workspaceClient,
  type ChannelMessage,
  type WorkspaceClient,
} from '../../tools/slack-workspace/client.ts';
import { conversation, textOf } from './conversation.ts';
import { wedgeHelper } from './disturbances.ts';

const channel = 'oncall';
const asked = '/calico diagnose default/mypod';

describeLab('bot and worker apart', () => {
  const name = ownLab('apart');
  const lab = labCommand(name);
  const paths = labPaths(name);
  const now = () => readTopology(paths);
  let slack: WorkspaceClient;
  let talk: ReturnType<typeof conversation>;

  const must = mustSucceed(lab);
  const parents = async () =>
    (await slack.messages(channel)).filter(({ ts, thread_ts: thread }) => !thread || thread === ts).length;
  const parentText = async () => textOf((await talk.newestThread())[0] ?? { ts: '' });
  /** The most memory that a process ever had, in megabytes. */
  const mostMemory = (process: string) =>
    Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${processPid(paths, process)}/status`, 'utf8'))?.[1]) / 1024;

  beforeAll(async () => {
    await must('up', '--dataplane', 'legacy');
    await must('serve', '--apart');
    slack = workspaceClient((JSON.parse(await must('status', '--json')) as { workspace: string }).workspace);
    talk = conversation(slack, channel);
    await eventually('the bot to connect', 30, async () =>
      slack.command('alice', channel, '/calico help').then(
        () => true,
        () => false,
      ),
    );
    await breakFault(now(), 'controller-forbidden', []);
  }, 180_000);
  afterEach(() => {
    for (const process of ['bot', 'worker']) expect([process, mostMemory(process) < 300]).toEqual([process, true]);
  });
  afterAll(async () => {
    await lab('down');
  }, 60_000);

  test('a diagnosis in its thread, and a fix that is approved at one, applied and rolled back by the other', async () => {
    await slack.command('alice', channel, asked);
    await talk.approve('alice', /Create profile kns\.default/);
    expect(await talk.card(/Create profile/, /^(?:verified|failed|rolled-back|refused)/)).toContain(
      'Fixed and verified',
    );
    await talk.approve('alice', /Create profile kns\.default/, 'rollback_fix');
    expect(await talk.card(/Create profile/, /^(?:rolled-back|failed)/)).toContain('Rolled back');
    expect(await must('ops', '--', 'calico-chatops', 'audit', 'verify')).toMatch(/^ok: /);
    expect(await parents()).toBe(1);
    await healFaults(now(), null);
  }, 180_000);

  test('a worker that is killed in the middle of a diagnosis: the next one ends it, in one thread, and nothing stands there twice', async () => {
    await breakFault(now(), 'controller-forbidden', []);
    const before = await parents();
    const release = await wedgeHelper(name, 'node-a');
    await slack.command('alice', channel, asked);
    await eventually(
      'the thread to begin',
      20,
      async () => (await parents()) > before && (await parentText()).includes('Checking'),
    );
    const killed = processPid(paths, 'worker');
    signalProcess(paths, 'worker', 'SIGKILL');
    await release();
    await eventually(
      'another worker',
      20,
      async () => processPid(paths, 'worker') !== null && processPid(paths, 'worker') !== killed,
    );
    expect(await parentText()).toContain('Checking');

    await eventually('the verdict', 150, async () => (await parentText()).includes('is unreachable'));
    await talk.approve('alice', /Bind /);
    expect(await talk.card(/Bind /, /^(?:verified|failed|rolled-back|refused)/)).toContain('Fixed and verified');
    expect(await parents()).toBe(before + 1);
    for (const said of [
      ({ metadata }: ChannelMessage) => metadata?.event_payload['key'],
      ({ text }: ChannelMessage) => text,
    ]) {
      const all = (await talk.newestThread()).map(said);
      expect(all).toEqual([...new Set(all)]);
    }
    await healFaults(now(), null);
  }, 300_000);
});
