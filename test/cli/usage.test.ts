import { expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from './program.ts';

test.each([
  ['an empty pod', ['diagnose', 'default/'], '"default/" is not NAMESPACE/POD'],
  ['a path', ['diagnose', '../../etc'], 'is not NAMESPACE/POD'],
  ['a shell command', ['diagnose', 'default/mypod; reboot'], '"mypod; reboot" is not a valid pod name'],
  ['10,000 characters', ['diagnose', `default/${'x'.repeat(10_000)}`], 'is not a valid pod name'],
  ['lines', ['diagnose', "a'b\nc/d\u001B[2J"], 'is not a valid namespace name'],
  ['an unknown flag', ['diagnose', 'default/mypod', '--frm', 'x'], "unknown option '--frm'"],
  ['a wrong port', ['diagnose', 'default/mypod', '--port', '99999'], 'is not a port'],
  ['a wrong source', ['diagnose', 'default/mypod', '--from', 'host:x'], 'is not a source'],
  ['a source without a port', ['policy', 'a/b', '--from', 'node:c'], '--from and --port go together'],
  ['a port without a source', ['policy', 'a/b', '--port', '80'], '--from and --port go together'],
  [
    'two pods',
    ['diagnose', 'a/b', 'c/d'],
    "too many arguments for 'diagnose': it takes 1, and options begin with --. Run calico-chatops diagnose a/b",
  ],
  [
    'an option before its command',
    ['--kubeconfig', '/c', 'diagnose', 'a/b'],
    'error: write --kubeconfig behind the command, such as diagnose. See calico-chatops --help.',
  ],
  ['an option of no command', ['--kubconfig', '/c', 'diagnose', 'a/b'], "unknown option '--kubconfig'"],
  [
    'words after a pod that cannot be told',
    ['diagnose', 'a/b', 'please', 'help'],
    "too many arguments for 'diagnose': it takes 1, and options begin with --. See calico-chatops diagnose --help.",
  ],
  [
    'options without hyphens',
    ['diagnose', 'a/b', 'from', 'c/d', 'port', '80'],
    'options begin with --. Run calico-chatops diagnose a/b --from c/d --port 80',
  ],
  ['a blank for a slash', ['diagnose', 'shop', 'api'], 'options begin with --. Run calico-chatops diagnose shop/api'],
  ['a colon for a slash', ['diagnose', 'shop:api'], '. Run calico-chatops diagnose shop/api'],
  ['a URL', ['diagnose', 'http://web.shop:80/'], '. Run calico-chatops diagnose svc:shop/web --port 80'],
  ['a name in DNS', ['diagnose', 'web.shop.svc.cluster.local'], '. Run calico-chatops diagnose svc:shop/web'],
  ['a pod with its port', ['diagnose', 'shop/api:80'], '. Run calico-chatops diagnose shop/api --port 80'],
  ['an address', ['diagnose', '192.0.2.7:80'], ': write address:NAMESPACE/192.0.2.7.'],
  [
    'a kind with dots',
    ['diagnose', 'deployment.apps/api', '-n', 'shop'],
    '. Run calico-chatops diagnose deploy:shop/api',
  ],
  [
    'capitals',
    ['diagnose', 'Default/MyPod'],
    '"Default" is not a valid namespace name: names have no capitals. Run calico-chatops diagnose default/mypod',
  ],
  [
    'an address as a target',
    ['diagnose', '192.0.2.7'],
    '"192.0.2.7" is not NAMESPACE/POD: write address:NAMESPACE/192.0.2.7.',
  ],
  ['a part of a word of a rule', ['explain', 'all'], 'unknown rule "all". List the rules with calico-chatops explain.'],
  ['no pod', ['diagnose'], "missing required argument 'target'. See calico-chatops diagnose --help."],
  ['a name alone', ['diagnose', 'mypod'], ': write NAMESPACE/mypod, or -n NAMESPACE mypod.'],
  [
    'two namespaces',
    ['diagnose', 'shop/api', '-n', 'default'],
    '"shop/api" names a namespace itself: leave -n default out.',
  ],
  ['two namespaces of a policy', ['policy', 'a/b', '-n', 'c'], '"a/b" names a namespace itself: leave -n c out.'],
  ['a bare address', ['diagnose', 'a/b', '--from', '192.0.2.7'], '192.0.2.7 is an address: write outside:192.0.2.7'],
  ['a bare source', ['diagnose', 'a/b', '--from', 'client'], '"client" is not a source: use pod:NAMESPACE/NAME'],
  ['a kubeconfig', ['diagnose', 'a/b', '--kubeconfig', '/none'], 'error: --kubeconfig: /none cannot be read (ENOENT).'],
  ['a folder as kubeconfig', ['doctor', '--kubeconfig', '/'], '--kubeconfig: / cannot be read (not a regular file).'],
  ['an empty kubeconfig', ['policy', 'a/b', '--kubeconfig', ''], '--kubeconfig: the path is empty.'],
  [
    'a home of no shell',
    ['init', '--kubeconfig=~/c'],
    '~/c cannot be read (ENOENT): your shell replaces ~ only without',
  ],
  ['both ends', ['diagnose', 'a/b', '--from', 'node:c', '--to', 'dns'], 'from and to cannot go together'],
  ['a part of a rule', ['explain', 'profile-mis'], 'did you mean pod-profile-missing?'],
  [
    'no configuration',
    ['diagnose', 'default/mypod'],
    'KUBECONFIG is not set, there is no ~/.kube/config, and this is not a pod with an account',
  ],
  ['an unknown command', ['diagnos'], 'Did you mean diagnose?'],
  ['an unknown rule', ['explain', 'pod-profile-mising'], 'did you mean pod-profile-missing?'],
  ['an unknown rule to expect', ['replay', '/none', '--expect', 'x'], 'unknown rule x'],
  ['no case', ['replay', '/none'], 'error: /none/case.json cannot be read (ENOENT). Give a folder'],
  ['an unknown role', ['serve', '--role', 'x'], 'Allowed choices are bot, worker, all'],
  ['no Slack', ['serve', '--role', 'bot'], 'SLACK_BOT_TOKEN is not set; neither SLACK_APP_TOKEN'],
  [
    'a worker: nothing of who asks',
    ['serve', '--role', 'worker'],
    'SLACK_BOT_TOKEN is not set; SSH_USER is not set; SSH_KEY_FILE is not set; SSH_KNOWN_HOSTS_FILE is not set. ',
  ],
])('%s: one line, exit 3, nothing on standard output', async (_, argv, problem) => {
  const { exit, out, err } = await program(argv, { HOME: '/none' });
  expect(err).toContain(problem);
  expect(err.trimEnd().split('\n')).toHaveLength(1);
  expect(err.length).toBeLessThan(400);
  expect(err).not.toContain('\u001B');
  expect({ exit, out }).toEqual({ exit: 3, out: '' });
});

test('help lists every command', async () => {
  const { exit, out } = await program(['--help']);
  expect(exit).toBe(0);
  for (const name of ['diagnose', 'cancel', 'replay', 'trace', 'explain', 'doctor', 'serve', 'fix', 'audit'])
    expect(out).toContain(`  ${name} `);
});

test('explain says what a rule looks at and what to do', async () => {
  const { exit, out } = await program(['explain', 'controller-forbidden']);
  expect(exit).toBe(0);
  expect(out).toContain('Messages');
  expect(out).toContain('grant-controller-rbac');
});

test('plans are kept in a Redis of the program, where there is none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cc-cli-'));
  try {
    expect(await program(['fix', 'list', '--json'], { STATE_DIR: folder })).toMatchObject({
      exit: 0,
      out: '[]\n',
      err: expect.stringContaining('started redis-server'),
    });
    const unknown = await program(['fix', 'show', 'p-none'], { STATE_DIR: folder });
    expect(unknown).toMatchObject({ exit: 3, out: '', err: expect.stringContaining('unknown plan "p-none"') });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
});
