/** Everything that people ask the bot in Slack, beside a diagnosis: each with the scopes and events of the manifest. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { linesOf, type ChannelMessage } from '../../tools/slack-workspace/client.ts';
import { createMessageBook } from '../../src/bot/message-book.ts';
import { createSlackClient } from '../../src/adapters/slack-client.ts';
import { workerKeyOf } from '../../src/model/worker-health.ts';
import { events, planRecord, sampleHop, sampleRun, sampleVerdict, wholeRun } from './sample-run.ts';
import { emptyRedis, jobsOf, postButtons, settles, store, up, whispers, workspace } from './served-bot.ts';

const say = (user: string, text: string) => workspace.command({ user, channel: 'oncall', text: `/calico ${text}` });
const seen = (view: { readonly blocks: readonly object[] } | null | undefined) =>
  linesOf({ ts: '', blocks: view?.blocks } as ChannelMessage).join('\n');

/** A message of the bot at which a thread hangs, and the sample run in it. */
async function thread(bodies = wholeRun): Promise<string> {
  const client = createSlackClient({ token: workspace.start.bot_token, apiUrl: workspace.apiUrl });
  const { ts = '' } = await client.chat.postMessage({ channel: 'C0ONCALL', text: 'parent' });
  for (const event of events(bodies)) await store.append(sampleRun, event);
  const book = createMessageBook(store);
  await book.remember(sampleRun, 'parent', { channel: 'C0ONCALL', ts, thread: null, content: '' });
  await book.rememberThread('C0ONCALL', ts, sampleRun);
  return ts;
}

beforeEach(async () => {
  await emptyRedis();
  await up('socket');
});

test('status, runs, fixes, explain and a wrong rule are answered to the asker alone', async () => {
  await thread();
  await store.savePlan(planRecord('create-pod-profile'));
  for (const text of ['status', 'runs', 'fixes', 'explain pod-profile-missing', 'explain pod-profil-missing', 'help'])
    await say('carol', text);
  const [status, runs, fixes, page, near, help] = whispers('carol');
  expect(status).toContain('No worker answered for a minute.');
  expect(status).toMatch(/The queue is empty\. Version \d+\.\d+\.\d+/);
  expect(status).toContain('felix-log on node-c: connection refused');
  expect(runs).toContain('default/mypod is unreachable from pod:default/client on 8080/tcp');
  expect(runs).toContain(sampleRun);
  for (const list of [runs, fixes]) expect(list).toContain('Open the thread');
  expect(
    workspace
      .messages({ channel: 'oncall', user: 'carol' })
      .map((one) => JSON.stringify(one))
      .join(),
  ).toMatch(/"type":"link","url":"http[^"]*\/archives\/C0ONCALL\/p\d+"/);
  expect(fixes).toMatch(/1 fix waits for an approval.*\n:wrench: Fix: Do create-pod-profile for default\/mypod/);
  expect(page).toContain('A button may fix it: create-pod-profile');
  expect(near).toContain('Did you mean pod-profile-missing');
  expect(help).toContain('/calico report RUN');
  expect(whispers('alice')).toEqual([]);
});

test('a plan that somebody wrote into Redis is in no list', async () => {
  const record = planRecord('create-pod-profile');
  await store.savePlan({ ...record, plan: { ...record.plan, title: 'Something harmless' } });
  for (const text of ['status', 'fixes']) await say('carol', text);
  expect(whispers('carol')).toEqual([
    expect.stringContaining('0 fixes wait for an approval'),
    expect.not.stringContaining('Something harmless'),
  ]);
  expect(await home('alice')).not.toContain('Something harmless');
});

test('a worker that works says so, and what it cannot see', async () => {
  const blind = [{ text: 'SSH_KEY_FILE is not set', next: 'Set it' }];
  await store.remember(workerKeyOf('default'), JSON.stringify({ at: new Date().toISOString(), blind }), 60);
  await say('carol', 'status');
  expect(whispers('carol')[0]).toContain('Bot, Redis and worker answer');
  expect(whispers('carol')[0]).toContain('SSH_KEY_FILE is not set. Set it.');
});

test('questions about the cluster go to a worker once, with the person who waits', async () => {
  const { taken } = jobsOf();
  await say('carol', 'policy default/mypod from default/client port 8080');
  await say('carol', 'node n2');
  await settles(() => taken.length === 2);
  expect(taken.map(({ data }) => data)).toMatchObject([
    { kind: 'question', user: 'U0CAROL', channel: 'C0ONCALL', about: { what: 'policies', target: { pod: 'mypod' } } },
    { kind: 'question', about: { what: 'node', node: 'n2' } },
  ]);
});

test('an approver turns fixes off and on; nobody else does, and no approval goes through meanwhile', async () => {
  const ts = await postButtons('frozen');
  await say('carol', 'fixes off');
  expect(whispers('carol').at(-1)).toContain('Fixes stay as they are');
  await say('alice', 'fixes off');
  expect(whispers('alice').at(-1)).toContain('Fixes are off');
  await workspace.click({ user: 'alice', channel: 'oncall', ts, action_id: 'approve_fix' });
  await settles(() => whispers('alice').length > 1);
  expect(whispers('alice').at(-1)).toMatch(/Not done: fixes are off since .* \(U0ALICE\)/);
  expect((await store.plan('p-frozen'))?.state).toBe('proposed');
  await say('alice', 'fixes on');
  await workspace.click({ user: 'alice', channel: 'oncall', ts, action_id: 'approve_fix' });
  await settles(async () => (await store.plan('p-frozen'))?.state === 'approved');
});

test('a report is a Markdown file in the thread of its run', async () => {
  await thread();
  await say('carol', `report ${sampleRun}`);
  await settles(() => workspace.files().length > 0);
  const [file] = workspace.files();
  expect(file).toMatchObject({ name: `${sampleRun}.md` });
  expect(String(file?.['content'])).toMatch(
    /^# Incident: default\/mypod[^]*\nThread: <http[^>]*\/archives\/C0ONCALL\/p\d+>\n[^]*## Timeline[^]*## Cause[^]*TODO/,
  );
});

describe('a dialog', () => {
  test('asks for the pod that a command lacks, says what is wrong beside the field, then diagnoses', async () => {
    await thread();
    const { taken } = jobsOf();
    await say('carol', 'diagnose');
    const [view] = workspace.views('carol');
    expect(seen(view)).toContain('I find out why it is unreachable');
    const submit = (state: object) => workspace.submit({ user: 'carol', view_id: view?.id ?? '', state: { ...state } });
    expect(await submit({})).toMatchObject({ errors: { pod: 'Name a pod, or choose one.' } });
    expect(await submit({ pod: { pod: 'default/' } })).toMatchObject({
      errors: { pod: '"default/" is not NAMESPACE/POD.' },
    });
    const offers = await workspace.suggest({
      user: 'carol',
      view_id: view?.id ?? '',
      action_id: 'chosen',
      value: 'default/my',
    });
    expect(offers.groups).toMatchObject([{ label: 'Recent diagnoses', options: [{ value: 'default/mypod' }] }]);
    expect(await submit({ chosen: { chosen: 'default/mypod' }, port: { port: '80x' } })).toMatchObject({
      errors: { port: expect.stringContaining('is not a port') },
    });
    const asked = () => taken.filter(({ data }) => (data as { kind: string }).kind === 'diagnosis');
    expect(await submit({ chosen: { chosen: 'default/mypod' }, wait: { wait: '60' } })).toMatchObject({
      errors: { wait: 'Wait needs the client: name it with from.' },
    });
    expect(asked()).toEqual([]);
    const whole = { chosen: { chosen: 'default/mypod' }, from: { from: 'node:n2' }, wait: { wait: '60' } };
    expect(await submit(whole)).toMatchObject({ acked: true, errors: null });
    await settles(() => asked().length > 0);
    expect(asked()[0]?.data).toMatchObject({
      requester: 'U0CAROL',
      target: { namespace: 'default', pod: 'mypod', from: { kind: 'node', name: 'n2' }, wait: 60 },
      origin: { kind: 'command', channel: 'C0ONCALL' },
    });
  });

  test('opens at a message that names a pod', async () => {
    const { ts } = workspace.message({
      bot: 'alertmanager',
      channel: 'oncall',
      text: 'namespace=shop pod=api-5d8-x2 down',
    });
    await workspace.shortcut({ user: 'carol', channel: 'oncall', ts, callback_id: 'diagnose_message' });
    await workspace.until(() => workspace.views('carol').length > 0);
    expect(JSON.stringify(workspace.views('carol')[0]?.blocks)).toContain('"value":"shop/api-5d8-x2"');
  });

  test('holds the evidence, and sends it as one file a finding', async () => {
    await thread();
    const ts = await postButtons('evidence');
    await workspace.click({ user: 'carol', channel: 'oncall', ts, action_id: 'show_evidence' });
    await workspace.until(() => workspace.views('carol').length > 0);
    const [view] = workspace.views('carol');
    expect(seen(view)).toContain('tcpdump -i eth0 -n ip proto 4');
    await workspace.click({ user: 'carol', view_id: view?.id ?? '', action_id: 'send_evidence' });
    await settles(() => workspace.files().length === 3);
    expect(workspace.files().map((file) => file['name'])).toContain('ipip-lost-between-nodes.txt');
  });

  test('sends the way of the packet as a picture, once, also where Slack took nothing at first', async () => {
    const verdict = sampleVerdict({ path: [sampleHop(), sampleHop({ status: 'lost' })] });
    await thread(wholeRun.map((body) => (body.type === 'verdict' ? { ...body, verdict } : body)));
    const ts = await postButtons('path');
    const send = async () => {
      await workspace.click({ user: 'carol', channel: 'oncall', ts, action_id: 'show_evidence' });
      await settles(() => workspace.views('carol').length > 0);
      const view_id = workspace.views('carol')[0]?.id ?? '';
      await workspace.click({ user: 'carol', view_id, action_id: 'send_evidence' });
      await workspace.close({ user: 'carol', view_id });
    };
    workspace.fault({ method: 'files.getUploadURLExternal', kind: '500' });
    await send();
    await settles(() => whispers('carol').length > 0);
    expect(workspace.files()).toEqual([]);
    await send();
    await settles(() => workspace.files().length === 4);
    expect(workspace.files()[0]).toMatchObject({
      name: 'path.png',
      mimetype: 'image/png',
      alt_txt: expect.stringContaining('missing, the packet stops before this place'),
    });
    await send();
    await settles(() => whispers('carol').length > 1);
    expect(whispers('carol')[1]).toBe('The files are in the thread already.');
    expect(workspace.files()).toHaveLength(4);
  });
});

test('a plan is reviewed whole, and its dialog approves as the card does', async () => {
  const ts = await postButtons('reviewed');
  for (const event of events([{ type: 'plan', record: planRecord('reviewed'), note: null }]))
    await store.append(sampleRun, event);
  const open = async (user: string) => {
    await workspace.click({ user, channel: 'oncall', ts, action_id: 'review_fix' });
    await workspace.until(() => workspace.views(user).length > 0);
    return workspace.views(user)[0];
  };
  const view = await open('carol');
  expect(seen(view)).toMatch(/Change\n\+painted[^]*Cluster: default[^]*Undo: exact. Strip the paint/);
  await workspace.submit({ user: 'carol', view_id: view?.id ?? '' });
  await settles(() => whispers('carol').length > 0);
  expect(whispers('carol')[0]).toContain('You cannot decide about this fix');
  await workspace.submit({ user: 'alice', view_id: (await open('alice'))?.id ?? '' });
  await settles(async () => (await store.plan('p-reviewed'))?.state === 'approved');
  expect((await store.plan('p-reviewed'))?.approval?.approval.via).toMatchObject({ channel: 'C0ONCALL', thread: ts });
});

describe('in words', () => {
  test.each([
    ['again', {}],
    ['from node/n2', { from: { kind: 'node', name: 'n2' } }],
    ['<@U0CALICO> again port 80', { port: { protocol: 'tcp', number: 80 } }],
  ])('a reply %j asks for the same again, in the same thread', async (text, change) => {
    const parent = await thread();
    const { taken } = jobsOf();
    workspace.message({ user: 'carol', channel: 'oncall', text, thread_ts: parent });
    await settles(() => taken.length > 0);
    expect(taken).toMatchObject([
      {
        data: {
          requester: 'U0CAROL',
          target: { pod: 'mypod', ...change },
          origin: { kind: 'recheck', thread: parent, joins: sampleRun },
        },
      },
    ]);
  });

  test('why is answered to the asker alone; what is not understood gets one private line a day', async () => {
    const parent = await thread();
    const reply = (text: string) => workspace.message({ user: 'carol', channel: 'oncall', text, thread_ts: parent });
    reply('why?');
    await settles(() => whispers('carol').length === 1);
    expect(whispers('carol')[0]).toContain('proto 4');
    reply('who is on call?');
    await settles(() => whispers('carol').length === 2);
    expect(whispers('carol')[1]).toMatch(/^I understand again, why, from node:NAME/);
    reply('I think it is DNS');
    reply('why');
    await settles(() => whispers('carol').length === 3);
    expect(whispers('carol')[2]).toContain('proto 4');
  });

  test('a mention and a direct message diagnose; other threads and channels are not for the bot', async () => {
    const { taken } = jobsOf();
    const { ts } = workspace.message({ user: 'carol', channel: 'oncall', text: 'lunch?' });
    workspace.message({ user: 'alice', channel: 'oncall', text: 'again', thread_ts: ts });
    workspace.message({ user: 'carol', channel: 'oncall', text: '@calico diagnose default/mypod' });
    await settles(() => taken.length === 1);
    workspace.message({ user: 'carol', channel: 'U0CAROL', text: 'diagnose default/other port 53/udp' });
    await settles(() => taken.length === 2);
    expect(taken.map(({ data }) => data)).toMatchObject([
      { target: { pod: 'mypod' }, origin: { kind: 'command', channel: 'C0ONCALL', thread: null } },
      { target: { pod: 'other' }, origin: { kind: 'command', channel: expect.stringMatching(/^D/) } },
    ]);
    workspace.message({ user: 'carol', channel: 'oncall', text: '@calico make me a sandwich' });
    await settles(() => whispers('carol').some((text) => text.startsWith('I understand diagnose')));
    expect(whispers('alice')).toEqual([]);
  });
});

const home = async (user: string) => {
  workspace.openHome(user);
  await workspace.until(() => workspace.home(user) !== null);
  return seen(workspace.home(user));
};

test('the Home tab shows what waits for an approver, the runs of the person, and how the bot is', async () => {
  await thread();
  await store.savePlan(planRecord('create-pod-profile'));
  const [approver, other] = [await home('alice'), await home('carol')];
  expect(approver).toMatch(/Fixes that wait for you\n:wrench: Fix: Do create-pod-profile[^]*\[Full plan\]/);
  expect(approver).toMatch(/Your last diagnoses\n[^\n]*default\/mypod is unreachable[^\n]*\n\[Evidence\]/);
  expect(approver.match(/Open the thread/g)).toHaveLength(2);
  expect(other).not.toContain('Fixes that wait');
  expect(other).toMatch(/Your last diagnoses\nNone\./);
  expect(other).toContain('What I cannot see');
});
