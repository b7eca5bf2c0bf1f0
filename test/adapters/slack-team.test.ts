/** Deliveries of other workspaces, as an app gets them that is installed in further ones: signed like its own. */
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createSlackApp } from '../../src/adapters/slack-app.ts';
import { isElsewhere, type OwnTeam } from '../../src/adapters/slack-team.ts';
import { startWorkspace, type Workspace } from '../../tools/slack-workspace/start-workspace.ts';
import { listen } from '../support/listening.ts';

const nothing = () => Promise.resolve();
const grid = { team: 'T0OURS', organisation: 'E0OURS' };
const alone = { team: 'T0OURS', organisation: null };

describe('a delivery', () => {
  test.each<[string, object, OwnTeam, boolean]>([
    ['a command of another workspace', { team_id: 'T0OTHER' }, alone, true],
    ['a command of ours', { team_id: 'T0OURS', enterprise_id: null }, alone, false],
    ['a command that names none', {}, alone, false],
    ['a command of another workspace of the organisation', { team_id: 'T1', enterprise_id: 'E0OURS' }, grid, false],
    ['a command of another organisation', { team_id: 'T1', enterprise_id: 'E1' }, grid, true],
    ['a click in another workspace', { team: { id: 'T0OTHER' }, user: { id: 'U1', team_id: 'T0OURS' } }, alone, true],
    [
      'a click of a person of another workspace on a message of ours',
      { team: { id: 'T0OTHER' }, message: { team: 'T0OURS' }, user: { id: 'U1', team_id: 'T0OTHER' } },
      alone,
      false,
    ],
    ['a dialog of ours', { team: { id: 'T0OTHER' }, view: { app_installed_team_id: 'T0OURS' } }, alone, false],
    [
      'an org-wide installation, which has no workspace',
      { team: null, enterprise: { id: 'E0OURS' }, is_enterprise_install: true },
      grid,
      false,
    ],
    [
      'an event of a shared channel that is for our installation',
      { team_id: 'T0OTHER', authorizations: [{ team_id: 'T0OURS', enterprise_id: null }] },
      alone,
      false,
    ],
    [
      'an event for another installation',
      { team_id: 'T0OTHER', context_team_id: 'T0OTHER', authorizations: [{ team_id: 'T0OTHER', enterprise_id: null }] },
      alone,
      true,
    ],
    ['anything, while Slack says nothing of us', { team_id: 'T1' }, { team: null, organisation: null }, false],
  ])('%s', (_what, body, own, elsewhere) => {
    expect(isElsewhere(body, own)).toBe(elsewhere);
  });
});

describe('over HTTP', () => {
  let workspace: Workspace;
  let url: string;
  const did: string[] = [];
  const note = (what: string) => () => {
    did.push(what);
    return Promise.resolve(null);
  };
  const logged: string[] = [];
  const server = createServer((request, response) => app?.requests?.(request, response));
  let app: ReturnType<typeof createSlackApp> | null = null;

  beforeAll(async () => {
    workspace = await startWorkspace();
    app = createSlackApp({
      token: () => workspace.start.bot_token,
      apiUrl: workspace.apiUrl,
      mode: { kind: 'http', signingSecret: () => workspace.start.signing_secret },
      handlers: {
        command: note('command'),
        click: async () => void did.push('click'),
        submit: note('submit'),
        suggest: () => Promise.resolve({ options: [] }),
        shortcut: nothing,
        hear: async () => void did.push('hear'),
        posted: nothing,
        home: nothing,
      },
      log: (_level, text) => logged.push(text),
      onRefused: () => undefined,
    });
    url = `http://127.0.0.1:${await listen(server)}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    await workspace.stop();
  });
  beforeEach(() => void did.splice(0));

  async function send(body: string, type: string): Promise<{ readonly status: number; readonly text: string }> {
    const at = String(Math.floor(Date.now() / 1000));
    const secret = workspace.start.signing_secret;
    const signature = `v0=${createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex')}`;
    const headers = { 'content-type': type, 'x-slack-request-timestamp': at, 'x-slack-signature': signature };
    const answer = await fetch(`${url}/slack/events`, { method: 'POST', headers, body });
    return { status: answer.status, text: await answer.text() };
  }
  const form = (fields: Record<string, string>) =>
    send(new URLSearchParams(fields).toString(), 'application/x-www-form-urlencoded');
  const command = (team: string) =>
    form({ command: '/calico', text: 'status', team_id: team, user_id: 'U1', channel_id: 'C1', trigger_id: '1.2' });
  const click = (team: string) => {
    const actions = [{ type: 'button', action_id: 'approve_fix', value: 'p-1', action_ts: '1.2', block_id: 'b' }];
    const payload = { type: 'block_actions', team: { id: team }, user: { id: 'U1', team_id: team }, actions };
    return form({ payload: JSON.stringify({ ...payload, container: {}, trigger_id: '1.2' }) });
  };
  const mention = (team: string) => {
    const event = { type: 'app_mention', user: 'U1', channel: 'C1', ts: '1.2', text: 'status' };
    return send(JSON.stringify({ type: 'event_callback', team_id: team, event }), 'application/json');
  };

  test('what is of the own workspace is done', async () => {
    for (const one of [command, click, mention]) expect((await one(workspace.start.team.id)).status).toBe(200);
    expect(did.toSorted()).toEqual(['click', 'command', 'hear']);
    expect(logged).toEqual([]);
  });

  test('what is of another one is answered, logged and not done', async () => {
    const answers = [await command('T0OTHER'), await click('T0OTHER'), await mention('T0OTHER')];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers[0]?.text).toContain('this bot serves another workspace');
    expect(did).toEqual([]);
    expect(logged.filter((line) => line.includes('of another workspace'))).toHaveLength(3);
  });
});
