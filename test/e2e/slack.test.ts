/** The whole line: a command or an alert, the thread, buttons, a healed pod. Real Redis, Bolt, SSH, API server, kernel. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { breakFault, healFaults } from '../../tools/lab/faults/apply.ts';
import { describeLab, labCommand, mustSucceed, ownLab } from '../../tools/lab/harness.ts';
import { labPaths } from '../../tools/lab/paths.ts';
import { answersPing } from '../../tools/lab/ready.ts';
import { readTopology } from '../../tools/lab/state.ts';
import { buttonsOf, eventually, workspaceClient, type WorkspaceClient } from '../../tools/slack-workspace/client.ts';
import { alertOf, deliverTo } from './alerts.ts';
import { conversation, textOf } from './conversation.ts';

const name = ownLab('slack');
const lab = labCommand(name, { FOLLOW_UP_MINUTES: '0.15,0.3,0.5,0.75,1,1.3,1.6,2' });
const channel = 'oncall';
const now = () => readTopology(labPaths(name));
let slack: WorkspaceClient;
let talk: ReturnType<typeof conversation>;

const must = mustSucceed(lab);

const deliver = (alert: object) => deliverTo(must, alert);

const parents = async () =>
  (await slack.messages(channel)).filter((message) => textOf(message).includes('mypod does not answer')).length;

describeLab('through Slack', () => {
  beforeAll(async () => {
    await must('up');
    await must('serve');
    slack = workspaceClient((JSON.parse(await must('status', '--json')) as { workspace: string }).workspace);
    talk = conversation(slack, channel);
    await eventually('the bot to connect', 30, async () =>
      slack.command('alice', channel, '/calico help').then(
        () => true,
        () => false,
      ),
    );
  }, 120_000);
  afterAll(async () => {
    await lab('down');
  }, 60_000);

  test('the first case: found, approved in the other order, healed', async () => {
    await breakFault(now(), 'first-case', []);
    await slack.command('carol', channel, '/calico diagnose default/mypod');
    await talk.approve('carol', /Bind /);
    const refusal = await eventually('the refusal', 20, async () =>
      (await slack.messages(channel, 'carol')).find(
        (message) => message.is_ephemeral && /may decide about fixes/.test(textOf(message)),
      ),
    );
    expect((await slack.messages(channel, 'alice')).some(({ ts }) => ts === refusal.ts)).toBe(false);
    expect((await talk.newestThread()).some(({ text }) => /^(?:approved|applying|verified)/.test(text ?? ''))).toBe(
      false,
    );

    await talk.approve('alice', /Bind /);
    expect(await talk.card(/Bind /, /^(?:verified|failed|rolled-back|refused)/)).toContain('Fixed and verified');
    await talk.approve('bob', /Create profile kns\.default/).catch(() => {});
    // The controller may have got there first; then the card says so.
    expect(await talk.card(/Create profile/, /^(?:verified|superseded|failed|rolled-back|refused)/)).toMatch(
      /Fixed and verified|No longer needed/,
    );
    expect(await answersPing(labPaths(name), 'default/client', '10.244.1.5')).toBe(false);

    await healFaults(now(), 'ipip-blocked');
    const recheck = (await talk.newestThread()).flatMap(buttonsOf).find(({ action }) => action === 'recheck');
    if (!recheck) throw new Error('no button to check again');
    await slack.click('alice', channel, recheck);
    await eventually('the thread to say that it is reachable', 60, async () =>
      (await talk.newestThread()).some((message) => /is reachable|Reachable now/.test(textOf(message))),
    );
    expect(await answersPing(labPaths(name), 'default/client', '10.244.1.5')).toBe(true);
    expect(await must('exec', 'node-a', '--', 'iptables-legacy-save')).toMatch(
      /-A cali-pri-kns\.default .*--set-xmark 0x10000\/0x10000/,
    );
    await healFaults(now(), null);
  }, 240_000);

  test('an alert: told once, diagnosed in its thread, approved, followed up until it recovered', async () => {
    await breakFault(now(), 'controller-forbidden', []);
    await deliver(alertOf('firing'));
    await eventually('the alert in the channel', 20, async () => (await parents()) > 0);
    // The profile first: relief at once; then its cause.
    await talk.approve('alice', /Create profile kns\.default/);
    await talk.card(/Create profile/, /^verified/);
    await talk.approve('alice', /Bind /);
    await talk.card(/Bind /, /^verified/);
    await deliver(alertOf('firing'));
    await eventually('a follow-up that says it recovered', 150, async () =>
      (await talk.newestThread()).some((message) => /reachable now|healthy now|recovered/i.test(textOf(message))),
    );
    await deliver(alertOf('resolved'));
    await eventually('the end of the alert', 30, async () =>
      (await talk.newestThread()).some((message) => /alert resolved/i.test(textOf(message))),
    );
    expect(await parents()).toBe(1);
    await healFaults(now(), null);
  }, 240_000);
});
