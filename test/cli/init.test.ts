import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { runProgram } from '../../src/cli/program.ts';
import { inspectConfig } from '../../src/config.ts';
import { startNamedCluster, type NamedCluster } from './named-cluster.ts';

let namespaces: readonly string[] = [];
let cluster: NamedCluster;
let folder = '';

beforeAll(async () => {
  cluster = await startNamedCluster(() => namespaces);
});
afterAll(() => cluster.stop());
beforeEach(async () => {
  namespaces = ['kube-system'];
  folder = await mkdtemp(join(tmpdir(), 'cc-init-'));
  await writeFile(join(folder, 'kubeconfig'), cluster.kubeconfig);
});
afterEach(() => rm(folder, { recursive: true }));

async function init(...more: readonly string[]) {
  return initIn({}, ...more);
}

async function initIn(environment: Readonly<Record<string, string>>, ...more: readonly string[]) {
  const said = { out: '', err: '' };
  const exit = await runProgram(['init', join(folder, 'bot'), '--kubeconfig', join(folder, 'kubeconfig'), ...more], {
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
    environment: { HOME: '/none', ...environment },
    signal: new AbortController().signal,
  });
  return { exit, ...said };
}
const written = (path: string) => readFile(join(folder, 'bot', path), 'utf8');

test('writes a configuration that is valid as soon as the tokens are there', async () => {
  const { exit, out } = await init('--approvers', 'U0ALICE,S0ONCALL');
  expect(exit).toBe(0);
  expect(out).toContain('4 nodes, Calico in kube-system\n');
  expect(out).toContain('written   calico-chatops.yaml\n');
  const config = parse(await written('calico-chatops.yaml'));
  expect(config).toMatchObject({ APPROVERS: ['U0ALICE', 'S0ONCALL'], CALICO_NAMESPACES: ['kube-system'] });
  await writeFile(join(folder, 'bot/secrets/slack-bot-token'), 'xoxb-1\n');
  await writeFile(join(folder, 'bot/secrets/slack-app-token'), 'xapp-1\n');
  const environment = { CALICO_CHATOPS_CONFIG: join(folder, 'bot/calico-chatops.yaml') };
  expect(inspectConfig(environment, ['slack', 'slack-events']).problems).toEqual([]);
  expect((await stat(join(folder, 'bot/secrets/alert-token'))).mode & 0o777).toBe(0o600);
});

test('keeps what people edited, and brings the rest up to date', async () => {
  await init();
  const path = join(folder, 'bot/calico-chatops.yaml');
  await writeFile(path, `${await readFile(path, 'utf8')}LISTEN: 8080\n`);
  await writeFile(join(folder, 'bot/node/allow-list'), 'old\n');
  const token = await written('secrets/alert-token');
  const { out } = await init();
  expect(out).toContain('kept      calico-chatops.yaml\n');
  expect(out).toContain('updated   node/allow-list\n');
  expect(out).toContain('unchanged rbac/calico-chatops.yaml\n');
  expect(await readFile(path, 'utf8')).toContain('LISTEN: 8080');
  expect(await written('secrets/alert-token')).toBe(token);
});

test("with Calico's operator, its namespace and its rights", async () => {
  namespaces = ['kube-system', 'calico-system'];
  expect((await init()).out).toContain('Calico in kube-system, calico-system\n');
  expect(await written('apply')).toContain('kubectl apply -f rbac/calico-system/');
  expect(await written('rbac/calico-system/calico-chatops.yaml')).toContain('namespace: calico-system');
});

test('says that Calico was not found, and writes nothing', async () => {
  namespaces = [];
  const { exit, err } = await init();
  expect([exit, err]).toEqual([3, expect.stringContaining('the cluster has none of the namespaces kube-system')]);
  await expect(stat(join(folder, 'bot'))).rejects.toThrow('ENOENT');
});

/** Stand-ins for what the script runs. Each writes its arguments to `calls`. */
async function withTools(instead: Readonly<Record<string, string>> = {}) {
  const tools = join(folder, 'tools');
  await mkdir(tools);
  const bodies = {
    kubectl: `echo "with $KUBECONFIG" >>${folder}/calls; case $* in *token*) echo a-secret ;; *) echo said ;; esac`,
    ssh: `case $* in *mktemp*) echo /tmp/of-its-own ;; *tar*) tar -tf - >>${folder}/calls ;; esac`,
    'ssh-keyscan': 'echo "$3 ssh-ed25519 AAAA"',
    'ssh-keygen': '[ "$1" = -l ] || for file; do :; done; [ "$1" = -l ] || : >"$file" >"$file.pub"',
    ...instead,
  };
  for (const [name, body] of Object.entries(bodies)) {
    await writeFile(join(tools, name), `#!/bin/sh\necho "${name} $*" >>${folder}/calls\n${body}\n`);
    await chmod(join(tools, name), 0o755);
  }
  const apply = () =>
    spawnSync(join(folder, 'bot/apply'), { env: { PATH: `${tools}:/usr/bin:/bin` }, encoding: 'utf8' });
  return { apply, calls: () => readFile(join(folder, 'calls'), 'utf8') };
}

test('the script takes no node whose name or address means something to a shell, and may run again', async () => {
  await init();
  const { apply } = await withTools();
  expect([apply().status, apply().status]).toEqual([0, 0]);
  expect(await written('known_hosts')).toBe('worker-1.example ssh-ed25519 AAAA\nworker-2 ssh-ed25519 AAAA\n');
  const calls = (await readFile(join(folder, 'calls'), 'utf8')).split('\n');
  expect(calls.filter((call) => call.startsWith('ssh-keygen -q'))).toHaveLength(1);
  expect(calls.filter((call) => call.includes(' tar -'))).toEqual(
    ['11', '12', '11', '12'].map((end) => `ssh -o ConnectTimeout=10 root@192.0.2.${end} tar -xof - -C /tmp/of-its-own`),
  );
  for (const sent of ['node/install', 'node/allow-list', 'bot-key.pub'])
    expect(calls.filter((call) => call === sent)).toHaveLength(4);
  expect(parse(await written('bot-kubeconfig'))).toMatchObject({
    users: [{ name: 'bot', user: { token: 'a-secret' } }],
  });
  expect((await stat(join(folder, 'bot/bot-kubeconfig'))).mode & 0o777).toBe(0o600);
  // Every account of the machine sees the arguments of a program.
  expect(calls.join('\n')).not.toContain('a-secret');
  const applied = calls.indexOf('kubectl apply -f rbac/calico-chatops.yaml');
  expect(calls[applied + 1]).toBe(`with ${join(folder, 'kubeconfig')}`);
  expect(calls.join('\n')).not.toContain('reboot');
});

test('a node that cannot be prepared keeps neither the others nor the account from the bot', async () => {
  await init();
  const { apply, calls } = await withTools({
    ssh: 'case $* in *192.0.2.11*) exit 255 ;; *mktemp*) echo /tmp/of-its-own ;; esac',
  });
  const { status, stderr } = apply();
  expect([status, stderr]).toEqual([1, expect.stringContaining('Not prepared: worker-1.example. Correct')]);
  expect(stderr).toContain('No login on worker-1.example. Run ssh root@192.0.2.11 here');
  expect(await written('known_hosts')).toBe('worker-2 ssh-ed25519 AAAA\n');
  expect(await calls()).toContain('config use-context bot');
});

test('on a Kubernetes without admission policies it gives the bot no right to write', async () => {
  await init();
  const { apply, calls } = await withTools({
    kubectl: 'case $* in *validatingadmissionpolicies*) exit 1 ;; esac; echo said',
  });
  expect(apply()).toMatchObject({ status: 0, stderr: expect.stringContaining('Kubernetes 1.30') });
  expect(await calls()).not.toContain('fixes.yaml');
});

test('for nodes without SSH it writes the agent, and neither asks for a key nor logs in', async () => {
  const { out } = await init('--via', 'agent', '--image', 'images.example/agent:1');
  expect(out).toContain('written   node-agent/agent.yaml\n');
  // Told commands are those of the script.
  const config = { CALICO_CHATOPS_CONFIG: join(folder, 'bot/calico-chatops.yaml') };
  expect(inspectConfig(config, []).config.initFolder).toBe(join(folder, 'bot'));
  expect(out).not.toContain('No address for SSH');
  const script = await written('apply');
  expect(script).toContain('kubectl apply -f node-agent/\n');
  expect(script).toContain("agent='images.example/agent:1'\n");
  expect(script).not.toMatch(/ssh|scp/);
  execFileSync('sh', ['-n', join(folder, 'bot/apply')]);
  expect(parse(await written('calico-chatops.yaml'))).toMatchObject({ NODES_VIA: 'agent' });
});

test('it says how the image of the agent is made from files of the package, and when', async () => {
  const { out } = await init('--via', 'agent', '--image', 'images.example/agent:1');
  const [, dockerfile = '', context = ''] =
    /^2\. .*: docker build -t images\.example\/agent:1 -f (\S+) (\S+) && docker push images\.example\/agent:1$/m.exec(
      out,
    ) ?? [];
  // What the Dockerfile takes is in the folder that it is given.
  const taken = [...(await readFile(dockerfile, 'utf8')).matchAll(/^COPY (?:--\S+ )?(\S+) /gm)].map(([, path]) => path);
  expect(taken.length).toBeGreaterThan(2);
  for (const path of taken) expect((await stat(join(context, path ?? ''))).isFile()).toBe(true);
  expect(out.match(/^\d\. .*?(?=[.:, ])/gm)).toEqual([
    '1. Make',
    '2. Give',
    '3. Read',
    '4. export',
    '5. calico-chatops',
    '6. calico-chatops',
  ]);
  expect((await init('--via', 'ssh')).out).not.toContain('docker');
});

test('to run it again, nobody has to know how it was called', async () => {
  await init('--via', 'agent', '--image', 'images.example/agent:1');
  const before = await written('apply');
  const { out } = await init();
  expect(out).toContain('unchanged apply\n');
  expect(await written('apply')).toBe(before);
  await init('--image', 'images.example/agent:2');
  expect(await written('apply')).toContain("agent='images.example/agent:2'\n");
  // What was asked for counts more than what is there, and the file that people edit is theirs.
  const asked = await init('--via', 'ssh');
  expect(await written('apply')).toContain('prepare worker-1.example');
  expect([out, asked.out].map((text) => text.includes('set NODES_VIA to ssh there'))).toEqual([false, true]);
});

test.each(['nodes:\n  via: agent', 'nodes: {via: agent}', '"NODES_VIA": agent'])(
  'run again, it reads the configuration as the bot does: %j',
  async (spelt) => {
    await init('--via', 'agent', '--image', 'images.example/agent:1');
    const config = join(folder, 'bot/calico-chatops.yaml');
    const text = await readFile(config, 'utf8');
    await writeFile(config, text.replace(/^NODES_VIA: agent$/m, spelt));
    const { out } = await init();
    expect(await readFile(config, 'utf8')).not.toBe(text);
    expect(out).toContain('unchanged apply\n');
    expect(out).not.toContain('set NODES_VIA');
  },
);

test('it is the administrator who applies, also where the configuration of the bot is set', async () => {
  await init();
  const before = await written('apply');
  const config = join(folder, 'bot/calico-chatops.yaml');
  await writeFile(config, `${await readFile(config, 'utf8')}KUBE_CONTEXT: of-the-bot\n`);
  const { exit } = await initIn({ CALICO_CHATOPS_CONFIG: config });
  expect(exit).toBe(0);
  expect(await written('apply')).toBe(before);
  // Without a flag the administrator's own comes from the environment, and never from the file.
  const said: string[] = [];
  const code = await runProgram(['init', join(folder, 'bot')], {
    out: (text) => void said.push(text),
    err: (text) => void said.push(text),
    environment: { HOME: '/none', CALICO_CHATOPS_CONFIG: config, KUBECONFIG: join(folder, 'kubeconfig') },
    signal: new AbortController().signal,
  });
  expect([code, said.join('')]).toEqual([0, expect.stringContaining('unchanged apply\n')]);
});

test('approvers that come too late for the file are told where they belong', async () => {
  await init();
  expect((await init('--approvers', 'U0ALICE')).out).toContain('edit APPROVERS there');
});
