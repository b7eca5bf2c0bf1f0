import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { administrator } from './control-plane/api.ts';
import { diagnose, saidBy } from './diagnosis.ts';
import { breakFault, healFaults } from './faults/apply.ts';
import { ruleGone, ruleThere } from './faults/steps.ts';
import { describeLab, labCommand, mustSucceed, ownLab } from './harness.ts';
import { insideNode } from './nodes/machine.ts';
import { startPod } from './nodes/pods.ts';
import { applyCalico, workloadEndpoint } from './objects/calico-datastore.ts';
import { ensurePod } from './objects/cluster.ts';
import { labPaths, podPart } from './paths.ts';
import { answersPing } from './ready.ts';
import { attempt, run, until, untilRuns } from './run.ts';
import { readTopology, writeTopology } from './state.ts';
import { hostInterface, labPod } from './topology.ts';
import { takenBackAfterEach } from './take-backs.ts';

const policies = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies';
const http = { name: 'http', port: 8080, speaks: 'http' } as const;
const metrics = { name: 'metrics', port: 9090, speaks: 'http' } as const;
const mypod = podPart('default', 'mypod');

describeLab('ports of a pod', () => {
  const name = ownLab('ports');
  const lab = labCommand(name);
  const paths = labPaths(name);
  const takeBacks = takenBackAfterEach();

  /** A pod of the lab that declares both ports. */
  async function addPod(pod: string, ip: string, serves: readonly (typeof http | typeof metrics)[]): Promise<void> {
    const topology = readTopology(paths);
    const both = labPod({
      namespace: 'default',
      name: pod,
      node: 'node-a',
      ip,
      labels: { app: pod },
      ports: [http, metrics],
      owner: null,
    });
    await startPod(paths, { ...both, ports: [...serves] });
    const api = administrator(paths);
    await ensurePod(api, topology, both, null);
    api.close();
    await applyCalico(paths, topology, [workloadEndpoint(both, topology)]);
    writeTopology(paths, { ...topology, pods: [...topology.pods, both] });
    await until(`${pod} to be reached`, 30, async () =>
      (await answersPing(paths, 'default/client', ip)) ? true : null,
    );
  }

  /** Runs a server in default/mypod until the test ends, and waits until its kernel says that it listens. */
  async function serve(listen: string, port: number): Promise<number> {
    const script = `require('node:net').createServer().listen(${listen})`;
    const child = spawn('nsenter', [`--net=${paths.namespaceFile(mypod)}`, '--', process.execPath, '-e', script], {
      stdio: 'ignore',
    });
    takeBacks.push(async () => child.kill('SIGKILL'));
    await until(`a server on ${port}`, 10, async () => ((await sockets(port)) === '' ? null : true));
    if (child.pid === undefined) throw new Error('no server');
    return child.pid;
  }
  const sockets = (port: number) =>
    run(['nsenter', `--net=${paths.namespaceFile(mypod)}`, '--', 'ss', '-Hltn', `( sport = :${port} )`]);
  const found = async (...rest: string[]) => {
    const { result, verdict } = await diagnose(name, ...rest);
    return {
      exit: result.status,
      ...saidBy(verdict),
      port: verdict.target.port,
      titles: verdict.roots.map(({ title }) => title),
      notes: verdict.notes,
      tried: verdict.steps.find(({ id }) => id === 'reachability')?.summary ?? '',
    };
  };
  const nothing = { consequences: [], latent: [] };

  beforeAll(async () => {
    await mustSucceed(lab)('up', '--dataplane', 'nft');
    await addPod('two', '10.244.1.20', [http, metrics]);
    await addPod('half', '10.244.1.21', [http]);
  }, 120_000);
  afterAll(async () => {
    await lab('down');
  }, 60_000);

  test.each(['default/mypod', 'default/client', 'default/twin', 'shop/api', 'shop/db', 'default/two'])(
    '%s listens on what it declares',
    async (pod) => {
      expect(await found(pod)).toMatchObject({ exit: 0, verdict: 'healthy', roots: [], ...nothing, notes: [] });
    },
    60_000,
  );

  test("every declared port is tried, and named in the step's line", async () => {
    const { port, tried } = await found('default/two');
    expect([port, tried]).toEqual(['8080/tcp', expect.stringMatching(/tcp port 8080\): 3\/3.*tcp port 9090\): 1\/1/)]);
  }, 60_000);

  test('a port on which nothing listens', async () => {
    expect(await found('default/mypod', '--port', '9999/tcp')).toMatchObject({
      exit: 1,
      verdict: 'fault',
      roots: ['port-not-listening'],
      ...nothing,
      port: '9999/tcp',
      titles: ['No program in pod default/mypod listens on 9999/tcp, but on 8080/tcp'],
    });
  }, 60_000);

  test('the second declared port, while the first answers', async () => {
    expect(await found('default/half')).toMatchObject({
      exit: 1,
      verdict: 'fault',
      roots: ['port-not-listening'],
      ...nothing,
      port: '8080/tcp',
      titles: ['No program in pod default/half listens on 9090/tcp'],
      notes: [expect.stringContaining('--port 9090/tcp')],
    });
  }, 60_000);

  /** A NetworkPolicy for default/two until the test ends, seen in force on its node. */
  async function policyForTwo(ingress: readonly unknown[]): Promise<void> {
    const api = administrator(paths);
    const spec = { podSelector: { matchLabels: { app: 'two' } }, policyTypes: ['Ingress'], ingress };
    await api.create(policies, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'two', namespace: 'default' },
      spec,
    });
    const tierEnd = `-A cali-tw-${hostInterface('default', 'two')} .*End of tier default`;
    takeBacks.push(async () => {
      await api.remove(`${policies}/two`);
      api.close();
      await untilRuns('Felix to allow', 60, insideNode(paths, 'node-a', ruleGone('nft', tierEnd)));
    });
    await untilRuns('Felix to deny', 60, insideNode(paths, 'node-a', ruleThere('nft', tierEnd)));
  }

  test('a policy that denies the second port alone, to everybody', async () => {
    await policyForTwo([{ ports: [{ port: 8080, protocol: 'TCP' }] }]);
    expect(await found('default/two')).toMatchObject({
      exit: 1,
      verdict: 'fault',
      roots: ['policy-denies-ingress'],
      ...nothing,
      port: '9090/tcp',
    });
    expect(await found('default/two', '--port', '8080/tcp')).toMatchObject({ exit: 0, verdict: 'healthy' });
  }, 120_000);

  test('a policy that admits one to the first port and another to the second is a fault for an asked one', async () => {
    await policyForTwo(
      [
        ['client', 8080],
        ['web', 9090],
      ].map(([app, port]) => ({
        from: [{ podSelector: { matchLabels: { app } } }],
        ports: [{ port, protocol: 'TCP' }],
      })),
    );
    const { tried, ...said } = await found('default/two');
    expect(said).toMatchObject({
      exit: 0,
      verdict: 'healthy',
      roots: [],
      ...nothing,
      port: '8080/tcp',
      notes: [expect.stringContaining('denies default/client')],
    });
    expect(tried).toMatch(
      /default\/client → default\/two \(tcp port 8080\): 3\/3.*default\/mypod → default\/two \(tcp port 9090\): 1\/1/,
    );
    expect(await found('default/two', '--from', 'pod:default/client')).toMatchObject({
      exit: 1,
      roots: ['policy-denies-ingress'],
      port: '9090/tcp',
    });
  }, 120_000);

  test("a path that loses every packet does not hide it: the pod's own node is refused", async () => {
    await breakFault(readTopology(paths), 'ipip-blocked', []);
    takeBacks.push(() => healFaults(readTopology(paths), null));
    expect(await found('default/mypod', '--from', 'pod:default/client', '--port', '9999/tcp')).toMatchObject({
      roots: ['ipip-lost-between-nodes', 'port-not-listening'],
      ...nothing,
    });
    expect(await found('default/mypod', '--from', 'pod:default/client')).toMatchObject({
      roots: ['ipip-lost-between-nodes'],
      ...nothing,
    });
  }, 90_000);

  test("a server on the pod's loopback alone", async () => {
    await serve('7071, "127.0.0.1"', 7071);
    expect(await found('default/mypod', '--port', '7071/tcp')).toMatchObject({
      roots: ['port-not-listening'],
      ...nothing,
      titles: ['Pod default/mypod listens on 7071/tcp only at 127.0.0.1:7071'],
    });
  }, 60_000);

  test('a server that hangs, with a full queue', async () => {
    const pid = await serve('{ port: 7072, host: "0.0.0.0", backlog: 1 }', 7072);
    process.kill(pid, 'SIGSTOP');
    await until('the queue to be full', 20, async () => {
      await attempt([
        'nsenter',
        `--net=${paths.namespaceFile(mypod)}`,
        '--',
        'timeout',
        '0.3',
        'bash',
        '-c',
        'exec 3<>/dev/tcp/127.0.0.1/7072',
      ]);
      const [, queued, backlog] = /^LISTEN\s+(\d+)\s+(\d+)/.exec(await sockets(7072)) ?? [];
      return Number(queued) > Number(backlog) ? true : null;
    });
    expect(await found('default/mypod', '--port', '7072/tcp')).toMatchObject({
      roots: ['port-not-listening'],
      ...nothing,
      titles: ['Pod default/mypod does not accept connections on 7072/tcp: its queue is full'],
    });
  }, 60_000);
});
