import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { asAdministrator } from './control-plane/api.ts';
import { describeLab, labProgram, mustSucceed, ownLab } from './harness.ts';
import { labNamespaces } from './network.ts';
import { labPaths } from './paths.ts';
import { attempt } from './run.ts';

const name = ownLab('verbs');
const namespacesWithout = async (account: string) => {
  const [namespaces, accounts] = await asAdministrator(labPaths(name))((api) =>
    Promise.all([api.list('/api/v1/namespaces'), api.list('/api/v1/serviceaccounts')]),
  );
  const having = new Set(accounts.flatMap(({ metadata }) => (metadata.name === account ? [metadata.namespace] : [])));
  return namespaces.map(({ metadata }) => metadata.name).filter((one) => !having.has(one));
};
const lab = labProgram(name);

const statusSchema = z.object({
  nodes: z.array(z.object({ name: z.string(), address: z.string(), tunnelAddress: z.string() })),
  pods: z.array(
    z.object({
      namespace: z.string(),
      name: z.string(),
      node: z.string(),
      ip: z.string(),
      interface: z.string(),
      ports: z.array(z.number()),
    }),
  ),
  kubeconfig: z.string(),
  faults: z.array(z.object({ name: z.string() })),
});

const ssh = (command: string) =>
  lab(
    'ops',
    '--',
    'sh',
    '-c',
    'ssh -n -o BatchMode=yes -i $SSH_KEY_FILE -o UserKnownHostsFile=$SSH_KNOWN_HOSTS_FILE ' +
      `$SSH_USER@10.250.0.11 '${command}'`,
  );

/** HTTP status that the API server gives the bot's own account. */
const askAsBot = (path: string) =>
  lab(
    'ops',
    '--',
    'sh',
    '-c',
    `curl -sk -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $(sed -n 's/.*token: //p' $KUBECONFIG)" ` +
      `https://10.250.0.10:6443${path}`,
  );

describeLab('the lab and its verbs', () => {
  const asNew: { unaccounted?: readonly string[]; settled?: boolean } = {};

  beforeAll(async () => {
    await mustSucceed(lab)('up', '--dataplane', 'nft');
    Object.assign(asNew, {
      settled: existsSync(labPaths(name).settled),
      unaccounted: await namespacesWithout('default'),
    });
  }, 120_000);
  afterAll(async () => {
    await lab('down');
  }, 60_000);

  test('when up is over, nothing is left to the supervisor: each namespace has its account', () => {
    expect(asNew).toEqual({ settled: true, unaccounted: [] });
  });

  test('up says what it is doing, and is idempotent', async () => {
    const again = await lab('up');
    expect(again).toMatchObject({ status: 0, stdout: '' });
    expect(again.stderr).toContain('is up already (3 nodes, nft, ipip)');
  });

  test('status has the topology of the contract', async () => {
    const { stdout } = await lab('status', '--json');
    const status = statusSchema.parse(JSON.parse(stdout));
    expect(status.nodes.map((node) => node.name)).toEqual(['node-a', 'node-b', 'node-c']);
    expect(status.pods.map((pod) => `${pod.namespace}/${pod.name} ${pod.node} ${pod.ports.join()}`)).toEqual([
      'default/mypod node-a 8080',
      'default/client node-b ',
      'default/twin node-c 8080',
      'shop/api node-b 8080',
      'shop/db node-a 5432',
    ]);
    expect(status.pods[0]?.interface).toBe('cali4e199eba087');
    expect(existsSync(status.kubeconfig)).toBe(true);
    expect(status.faults).toEqual([]);
  });

  test('a pod of another node gets an answer over IPIP, by HTTP and by ping', async () => {
    const http = await lab(
      'pod',
      'default/client',
      '--',
      'curl',
      '-s',
      '--max-time',
      '3',
      'http://10.244.1.5:8080/hello',
    );
    expect(http).toMatchObject({ status: 0, stdout: 'mypod GET /hello\n' });
    const ping = await lab('pod', 'default/client', '--', 'ping', '-c1', '-W2', '-q', '10.244.1.5');
    expect(ping.status).toBe(0);
  });

  test('packets between the nodes are IP protocol 4', async () => {
    const capture = lab(
      'underlay',
      '--',
      'timeout',
      '10',
      'tcpdump',
      '-p',
      '-n',
      '-c',
      '1',
      '-i',
      'node-a',
      'ip proto 4 and dst 10.250.0.11',
    );
    await lab('pod', 'default/client', '--', 'ping', '-c5', '-i0.5', '-q', '10.244.1.5');
    const { stdout } = await capture;
    expect(stdout).toMatch(/10\.250\.0\.12 > 10\.250\.0\.11: IP 10\.244\.2\.7 > 10\.244\.1\.5: ICMP/);
  });

  test('a node is a machine of its own', async () => {
    const inside = await lab(
      'exec',
      'node-b',
      '--',
      'sh',
      '-c',
      'hostname; cat /proc/1/comm; cat /var/lib/calico/nodename; test -e ' +
        '/proc/sys/net/ipv4/conf/cali4e199eba087; echo $?',
    );
    expect(inside.stdout).toBe('node-b\nsshd\nnode-b1\n');
    const passed = await lab('exec', 'node-b', '--', 'sh', '-c', 'exit 7');
    expect(passed.status).toBe(7);
  });

  test('the node names a pod’s namespace as containerd does', async () => {
    const link = await lab('exec', 'node-a', '--', 'ip', 'link', 'show', 'cali4e199eba087');
    expect(link.stdout).toMatch(/link-netns cni-[0-9a-f-]{36}/);
  });

  test('the administrator reaches the API server and the datastore', async () => {
    const pods = await lab('kube', 'GET', '/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dcalico-node');
    expect(pods.status).toBe(0);
    expect(JSON.parse(pods.stdout)).toMatchObject({
      items: [{ status: { phase: 'Running' } }, { status: { phase: 'Running' } }, { status: { phase: 'Running' } }],
    });
    const refused = await lab('kube', 'GET', '/api/v1/namespaces/nowhere');
    expect(refused.status).toBe(1);
    const profile = await lab('calicoctl', '--', 'get', 'profile', 'kns.default', '-o', 'json');
    expect(JSON.parse(profile.stdout)).toMatchObject({ kind: 'Profile', spec: { ingress: [{ action: 'Allow' }] } });
  });

  test('the API server shows a container’s log', async () => {
    const list = await lab(
      'kube',
      'GET',
      '/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dcalico-kube-controllers',
    );
    const pod = z
      .object({ items: z.tuple([z.object({ metadata: z.object({ name: z.string() }) })]) })
      .parse(JSON.parse(list.stdout)).items[0].metadata.name;
    const log = await lab('kube', 'GET', `/api/v1/namespaces/kube-system/pods/${pod}/log?tailLines=5`);
    expect(log.status).toBe(0);
    expect(log.stdout.trim().split('\n')).toHaveLength(5);
  });

  test('the bot has its own accounts: on a node one helper as root, at the API server no secrets', async () => {
    // Whatever is asked for, the key opens the helper alone.
    for (const command of ['id -un; hostname', 'sudo -n id', 'sudo -n /usr/local/bin/calico-chatops-node']) {
      expect(await ssh(command)).toMatchObject({ status: 0, stdout: 'calico-chatops-node 1\n' });
    }
    expect((await askAsBot('/api/v1/pods')).stdout).toBe('200');
    expect((await askAsBot('/api/v1/secrets')).stdout).toBe('403');
  });

  test('operations have no way out', async () => {
    const routes = await lab('ops', '--', 'ip', 'route');
    expect(routes.stdout).toBe('10.250.0.0/24 dev eth0 proto kernel scope link src 10.250.0.5 \n');
  });

  test('what is not there yet is refused, and so is what makes no sense', async () => {
    const other = labProgram(`${name}-x`);
    expect(await other('up', '--era', '2', '--encap', 'vxlan')).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/^up --era 2: Calico 2.x is here with etcd, IPIP and iptables/),
    });
    expect(await other('up', '--dataplane', 'ebpf')).toMatchObject({
      status: 3,
      stderr: 'up --dataplane ebpf: one of legacy, nft, nftables\n',
    });
    expect(await other('up', '--encap', 'gre')).toMatchObject({ status: 3 });
    expect(await other('status')).toMatchObject({ status: 3, stderr: `lab ${name}-x is not up\n` });
    expect(await lab('break', 'nonsense')).toMatchObject({ status: 3 });
    expect(await lab('break', 'ipip-blocked', 'x=1')).toMatchObject({ status: 3 });
    expect(await lab('heal', 'ipip-blocked')).toMatchObject({ status: 3, stderr: 'ipip-blocked is not broken\n' });
  });

  test('a calico-node pod that is deleted comes back under another name', async () => {
    const schema = z.object({
      items: z.array(z.object({ metadata: z.object({ name: z.string() }), spec: z.object({ nodeName: z.string() }) })),
    });
    const pods = async () =>
      schema.parse(
        JSON.parse(
          (await lab('kube', 'GET', '/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dcalico-node')).stdout,
        ),
      ).items;
    const old = (await pods()).find((pod) => pod.spec.nodeName === 'node-c')?.metadata.name;
    await lab('kube', 'DELETE', `/api/v1/namespaces/kube-system/pods/${old}`);
    const deadline = Date.now() + 15_000;
    let found: string | undefined;
    while (Date.now() < deadline && (found === undefined || found === old))
      found = (await pods()).find((pod) => pod.spec.nodeName === 'node-c')?.metadata.name;
    expect(found).toMatch(/^calico-node-[0-9a-f]{5}$/);
    expect(found).not.toBe(old);
  }, 30_000);

  test('serve shows the workspace on the machine’s loopback, stop ends it', async () => {
    const served = await lab('serve');
    const address = /^workspace (http:\/\/127\.0\.0\.1:\d+\/)$/m.exec(served.stdout)?.[1] ?? '';
    const page = await fetch(address);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect((await lab('ops', '--', 'sh', '-c', 'redis-cli -u $REDIS_URL ping')).stdout).toBe('PONG\n');
    await lab('stop');
    await expect(fetch(address)).rejects.toThrow();
    expect((await lab('ops', '--', 'sh', '-c', 'echo ${REDIS_URL-none}')).stdout).toBe('none\n');
  }, 60_000);

  test('a second lab runs beside it, and down leaves nothing of it', async () => {
    const second = `${name}-b`;
    const other = labProgram(second);
    expect(await other('up')).toMatchObject({ status: 0 });
    const answer = await other(
      'pod',
      'default/client',
      '--',
      'curl',
      '-s',
      '--max-time',
      '3',
      'http://10.244.1.5:8080/',
    );
    expect(answer.stdout).toBe('mypod GET /\n');
    expect(await other('down')).toMatchObject({ status: 0 });
    expect(await labNamespaces(second)).toEqual([]);
    expect(existsSync(`/run/calico-chatops-lab/${second}`)).toBe(false);
    const left = await attempt([
      'sh',
      '-c',
      `grep -sal "${second}[/-]" /proc/[0-9]*/cmdline | grep -v "/$$/" | grep -v self; grep ${second} /proc/mounts`,
    ]);
    expect(left.stdout).toBe('');
    expect((await lab('pod', 'default/client', '--', 'ping', '-c1', '-W2', '-q', '10.244.1.5')).status).toBe(0);
  }, 120_000);
});
