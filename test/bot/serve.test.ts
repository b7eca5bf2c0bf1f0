import { Redis } from 'ioredis';
import { describe, expect, test } from '@jest/globals';
import { createJobQueues } from '../../src/adapters/queue.ts';
import { redisOptions } from '../../src/adapters/redis-connection.ts';
import { testSeals } from '../support/signing.ts';
import { at, sampleRun } from './sample-run.ts';
import {
  redis,
  workspace,
  bot,
  store,
  logged,
  audited,
  alertToken,
  up,
  jobsOf,
  whispers,
  postButtons,
  settles,
} from './served-bot.ts';

describe.each(['socket', 'http'] as const)('over %s', (mode) => {
  test('a command is acknowledged at once, and asks for one diagnosis', async () => {
    await up(mode);
    const { taken } = jobsOf();
    const outcome = await workspace.command({
      user: 'carol',
      channel: 'oncall',
      text: '/calico diagnose default/mypod from default/client port 8080/tcp',
    });
    expect(outcome).toMatchObject({ acked: true });
    expect(whispers('carol')).toEqual([expect.stringContaining('Checking default/mypod')]);
    await settles(() => taken.length > 0);
    expect(taken).toEqual([
      {
        queue: 'diagnose',
        data: expect.objectContaining({
          kind: 'diagnosis',
          requester: 'U0CAROL',
          alert: null,
          target: {
            cluster: 'default',
            namespace: 'default',
            pod: 'mypod',
            from: { kind: 'pod', namespace: 'default', name: 'client' },
            port: { protocol: 'tcp', number: 8080 },
          },
          origin: { kind: 'command', channel: 'C0ONCALL', thread: null, joins: null },
        }),
      },
    ]);
  });

  test('an approver approves once; the second click says who was first', async () => {
    await up(mode);
    const { taken } = jobsOf();
    const id = `${mode}-approve-${Date.now()}`;
    const ts = await postButtons(id);
    await workspace.click({ user: 'bob', channel: 'oncall', ts, action_id: 'approve_fix' });
    await settles(() => taken.some(({ queue }) => queue === 'fix'));
    expect(await store.plan(`p-${id}`)).toMatchObject({ state: 'approved', approver: 'U0BOB' });
    expect(taken.filter(({ queue }) => queue === 'fix')).toEqual([
      { queue: 'fix', data: { plan: `p-${id}`, run: 'r-01JSAMPLE', action: 'apply' } },
    ]);
    const { approval } = (await store.plan(`p-${id}`)) ?? {};
    expect(approval?.approval).toMatchObject({
      action: 'apply',
      approver: 'U0BOB',
      via: { kind: 'slack', channel: 'C0ONCALL', thread: ts, message: ts, click: expect.any(String) },
    });
    expect(testSeals.check('approval', approval?.approval, approval?.seal ?? null)).toBe('holds');
    expect(audited.map(({ record }) => [record['what'], record['plan']])).toContainEqual(['plan approved', `p-${id}`]);
    await workspace.click({ user: 'alice', channel: 'oncall', ts, action_id: 'reject_fix' });
    await settles(() => whispers('alice').length > 0);
    expect(whispers('alice')).toEqual(['Already decided: approved (approved by @U0BOB).']);
  });

  test('somebody else is refused privately, with the reason', async () => {
    await up(mode);
    const ts = await postButtons(`${mode}-refused`);
    await workspace.click({ user: 'carol', channel: 'oncall', ts, action_id: 'approve_fix' });
    await settles(() => whispers('carol').length > 0);
    expect(whispers('carol')).toEqual([
      ':lock: You cannot decide about this fix: only @U0ALICE, @platform may decide about fixes.\n[Ask the approvers]',
    ]);
    expect(whispers('alice')).toEqual([]);
    const refusal = workspace.messages({ channel: 'oncall', user: 'carol' }).find((one) => one['is_ephemeral']);
    const asking = { user: 'carol', channel: 'oncall', ts: String(refusal?.['ts']), action_id: 'ask_approvers' };
    const wishes = async () =>
      (await store.events(sampleRun)).filter(
        (one) => one.type === 'approval-wanted' && one.plan === `p-${mode}-refused`,
      );
    await workspace.click(asking);
    await settles(async () => (await wishes()).length > 0);
    expect(await wishes()).toMatchObject([{ by: 'U0CAROL', approvers: ['U0ALICE', 'S0PLATFORM'] }]);
    await workspace.click(asking);
    await settles(() => whispers('carol').length > 1);
    expect(whispers('carol')[1]).toBe('The approvers were asked already, or this fix no longer waits.');
    expect((await store.plan(`p-${mode}-refused`))?.state).toBe('proposed');
  });
});

test.each([
  ['a path', '../../etc', 'is not NAMESPACE/POD'],
  ['a shell command', 'default/mypod; reboot', 'is not a valid pod name'],
  ['3,000 characters', `default/${'x'.repeat(3000)}`, 'at most 1000 are allowed'],
  ['an unknown flag', 'default/mypod --frm x', 'did you mean "from"?'],
])('bad input (%s) is answered in one line, and nothing runs', async (_, text, problem) => {
  await up('socket');
  const queues = createJobQueues({ address: redis.address, onError: () => undefined });
  const before = await queues.counts();
  await workspace.command({ user: 'carol', channel: 'oncall', text: `/calico diagnose ${text}` });
  const [answer] = whispers('carol');
  expect(answer).toContain(problem);
  expect(answer?.split('\n')).toHaveLength(1);
  expect(await queues.counts()).toEqual(before);
  await queues.close();
});

const ask = (user: string) => workspace.command({ user, channel: 'oncall', text: '/calico diagnose default/mypod' });

test('a person who asks too often is told so privately, whichever way they ask; others are not held up', async () => {
  await up('socket', { diagnosesPerMinute: '2' });
  const { taken } = jobsOf();
  const ts = await postButtons('limit');
  await ask('bob');
  await ask('bob');
  await ask('bob');
  expect(whispers('bob').at(-1)).toMatch(
    /^:hourglass: Not started: you can ask for 2 diagnoses a minute\. Retry in (?:30|29) s\.$/,
  );
  await workspace.click({ user: 'bob', channel: 'oncall', ts, action_id: 'recheck' });
  await settles(() => whispers('bob').length === 4);
  expect(whispers('bob').at(-1)).toContain('Not started');
  await ask('alice');
  await settles(() => taken.length === 3);
  expect(taken.map(({ data }) => (data as { requester: string }).requester)).toEqual(['U0BOB', 'U0BOB', 'U0ALICE']);
  expect(whispers('alice').at(-1)).toContain('Checking');
});

test('a connection that Slack renews, or that breaks, is made anew', async () => {
  await up('socket');
  for (const abrupt of [false, true]) {
    workspace.fault({ method: 'socket', kind: 'disconnect', abrupt });
    await settles(
      async () =>
        (await workspace.command({ user: 'carol', channel: 'oncall', text: '/calico help' })).acked &&
        workspace.connections() === 2,
    );
  }
});

test('an unknown command is answered with what was meant', async () => {
  await up('socket');
  await workspace.command({ user: 'carol', channel: 'oncall', text: '/calico diagnos default/mypod' });
  expect(whispers('carol')).toEqual(['There is no command "diagnos". Did you mean: /calico diagnose default/mypod']);
});

test('with Redis away the command is still answered in time, and says so', async () => {
  await up('socket', { redis: 'redis://127.0.0.1:1' });
  // The workspace, like Slack, takes no answer that comes too late.
  const outcome = await workspace.command({ user: 'carol', channel: 'oncall', text: '/calico diagnose default/mypod' });
  expect(outcome).toMatchObject({ acked: true });
  expect(whispers('carol')[0]).toMatch(
    /^:warning: Not started: (?:Redis|the job queue) does not answer\. Try again in a minute\.$/,
  );
}, 20_000);

const post = async (headers: Record<string, string>, body: string, path = '/alertmanager?channel=oncall') =>
  (await fetch(`http://127.0.0.1:${bot.port}${path}`, { method: 'POST', headers, body })).status;

test('alerts need the token, and a payload of Alertmanager', async () => {
  await up('socket');
  const { taken } = jobsOf();
  const alert = {
    status: 'firing',
    labels: { alertname: 'PodUnreachable', namespace: 'default', pod: 'mypod' },
    annotations: { summary: 'down' },
    startsAt: at,
    fingerprint: `f${Date.now()}`,
  };
  const payload = JSON.stringify({ version: '4', groupKey: 'g', alerts: [alert] });
  const right = { authorization: `Bearer ${alertToken}` };
  expect(await post({}, payload)).toBe(401);
  expect(await post({ authorization: 'Bearer wrong' }, payload)).toBe(401);
  expect(await post(right, '{}')).toBe(400);
  expect(await post(right, 'x'.repeat(3 * 1024 * 1024))).toBe(413);
  expect(await post(right, payload, '/alertmanager')).toBe(400);
  expect(await post(right, payload, '/alertmanager?channel=general')).toBe(400);
  expect(taken).toEqual([]);
  expect(await post(right, payload)).toBe(200);
  expect(await post(right, payload)).toBe(200);
  await settles(() => taken.length > 0);
  expect(taken).toEqual([
    {
      queue: 'diagnose',
      data: expect.objectContaining({ origin: { kind: 'alert', channel: 'oncall', thread: null, joins: null } }),
    },
  ]);
  expect((await fetch(`http://127.0.0.1:${bot.port}/healthz`)).status).toBe(200);
  const metrics = await fetch(`http://127.0.0.1:${bot.port}/metrics`);
  expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(await metrics.text()).toContain('\ncalico_chatops_redis_up 1\n');
});

test('a broken audit chain is an error in the log at the start, and the bot serves', async () => {
  const attacker = new Redis(redisOptions(redis.address));
  try {
    await attacker.lpop('calico-chatops:audit-chain');
    await up('socket');
    await settles(() => logged.some((line) => line.includes('the audit chain is broken: record 1: it is missing')));
    expect(await workspace.command({ user: 'carol', channel: 'oncall', text: '/calico help' })).toMatchObject({
      acked: true,
    });
  } finally {
    attacker.disconnect();
  }
});
