/** With processes of a kernel's own: a supervisor called runsv, and a Felix under it, in a network of theirs. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { hostInterfaceName } from '../../src/calico/endpoint-names.ts';
import { neededByFelix } from '../../src/calico/felix-rights.ts';
import { restartFelix as fix } from '../../src/fixes/restart-felix/restart-felix.ts';
import type { ClusterAccess } from '../../src/model/cluster-access.ts';
import type { KubernetesObject } from '../../src/model/kubernetes.ts';
import { draftFix, undoFix, writeFix } from '../../src/plans/use-fix.ts';
import { until } from '../../tools/lab/run.ts';
import { goldenText, planTextOf } from './golden-plan.ts';
import { knownObjects } from './known-objects.ts';
import { localAccess, localNode, saysNoEndpoint, type LocalNode } from './local-node.ts';
import { madePlan } from './planned.ts';

const netns = `restart-felix-${process.pid}`;
const inNode = (script: string) =>
  execFileSync('ip', ['netns', 'exec', netns, 'sh', '-c', script], { encoding: 'utf8' });
const folder = mkdtempSync(`${tmpdir()}/restart-felix-`);
const [name, address] = [hostInterfaceName('shop', 'cart'), '10.244.1.5'];
const input = {
  node: 'n1',
  nodeAddress: '10.0.0.9',
  interface: name,
  address,
  namespace: 'shop',
  pod: 'cart',
  datastore: 'etcdv3',
  account: null,
};
const offer = { rule: 'felix-rules-stale', subject: { kind: 'Node', name: 'n1' }, input } as const;
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'cart', namespace: 'shop', uid: 'u1' },
  spec: { nodeName: 'n1', containers: [] },
  status: { phase: 'Running', podIP: address },
};
const information = { kind: 'ClusterInformation', metadata: { name: 'default' }, spec: { datastoreReady: true } };
const typha = { kind: 'Deployment', metadata: { name: 'calico-typha', namespace: 'calico-system' } };
let node: LocalNode;
let denied: readonly string[];
const access = (objects: readonly KubernetesObject[] = [pod]): ClusterAccess => {
  const local = localAccess(
    node,
    objects,
    (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds / 40)),
  );
  return {
    ...local,
    cluster: {
      ...local.cluster,
      accessReview: async (question) => ({
        ok: true,
        value: { ...question, allowed: !denied.includes(question.resource), reason: '' },
        request: 'POST',
        at: '2026-01-01T00:00:00.000Z',
      }),
    },
  };
};
const plan = () => madePlan(fix, access(), offer);
/** What runit's supervisor does with orders, as far as Felix needs it. */
const supervisor = `rm -f supervise/control; mkfifo supervise/control; exec 3<>supervise/control
start() { "$1" 3600 3>&- & child=$!; }
start "$1"
while read -r -n 1 -u 3 order; do
  [ "$order" != t ] || { kill -TERM $child; wait $child; }
  [ "$order" != u ] || kill -0 $child 2>/dev/null || start "$1"
done`;
const running: ChildProcess[] = [];
/** A service of this name, run by a supervisor of its own. */
const supervise = async (service: string) => {
  const at = `${folder}/${service}-${running.length}`;
  mkdirSync(`${at}/supervise`, { recursive: true });
  writeFileSync(`${at}/${service}`, supervisor);
  const argv = ['netns', 'exec', netns, `${folder}/runsv`, service, `${folder}/calico-felix`];
  const child = spawn('ip', argv, { cwd: at, detached: true, stdio: 'ignore' });
  running.push(child);
  return child;
};
const end = (child: ChildProcess) => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL');
const felixes = async () => {
  const { stdout } = await node.shell({ name: 'n1', address: '' }).start({
    command: fix.commands.find(({ id }) => id === 'bash-find-felix')!,
    moment: 'first',
    params: {},
  }).result;
  return stdout.split('\n').filter((line) => line !== '');
};

beforeAll(async () => {
  execFileSync('ip', ['netns', 'add', netns]);
  inNode(`ip link add ${name} type veth peer name peer; ip link set ${name} up; ip link set peer up
    ip route add ${address} dev ${name}`);
  // The names of executables are what tells Calico's processes from others.
  copyFileSync('/bin/bash', `${folder}/runsv`);
  copyFileSync('/bin/sleep', `${folder}/calico-felix`);
  node = localNode({}, ['ip', 'netns', 'exec', netns]);
  await supervise('felix');
  await until('Felix to run', 30, async () => ((await felixes()).length === 1 ? true : null));
}, 60_000);
afterAll(() => {
  for (const child of running) if (child.exitCode === null && child.signalCode === null) end(child);
  execFileSync('ip', ['netns', 'delete', netns]);
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  denied = [];
  node = localNode({}, ['ip', 'netns', 'exec', netns]);
  node.says(
    'calicoctl-get-workloadendpoint-json',
    JSON.stringify({ metadata: { name: 'e' }, spec: { pod: 'cart', interfaceName: name } }),
  );
  node.says('calicoctl-get-clusterinformation', 'spec:\n  calicoVersion: v3.31.0\n  datastoreReady: true\n');
  node.says('curl-felix-readiness', 'HTTP/1.1 200 OK\r\n');
  inNode(`ip link set ${name} up; ip route replace ${address} dev ${name}`);
});

test('what a person approves', () => {
  expect(planTextOf(fix, { ...input, interface: 'cali0123456789a' }, { processes: '41' })).toBe(
    goldenText('restart-felix'),
  );
});

test('a pod is known by each of its addresses', async () => {
  const six = 'fd00:10:244:1::5';
  const both = { ...pod, status: { ...pod.status, podIPs: [{ ip: address }, { ip: six }] } };
  const approved = await madePlan(fix, access([both]), { ...offer, input: { ...input, address: six } });
  expect(approved.preconditions.find(({ id }) => id === 'pod')?.description).toContain(`with address ${six}`);
});

test('another Felix runs, its supervisor is the same, and nobody can roll it back', async () => {
  const approved = await plan();
  const [old] = await felixes();
  const written = await writeFix(fix, access(), approved);
  expect(written).toMatchObject({ outcome: 'applied', applied: { process: expect.stringMatching(/^\d+$/) } });
  const now = await felixes();
  expect([now.length, now[0] === old]).toEqual([1, false]);
  expect(await writeFix(fix, access(), approved)).toMatchObject({
    outcome: 'refused',
    why: expect.stringMatching(/has not been restarted since the plan/),
  });
  expect(await undoFix(fix, access(), approved, {})).toMatchObject({ ok: false });
}, 60_000);

test('where a route to a pod is gone afterwards, it failed, and the route is named', async () => {
  const approved = await plan();
  node.before.set('bash-restart-felix', async () => {
    inNode(`ip route delete ${address}`);
  });
  expect(await writeFix(fix, access(), approved)).toMatchObject({
    outcome: 'failed',
    why: expect.stringMatching(/lost its routes to 10.244.1.5/),
  });
}, 60_000);

test('where Felix does not get ready, it failed', async () => {
  node.says('curl-felix-readiness', 'HTTP/1.1 503 No\r\n');
  node.says('bash-find-felix', '41 calico-felix\n');
  expect(await writeFix(fix, access(), await plan())).toMatchObject({
    outcome: 'failed',
    why: expect.stringMatching(/is not ready after 90 s/),
  });
}, 60_000);

test('a Felix that is ending does not count as ready: only a new one is asked', async () => {
  const approved = await plan();
  const [old = ''] = await felixes();
  let [looks, asked] = [0, 0];
  node.before.set('bash-find-felix', async () => {
    looks += 1;
    if (looks > 3) node.scripted.delete('bash-find-felix');
  });
  node.before.set('bash-restart-felix', async () => {
    node.says('bash-find-felix', `${old}\n`);
  });
  node.before.set('curl-felix-readiness', async () => void (asked += 1));
  expect(await writeFix(fix, access(), approved)).toMatchObject({ outcome: 'applied' });
  expect([looks > 3, asked]).toEqual([true, 1]);
}, 60_000);

test('where no supervisor took the order, nothing is said to be restarted', async () => {
  const approved = await plan();
  node.says('bash-restart-felix', '');
  expect(await writeFix(fix, access(), approved)).toMatchObject({
    outcome: 'refused',
    why: expect.stringMatching(/no supervisor of Felix on n1 took the order/),
  });
}, 60_000);

const typhaConnection = 'ESTAB 0 0 10.0.0.9:40112 10.0.0.7:5473\n';
const notReady: readonly (readonly [
  title: string,
  change: () => unknown,
  why: RegExp,
  objects?: KubernetesObject[],
])[] = [
  ['no supervisor keeps Felix running', () => node.says('bash-find-felix-supervisor', ''), /no runit supervisor/],
  ['there are two', () => node.says('bash-find-felix-supervisor', '7\n8\n'), /2 supervisors/],
  ['Felix may be fed by Typha', () => node.says('ss-typha', typhaConnection), /Typha/],
  [
    'Typha is installed, and Felix has no connection to it, as one that does not run',
    () => node.says('bash-find-felix', ''),
    /may be fed by Typha/,
    [pod, typha],
  ],
  ['the pod is gone', () => undefined, /is gone/, []],
  ['the datastore has no endpoint of the pod', () => saysNoEndpoint(node), /no endpoint of shop\/cart/],
  [
    'the datastore is locked',
    () => node.says('calicoctl-get-clusterinformation', 'spec:\n  datastoreReady: false\n'),
    /does not say that it is ready/,
  ],
  ['the interface is down', () => inNode(`ip link set ${name} down`), /is down on n1/],
  [
    'the datastore does not answer',
    () => node.says('calicoctl-get-clusterinformation', '', 1),
    /conditions were not checked/,
  ],
  ['nobody can tell of Typha', () => node.says('ss-typha', '', 1), /conditions were not checked/],
  ['nobody can tell which Felix runs', () => node.says('bash-find-felix', '', 127), /conditions were not checked/],
];

describe('no button, but the reason, where', () => {
  // To go through all processes of a machine takes time, and here nothing depends on them.
  beforeEach(() => {
    node.says('bash-find-felix', '41 calico-felix\n');
    node.says('bash-find-felix-supervisor', '7\n');
  });
  test.each(notReady)('%s', async (_, change, why, objects = [pod]) => {
    change();
    expect(await draftFix(fix, access(objects), input)).toMatchObject({ ok: false, why: expect.stringMatching(why) });
  });
  test("where Typha is installed, its pods' own logs tell whether it is behind", async () => {
    expect(await draftFix(fix, access([pod, typha]), input)).toMatchObject({
      ok: false,
      advice: [expect.stringMatching(/^kubectl -n calico-system logs -l k8s-app=calico-typha /)],
    });
  });
  test.each([...neededByFelix.map(({ resource }) => resource), 'globalnetworkpolicies'])(
    'calico-node may not read %s',
    async (resource) => {
      denied = [resource];
      const asked = { ...input, datastore: 'kubernetes', account: 'kube-system/calico-node' };
      expect(await draftFix(fix, access([pod, information]), asked)).toMatchObject({
        ok: false,
        why: expect.stringContaining(`may not list ${resource}, watch ${resource}`),
      });
    },
  );
  test('whether Typha is installed could not be read', async () => {
    const forbidden: ClusterAccess = access();
    const known = [pod, { kind: 'Namespace', metadata: { name: 'calico-system' } }];
    const cluster: ClusterAccess['cluster'] = {
      ...forbidden.cluster,
      read: async (asked) =>
        asked.kind === 'Deployment'
          ? { ok: false, status: 403, reason: 'forbidden', request: 'GET', at: '2026-01-01T00:00:00.000Z' }
          : knownObjects(known).read(asked),
    };
    expect(await draftFix(fix, { ...forbidden, cluster }, input)).toMatchObject({
      ok: false,
      why: expect.stringMatching(/conditions were not checked.*forbidden/),
    });
  });
  test('the account of calico-node is not known', async () => {
    const asked = { ...input, datastore: 'kubernetes' };
    expect(await draftFix(fix, access([pod, information]), asked)).toMatchObject({ ok: false });
  });
  test('with the Kubernetes datastore, the interface is not the one of the pod', async () => {
    const asked = {
      ...input,
      datastore: 'kubernetes',
      account: 'kube-system/calico-node',
      interface: hostInterfaceName('shop', 'other'),
    };
    inNode(`ip link add ${asked.interface} type veth peer name other; ip link set ${asked.interface} up`);
    expect(await draftFix(fix, access([pod, information]), asked)).toMatchObject({
      ok: false,
      why: expect.stringMatching(/is of interface cali/),
    });
  });
  test('the API server has no ClusterInformation that is ready', async () => {
    const asked = { ...input, datastore: 'kubernetes', account: 'kube-system/calico-node' };
    expect(await draftFix(fix, access(), asked)).toMatchObject({ ok: false, why: expect.stringMatching(/is ready/) });
    expect(await draftFix(fix, access([pod, information]), asked)).toMatchObject({ ok: true });
  });
});

test('the supervisor of another service is not the one', async () => {
  await supervise('bird');
  const approved = await plan();
  const [supervisorNow] = approved.preconditions.filter(({ id }) => id === 'supervisor');
  expect(supervisorNow?.value).toMatch(/^\d+$/);
}, 30_000);
