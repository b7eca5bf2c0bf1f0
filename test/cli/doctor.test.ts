/** Misconfigurations of the machine that runs the bot: the line, the command that removes the cause, the exit code. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { runProgram } from '../../src/cli/program.ts';
import { startDoctorSurroundings, type DoctorSurroundings, type Report } from './doctor-surroundings.ts';

type Environment = Record<string, string>;

let around: DoctorSurroundings;
beforeAll(async () => {
  around = await startDoctorSurroundings();
}, 60_000);
afterAll(() => around.stop());
beforeEach(() => {
  Object.assign(around.cluster, { nodesStatus: 200, denied: [], hasCalico: true, isAdministrator: false });
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

const wrong = ({ checks }: Report) => checks.filter(({ state }) => state !== 'ok');

test('a right configuration: exit 0, and nothing to do', async () => {
  const { report } = await doctor({});
  expect({ exit: report.exit, wrong: wrong(report) }).toEqual({ exit: 0, wrong: [] });
  expect(report.checks.map(({ part }) => part)).toEqual(
    expect.arrayContaining(['configuration', 'Redis', 'Kubernetes API', 'rights', 'Slack', 'Socket Mode', 'LISTEN']),
  );
});

test.each<[string, () => Environment, number, string, RegExp, RegExp]>([
  ['no Slack token', () => ({ SLACK_BOT_TOKEN: '' }), 1, 'Slack', /SLACK_BOT_TOKEN is not set/, /Set SLACK_BOT_TOKEN/],
  [
    'a wrong Slack token',
    () => ({ SLACK_BOT_TOKEN: 'xoxb-old' }),
    3,
    'Slack',
    /not accept SLACK_BOT_TOKEN \(invalid_auth/,
    /Bot User OAuth/,
  ],
  [
    'a wrong app token',
    () => ({ SLACK_APP_TOKEN: 'xapp-old' }),
    3,
    'Socket Mode',
    /not accept SLACK_APP_TOKEN \(invalid_auth/,
    /connections:write/,
  ],
  [
    'a token of another kind',
    () => ({ SLACK_BOT_TOKEN: 'xapp-x' }),
    3,
    'configuration',
    /SLACK_BOT_TOKEN: must be a bot token/,
    /Correct it in the environment/,
  ],
  [
    'missing scopes',
    () => ({ SLACK_API_URL: around.narrow.apiUrl }),
    1,
    'Slack scopes',
    /lacks files:write, groups:history/,
    /under OAuth & Permissions/,
  ],
  [
    'no Slack at all',
    () => ({ SLACK_API_URL: `http://127.0.0.1:${around.closedPort}/api/` }),
    3,
    'Slack',
    /Slack does not answer: /,
    /curl .*api\.test/,
  ],
  [
    'an approver by name',
    () => ({ APPROVERS: 'alice' }),
    3,
    'configuration',
    /APPROVERS\.0: must be a Slack id/,
    /Correct it/,
  ],
  [
    'an approver whom Slack does not know',
    () => ({ APPROVERS: 'U0NOBODY,U0BOB' }),
    1,
    'APPROVERS',
    /does not know U0NOBODY,/,
    /member ID/,
  ],
  [
    'a group that Slack does not know',
    () => ({ APPROVERS: '@nobody' }),
    1,
    'APPROVERS',
    /does not know @nobody/,
    /user group/,
  ],
  ['no approver', () => ({ APPROVERS: '' }), 1, 'APPROVERS', /nobody can approve/, /Set APPROVERS/],
  [
    'an alert channel that is not there',
    () => ({ ALERT_CHANNEL: 'C0NOWHERE' }),
    1,
    'alert channel C0NOWHERE',
    /no such channel/,
    /Correct the id/,
  ],
  [
    'an alert channel without the bot',
    () => ({ ALERT_CHANNEL: 'C0GENERAL' }),
    1,
    'alert channel C0GENERAL',
    /the bot is not in it/,
    /\/invite/,
  ],
  [
    'an alert channel by name',
    () => ({ ALERT_CHANNEL: '#oncall' }),
    1,
    'alert channel #oncall',
    /not checked/,
    /id of the channel/,
  ],
  [
    'LISTEN that is not an address',
    () => ({ LISTEN: 'here' }),
    3,
    'configuration',
    /LISTEN: must be an address/,
    /Correct it/,
  ],
  [
    'LISTEN that is taken',
    () => ({ LISTEN: `127.0.0.1:${around.takenPort}` }),
    3,
    'LISTEN',
    /taken by another program/,
    /ss -ltnp/,
  ],
  ['alerts without LISTEN', () => ({ LISTEN: '' }), 1, 'LISTEN', /alerts cannot arrive/, /Set LISTEN/],
  [
    'no key',
    () => ({ SSH_KEY_FILE: around.path('none') }),
    1,
    'nodes',
    /SSH_KEY_FILE: .*none cannot be read \(ENOENT\)/,
    /ssh-keygen/,
  ],
  ['no key setting', () => ({ SSH_KEY_FILE: '' }), 1, 'nodes', /SSH_KEY_FILE is not set/, /ssh-keygen/],
  ['a public key', () => ({ SSH_KEY_FILE: around.path('key.pub') }), 1, 'nodes', /holds a public key/, /ssh-keygen/],
  [
    'a key with a passphrase',
    () => ({ SSH_KEY_FILE: around.path('locked') }),
    1,
    'nodes',
    /protected by a passphrase/,
    /ssh-keygen/,
  ],
  [
    'an empty known_hosts',
    () => ({ SSH_KNOWN_HOSTS_FILE: around.path('empty') }),
    1,
    'nodes',
    /holds no host key/,
    /ssh-keyscan/,
  ],
  [
    'Redis that is down',
    () => ({ REDIS_URL: 'redis://127.0.0.1:1' }),
    3,
    'Redis',
    /Redis does not answer/,
    /Check that Redis runs/,
  ],
  [
    'no kubeconfig',
    () => ({ KUBECONFIG: '' }),
    3,
    'Kubernetes API',
    /KUBECONFIG is not set, there is no ~/,
    /Set KUBECONFIG/,
  ],
  [
    'a kubeconfig that is not there',
    () => ({ KUBECONFIG: '/none' }),
    3,
    'configuration',
    /KUBECONFIG: \/none cannot be read/,
    /Correct it/,
  ],
  [
    'a context that is not there',
    () => ({ KUBE_CONTEXT: 'other' }),
    3,
    'Kubernetes API',
    /no context other/,
    /kubectl --kubeconfig/,
  ],
  [
    'expired credentials',
    () => ((around.cluster.nodesStatus = 401), {}),
    3,
    'Kubernetes API',
    /may have expired/,
    /create token/,
  ],
  [
    'no rights',
    () => ((around.cluster.nodesStatus = 403), {}),
    3,
    'Kubernetes API',
    /may not list nodes/,
    /kubectl apply -f deploy\/rbac\//,
  ],
  [
    'a missing right',
    () => ((around.cluster.denied = ['list events']), {}),
    1,
    'rights',
    /lacks 1 of \d+ \(list events\)/,
    /kubectl apply -f deploy\/rbac\//,
  ],
  [
    'missing rights to pods',
    () => ((around.cluster.denied = ['get pods', 'list pods']), {}),
    3,
    'rights',
    /get pods, list pods|list pods, get pods/,
    /deploy\/rbac/,
  ],
  [
    'missing rights of fixes',
    () => ((around.cluster.denied = ['bind clusterroles', 'patch clusterrolebindings']), {}),
    1,
    'rights of fixes',
    /bind clusterroles/,
    /calico-chatops-fixes\.yaml/,
  ],
  [
    'the account of an administrator',
    () => ((around.cluster.isAdministrator = true), {}),
    1,
    'account',
    /may do everything/,
    /Run unset KUBECONFIG/,
  ],
  [
    'an empty file of a token',
    () => ({ SLACK_BOT_TOKEN: '', SLACK_BOT_TOKEN_FILE: around.path('empty') }),
    3,
    'configuration',
    /SLACK_BOT_TOKEN_FILE: .*empty is empty/,
    /Write the value into this file/,
  ],
  [
    'a setting of a cluster that is unknown',
    () => ({ CALICO_CHATOPS_CONFIG: around.path('wrong-clusters.yaml') }),
    3,
    'configuration',
    /CLUSTERS\.east\.SSH_PRT: unknown key, did you mean SSH_PORT\?/,
    /Correct it in/,
  ],
  [
    'no namespace of Calico',
    () => ({ CALICO_NAMESPACES: 'networking' }),
    3,
    'CALICO_NAMESPACES',
    /has none of networking/,
    /kubectl get pods -A/,
  ],
  [
    'no calico-node where it is expected',
    () => ((around.cluster.hasCalico = false), {}),
    1,
    'Calico',
    /have no calico-node/,
    /set CALICO_NAMESPACES/,
  ],
  [
    'bad YAML',
    () => ({ CALICO_CHATOPS_CONFIG: around.path('bad.yaml') }),
    3,
    'configuration',
    /bad\.yaml: /,
    /Correct it in/,
  ],
  [
    'an unknown key',
    () => ({ CALICO_CHATOPS_CONFIG: around.path('unknown.yaml') }),
    3,
    'configuration',
    /unknown key SSH_USR, did you mean SSH_USER/,
    /Correct it in/,
  ],
])('%s', async (_, change, exit, part, text, next) => {
  const { report } = await doctor(change());
  const line = wrong(report).find((check) => check.part === part);
  expect(line).toEqual(
    expect.objectContaining({ text: expect.stringMatching(text), next: expect.stringMatching(next) }),
  );
  expect(report.exit).toBe(exit);
  // One line a cause: nothing else is said to be wrong for the same reason.
  expect(wrong(report).filter((check) => check.text === line?.text)).toHaveLength(1);
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

test('several causes are all told, each with what to do, and the end says how it stands', async () => {
  const { text, report } = await doctor({ APPROVERS: '', SSH_KEY_FILE: around.path('key.pub'), LISTEN: 'x' }, ' ');
  expect(text).toMatch(/^FAIL configuration: LISTEN: must be an address such as 127\.0\.0\.1:8080\. Correct it in/m);
  expect(text).toMatch(/^warn nodes: SSH_KEY_FILE: .* holds a public key.*\. Run ssh-keygen/m);
  expect(text).toMatch(/^warn APPROVERS: nobody is named/m);
  expect(text.trimEnd().split('\n').at(-1)).toBe('Not usable: 1 to correct first, 3 limits.');
  expect(report.exit).toBe(3);
});
