/** What doctor says of a cluster whose agent is not well: one line a cause, tried on an API server that knows exec. */
import { afterEach, expect, test } from '@jest/globals';
import { createAgentConnections } from '../../src/adapters/agent.ts';
import { createClock } from '../../src/adapters/clock.ts';
import { checkCluster } from '../../src/compose-cluster-check.ts';
import type { KubernetesNode, KubernetesObject } from '../../src/model/kubernetes.ts';
import type { RightQuestion } from '../../src/model/own-rights.ts';
import { agentPod, daemonSet } from '../adapters/agent/agent-objects.ts';
import { frame, startExecServer, type ExecBehaviour } from '../adapters/agent/exec-server.ts';
import { clusterOf } from '../probes/cluster-of.ts';
import { calicoNode } from '../support/calico-node.ts';

const nodes = ['node-a', 'node-b'].map((name, at): KubernetesNode => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address: `192.0.2.${at + 1}` }] },
}));
const calico = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } },
  { apiVersion: 'apps/v1', ...calicoNode },
];
const pods = ['node-a', 'node-b'].map((nodeName) =>
  agentPod({ metadata: { name: `calico-chatops-agent-${nodeName}` }, spec: { nodeName } }),
);
const elsewhere = { ...daemonSet, metadata: { ...daemonSet.metadata, namespace: 'default' } };

const refusal = (status: number, reason: string, message: string) => ({
  status,
  body: JSON.stringify({ kind: 'Status', status: 'Failure', code: status, reason, message }),
});
const mayNotExec = refusal(403, 'Forbidden', 'pods "x" is forbidden: User "u" cannot create resource "pods/exec"');
const byPolicy = refusal(
  403,
  'Invalid',
  "ValidatingAdmissionPolicy 'calico-chatops-agent' denied request: nothing else",
);
const isOther = (asked: URL) => asked.searchParams.get('command') === '/bin/true';
const guarding = (asked: URL) => (isOther(asked) ? byPolicy : null);
const kubeletRefuses: ExecBehaviour['opened'] = (socket, asked) => {
  const pod = asked.pathname.split('/').at(-2);
  const message =
    `Internal error occurred: error sending request: Post "https://192.0.2.1:10250/exec/${pod}": ` +
    'dial tcp 192.0.2.1:10250: connect: connection refused';
  socket.send(frame(3, JSON.stringify({ status: 'Failure', reason: 'InternalError', message, code: 500 })));
  socket.close();
};

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface Wrong {
  readonly objects?: readonly KubernetesObject[];
  readonly denied?: (right: RightQuestion) => boolean;
  readonly unreadable?: Readonly<Record<string, number>>;
  readonly exec?: Partial<ExecBehaviour>;
  /** Short where nothing answers, and long where something must. */
  readonly timeoutMs?: number;
}

/** Everything that is not well, as `state part: text. next`. */
async function told({
  objects = [daemonSet, ...pods],
  denied = () => false,
  unreadable = {},
  exec = {},
  timeoutMs = 60_000,
}: Wrong) {
  const server = await startExecServer({ refuse: guarding, opened: () => undefined, ...exec });
  const cluster = clusterOf([...nodes, ...calico, ...objects], { refused: unreadable });
  const agents = createAgentConnections({
    kubeconfig: await server.kubeconfig(),
    cluster,
    connectTimeoutMs: timeoutMs,
  });
  closing.push(
    () => agents.close(),
    () => server.close(),
  );
  const [clock, shells] = [createClock(), agents.shells()];
  const access = { cluster, shells, clock, calicoNamespaces: ['kube-system'], close: () => shells.close() };
  const way = {
    mayI: async (right: RightQuestion) => ({
      ok: true as const,
      value: right.verb !== '*' && !denied(right),
      request: 'may I',
      at: clock.now().toISOString(),
    }),
    aheadMs: () => null,
    credentialsEnd: async () => null,
    server: async () => '',
    nodeTroubles: [],
    guard: (node: string) => agents.guard(node),
  };
  const checks = await checkCluster(
    { open: async () => access, way: () => way, close: () => Promise.resolve() } as never,
    { name: 'it', settings: { CALICO_NAMESPACES: ['kube-system'], NODES_VIA: 'agent' } as never },
  );
  return checks.filter(({ state }) => state !== 'ok').map(({ part, state, text, next }) => [state, part, text, next]);
}

const apply = 'Run kubectl apply -f deploy/node-agent/';
const says = (pattern: RegExp): unknown => expect.stringMatching(pattern);

test.each<[string, Wrong, readonly unknown[]]>([
  [
    'exec that is forbidden',
    { denied: ({ subresource }) => subresource === 'exec', exec: { refuse: () => mayNotExec } },
    ['failed', 'rights of the agent', says(/lacks 2 of 5 \(create pods\/exec .*: the bot cannot read nodes$/), apply],
  ],
  [
    'no right in the namespace of the agent',
    {
      denied: ({ namespace }) => namespace === 'calico-chatops-agent',
      unreadable: { 'Pod calico-chatops-agent': 403, 'DaemonSet calico-chatops-agent': 403 },
    },
    ['failed', 'rights of the agent', says(/lacks 5 of 5/), apply],
  ],
  ['no DaemonSet', { objects: [] }, ['failed', '2 of 2 nodes', says(/^the agent is not installed: /), apply]],
  [
    'a DaemonSet in another namespace',
    { objects: [elsewhere, ...pods] },
    ['failed', '2 of 2 nodes', says(/namespace calico-chatops-agent has no DaemonSet .* no other namespace/), apply],
  ],
  [
    'no pod on any node',
    { objects: [daemonSet] },
    [
      'failed',
      '2 of 2 nodes',
      says(/^DaemonSet calico-chatops-agent has no pod on the node/),
      says(/describe daemonset/),
    ],
  ],
  [
    'kubelets that are silent',
    { timeoutMs: 3000 },
    ['failed', '2 of 2 nodes', says(/did not start within 3000 ms: the kubelet .* port 10250/), says(/proxy\/healthz/)],
  ],
  [
    'kubelets that refuse',
    { exec: { opened: kubeletRefuses } },
    [
      'failed',
      '2 of 2 nodes',
      says(/^the API server does not reach the kubelet at port 10250: connect: connection refused/),
      says(/proxy\/healthz/),
    ],
  ],
])('%s: one line', async (_, wrong, line) => {
  expect(await told(wrong)).toEqual([line]);
});

test('an admission policy without its binding is told, whatever else is wrong', async () => {
  expect(await told({ exec: { refuse: () => null, opened: kubeletRefuses } })).toEqual([
    [
      'failed',
      'policy of the agent',
      says(/starts any program as root on every node/),
      says(/^Run kubectl apply -f deploy\/node-agent\/rights\.yaml/),
    ],
    ['failed', '2 of 2 nodes', says(/does not reach the kubelet/), says(/proxy\/healthz/)],
  ]);
});

test('a node without a pod does not keep the policy from being tried at another node', async () => {
  const lines = await told({ objects: [daemonSet, ...pods.slice(1)], timeoutMs: 3000 });
  expect(lines.map(([state, part]) => [state, part])).toEqual([
    ['failed', 'node node-a'],
    ['failed', 'node node-b'],
  ]);
});
