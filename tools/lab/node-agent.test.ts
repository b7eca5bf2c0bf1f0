import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { flagsOfSuite, testedElsewhere } from './cluster-kinds.ts';
import { asAdministrator } from './control-plane/api.ts';
import { diagnose, expectedOf, saidBy } from './diagnosis.ts';
import { breakFault, healFaults } from './faults/apply.ts';
import { brokenCases, expectedIn } from './faults/broken-cases.ts';
import { known } from './faults/known.ts';
import { describeLab, labCommand, mustSucceed, ownLab } from './harness.ts';
import { insideNode } from './nodes/machine.ts';
import { labPaths } from './paths.ts';
import { attempt } from './run.ts';
import { readTopology } from './state.ts';
import { takenBackAfterEach } from './take-backs.ts';

const namespace = 'calico-chatops-agent';
const program = '/usr/local/bin/calico-chatops-agent';
const asked = ['default/mypod', '--from', 'pod:default/client', '--port', '8080/tcp'];

interface DoctorReport {
  readonly checks: readonly { readonly part: string; readonly state: string; readonly text: string }[];
}

/** A cluster whose nodes have no SSH at all. */
describeLab('nodes that are read through the agent', () => {
  const name = ownLab('agent');
  const lab = labCommand(name);
  const paths = labPaths(name);
  const takeBacks = takenBackAfterEach();
  const api = asAdministrator(paths);
  const agentPods = () => api((one) => one.list(`/api/v1/namespaces/${namespace}/pods`));

  beforeAll(async () => {
    await mustSucceed(lab)('up', ...flagsOfSuite('node-agent.test.ts'));
  }, 180_000);
  afterAll(async () => {
    await lab('down');
  }, 60_000);

  test('no node has an SSH server, a helper or an account of the bot', async () => {
    const left = 'pgrep sshd; ls /usr/local/bin/calico-chatops-node /etc/calico-chatops; id calico-chatops';
    const { stdout } = await attempt(insideNode(paths, 'node-a', ['sh', '-c', left]));
    expect(stdout).toBe('');
  });

  test('a healthy cluster is healthy, without a blind spot', async () => {
    const { verdict } = await diagnose(name, ...asked);
    expect(saidBy(verdict)).toEqual({ verdict: 'healthy', roots: [], consequences: [], latent: [] });
    expect(verdict.blindSpots).toEqual([]);
  }, 120_000);

  test('the first case', async () => {
    takeBacks.push(() => healFaults(readTopology(paths), null));
    await breakFault(readTopology(paths), 'first-case', []);
    const { verdict } = await diagnose(name, ...asked);
    const { cluster } = testedElsewhere['node-agent.test.ts'];
    expect(saidBy(verdict)).toEqual(expectedOf(expectedIn(cluster, known('first-case'))));
    expect(verdict.blindSpots).toEqual([]);
  }, 180_000);

  test.each([
    { given: ['port=open'], words: 'a route reflector brings the routes: healthy' },
    { given: [], words: 'the route reflector is away: its session is named' },
  ])(
    '$words',
    async ({ given }) => {
      takeBacks.push(() => healFaults(readTopology(paths), null));
      await breakFault(readTopology(paths), 'route-reflector-silent', given);
      const { cluster } = testedElsewhere['node-agent.test.ts'];
      const wanted = brokenCases(cluster).find(
        (one) => one.fault === 'route-reflector-silent' && one.given.join() === given.join(),
      );
      if (!wanted) throw new Error('no such fault here');
      const { verdict } = await diagnose(name, ...asked);
      expect([saidBy(verdict), verdict.blindSpots]).toEqual([expectedOf(wanted.expects), []]);
      if (given.length === 0) expect(verdict.roots[0]?.title).toContain('has lost node-c (10.250.0.13)');
    },
    180_000,
  );

  test('doctor: every node is ready, and no other program is started', async () => {
    const { stdout } = await lab('ops', '--', 'calico-chatops', 'doctor', '--json');
    const { checks }: DoctorReport = JSON.parse(stdout);
    const of = (part: string) => checks.filter((check) => check.part === part).map(({ state, text }) => [state, text]);
    expect(of('nodes')).toEqual([['ok', '3 of 3 ready: node-a, node-b, node-c']]);
    expect(of('policy of the agent')).toEqual([['ok', expect.stringContaining('refuses every program')]]);
    expect(of('rights of the agent')).toEqual([['ok', '5 of 5']]);
  }, 120_000);

  /** What the API server says to a thief of the bot's token. */
  async function steal(path: string): Promise<string> {
    const { clusters, users } = parse(readFileSync(`${paths.operations}/kubeconfig`, 'utf8'));
    const [{ cluster }] = clusters;
    const token: string = users[0].user.token;
    const program = [
      `import { WebSocket } from 'ws';`,
      `const ca = Buffer.from(process.argv[3], 'base64');`,
      `const options = { ca, headers: { authorization: process.argv[2] } };`,
      `const socket = new WebSocket(process.argv[1], 'v5.channel.k8s.io', options);`,
      `socket.on('open', () => { console.log('opened'); process.exit(0); });`,
      `socket.on('error', () => undefined);`,
      `socket.on('unexpected-response', (_, response) => {`,
      `  response.on('data', (data) => process.stdout.write(data));`,
      `  response.on('end', () => process.exit(0));`,
      `});`,
    ].join('\n');
    const { stdout } = await lab(
      'ops',
      '--',
      process.execPath,
      '--input-type=module',
      '-e',
      program,
      `${cluster.server.replace('https:', 'wss:')}${path}`,
      `Bearer ${token}`,
      cluster['certificate-authority-data'],
    );
    return stdout;
  }

  test.each<[string, (pod: string) => string]>([
    [
      'a shell',
      (pod) => `/api/v1/namespaces/${namespace}/pods/${pod}/exec?container=agent&command=/bin/sh&stdin=1&stdout=1`,
    ],
    [
      'arguments for the program',
      (pod) =>
        `/api/v1/namespaces/${namespace}/pods/${pod}/exec?container=agent&command=${program}&command=-c&stdout=1`,
    ],
    [
      'a terminal',
      (pod) =>
        `/api/v1/namespaces/${namespace}/pods/${pod}/exec?container=agent&command=${program}&stdout=1&stdin=1&tty=1`,
    ],
    [
      'another container',
      (pod) => `/api/v1/namespaces/${namespace}/pods/${pod}/exec?container=x&command=${program}&stdout=1`,
    ],
    ['no container', (pod) => `/api/v1/namespaces/${namespace}/pods/${pod}/exec?command=${program}&stdout=1`],
  ])('the token of the bot does not open %s', async (_, path) => {
    const [pod] = await agentPods();
    expect(await steal(path(pod?.metadata.name ?? ''))).toContain('ValidatingAdmissionPolicy');
  });

  test.each<[string, (pod: string) => string]>([
    ['a pod of another namespace', () => `/api/v1/namespaces/default/pods/mypod/exec?command=${program}&stdout=1`],
    ['attach', (pod) => `/api/v1/namespaces/${namespace}/pods/${pod}/attach?stdout=1`],
    ['a port of the pod', (pod) => `/api/v1/namespaces/${namespace}/pods/${pod}/portforward?ports=22`],
  ])('the token of the bot has no right to %s', async (_, path) => {
    const [pod] = await agentPods();
    expect(await steal(path(pod?.metadata.name ?? ''))).toMatch(/forbidden/);
  });

  test('the token of the bot opens the one program', async () => {
    const [pod] = await agentPods();
    const path = `/api/v1/namespaces/${namespace}/pods/${pod?.metadata.name}/exec`;
    expect(await steal(`${path}?container=agent&command=${program}&stdout=1&stdin=1`)).toBe('opened\n');
  });

  test('a pod with the labels of the agent is not used, and said', async () => {
    const [real] = (await agentPods()).filter(({ spec }) => spec?.['nodeName'] === 'node-a');
    if (!real) throw new Error('no agent on node-a');
    const pods = `/api/v1/namespaces/${namespace}/pods`;
    await api((one) => one.patch(`${pods}/${real.metadata.name}`, { metadata: { ownerReferences: null } }));
    const owner = { ownerReferences: real.metadata['ownerReferences'] };
    takeBacks.push(() =>
      api(async (one) => void (await one.patch(`${pods}/${real.metadata.name}`, { metadata: owner }))),
    );
    const { verdict } = await diagnose(name, ...asked);
    expect(verdict.verdict).toBe('inconclusive');
    expect(verdict.blindSpots.map(({ node, code }) => [node, code])).toEqual(
      expect.arrayContaining([['node-a', 'agent-missing']]),
    );
    expect(verdict.blindSpots.find(({ node }) => node === 'node-a')?.reason).toContain('is not used');
  }, 120_000);
});
