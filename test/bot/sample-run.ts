import { samplePlan } from '../support/sample-plan.ts';
import { proposed, testSeals } from '../support/signing.ts';
import type { ClusterSetup } from '../../src/model/setup.ts';
import type { PlanRecord, PlanState } from '../../src/model/fix.ts';
import type { CleanEvent, RunEventBody, RunAlert, StormVictim } from '../../src/model/runs.ts';
import { withoutSecrets } from '../../src/model/stored-event.ts';
import { steps } from '../../src/model/steps.ts';
import { toldWords } from '../../src/model/told-plan.ts';
import type { Target } from '../../src/model/target.ts';
import type { Consequence, Finding, FlowStop, PathHop, SettledStep, Verdict } from '../../src/model/verdict.ts';

/** A run of the first case as its events would tell it, for tests of what is shown. */
export const sampleRun = 'r-01JSAMPLE';
export const at = '2026-01-01T03:04:05.000Z';

const evidence = (command: string, node: string | null, excerpt: string) => ({
  command,
  node,
  at,
  excerpt,
  file: null,
});

export const ipipLost: Finding = {
  id: 'f1',
  rule: 'ipip-lost-between-nodes',
  node: 'node-a',
  subject: { kind: 'NodePair', name: 'node-b→node-a' },
  title: 'IPIP packets from node-b do not reach node-a',
  detail: 'node-b sent 3 of them <on the wire>, node-a saw none, while plain packets between the two nodes arrive.',
  proof: 'capture',
  evidence: [
    evidence('tcpdump -i eth0 -n ip proto 4', 'node-a', '0 packets captured'),
    evidence('tcpdump -i eth0 -n ip proto 4', 'node-b', '3 packets captured'),
  ],
  fix: null,
  advice: {
    who: 'the cloud network team',
    commands: ['openstack security group rule create --protocol 4 SECURITY_GROUP'],
  },
};
export const forbidden: Finding = {
  id: 'f2',
  rule: 'controller-forbidden',
  node: null,
  subject: { kind: 'ServiceAccount', name: 'kube-system/calico-kube-controllers' },
  title: 'The Calico controller may not watch namespaces',
  detail: 'The API server refuses its account.',
  proof: 'read',
  evidence: [evidence('POST /apis/authorization.k8s.io/v1/subjectaccessreviews', null, 'watch namespaces: denied')],
  fix: { id: 'grant-controller-rbac', plan: null, input: {} },
  advice: { who: 'a cluster administrator', commands: ['kubectl apply -f rbac.yaml'] },
};
export const profileMissing: Consequence = {
  id: 'f3',
  rule: 'pod-profile-missing',
  node: 'node-a',
  subject: { kind: 'Profile', name: 'kns.default' },
  title: 'Profile kns.default of pod default/mypod does not exist',
  detail: 'Felix therefore drops all of its traffic.',
  proof: 'counter',
  evidence: [
    evidence('iptables-save -c', 'node-a', '[12:1008] -A cali-tw-cali1234 -m comment --comment "cali:abc" -j DROP'),
  ],
  fix: { id: 'create-pod-profile', plan: null, input: {} },
  advice: null,
  because: { id: 'f2', rule: 'controller-forbidden' },
};

/** One hop of a path, seen. */
export function sampleHop(change: Partial<PathHop> = {}): PathHop {
  return {
    hop: 1,
    direction: 'reply',
    place: 'pod default/client',
    node: 'node-b',
    interface: null,
    status: 'seen',
    why: null,
    outer: null,
    ...change,
  };
}

/** A flow that stops in its pod: the request arrives, and no reply comes. */
export const silentPod: FlowStop = {
  direction: 'reply',
  summary: 'The request reached pod default/mypod at cali4e199eba087 of node-a, and no reply came out of the pod.',
  lastSeen: { place: 'interface of the pod cali4e199eba087', node: 'node-a', interface: 'cali4e199eba087' },
  missing: { place: 'interface of the pod cali4e199eba087', node: 'node-a', interface: 'cali4e199eba087' },
  checked: ['listening sockets'],
  notChecked: [
    {
      what: "the pod's own routes",
      node: 'node-a',
      why: null,
      command: 'ip netns exec cni-1234 ip route',
    },
    {
      what: "the pod's own packet filter",
      node: 'node-a',
      why: null,
      command: 'ip netns exec cni-1234 iptables-save -c',
    },
  ],
};

/** A flow that stops between the nodes. */
export const lostBetween: FlowStop = {
  direction: 'request',
  summary:
    'The request is lost on the network between node-b and node-a: it was seen at eth0 of node-b, and not at eth0 of node-a.',
  lastSeen: { place: 'network interface of the source node eth0', node: 'node-b', interface: 'eth0' },
  missing: { place: 'network interface of the target node eth0', node: 'node-a', interface: 'eth0' },
  checked: ['captures on the network interfaces of both nodes'],
  notChecked: [],
};

export function settled(id: string, status: SettledStep['status'] = 'pass', summary = 'as it should be'): SettledStep {
  return {
    id,
    title: steps.find((step) => step.id === id)?.title ?? id,
    status,
    startedAt: at,
    durationMs: 12,
    summary,
  };
}

const sampleSetup: ClusterSetup = {
  install: 'manifest',
  namespace: 'kube-system',
  version: 'v3.32.1',
  datastore: 'etcdv3',
  dataplanes: [
    { node: 'node-a', dataplane: 'iptables-nft' },
    { node: 'node-b', dataplane: 'iptables-nft' },
  ],
  encapsulation: ['ipip'],
  pair: { source: 'node-b', target: 'node-a', there: 'ipip', back: 'ipip' },
  summary:
    'Calico v3.32.1 installed from a manifest in kube-system, etcd datastore, dataplane iptables-nft, IPIP between ' +
    'node-b and node-a',
};

export function sampleVerdict(change: Partial<Verdict> = {}): Verdict {
  return {
    schema: 'calico-chatops/verdict/v1',
    run: sampleRun,
    cluster: 'default',
    verdict: 'fault',
    flow: 'fails',
    answeredPart: null,
    target: {
      pod: 'default/mypod',
      asked: null,
      address: '10.244.1.5',
      node: 'node-a',
      from: 'pod:default/client',
      to: null,
      port: '8080/tcp',
    },
    roots: [ipipLost, forbidden],
    consequences: [profileMissing],
    latent: [],
    blindSpots: [
      { probe: 'felix-log', node: 'node-c', code: 'ssh-refused', reason: 'connection refused', affects: [] },
    ],
    ruledOut: [],
    notFound: [],
    steps: [],
    path: [],
    stop: null,
    setup: sampleSetup,
    notes: [],
    timings: { totalMs: 1840, firstFindingMs: 610 },
    ...change,
  };
}

export function planRecord(fix: string, state: PlanState = 'proposed', change: Partial<PlanRecord> = {}): PlanRecord {
  const finding = [forbidden, profileMissing].find((one) => one.fix?.id === fix)?.id ?? 'unknown';
  const plan = samplePlan({
    id: `p-${fix}`,
    fix,
    run: sampleRun,
    finding,
    title: `Do ${fix}`,
    expiresAt: '2099-01-01T00:00:00.000Z',
  });
  return { ...proposed(plan, 'U0ALICE'), state, updatedAt: at, ...change };
}

export const target: Target = {
  cluster: 'default',
  namespace: 'default',
  pod: 'mypod',
  from: { kind: 'pod', namespace: 'default', name: 'client' },
  port: { protocol: 'tcp', number: 8080 },
};

export const started: RunEventBody = {
  type: 'started',
  target,
  requester: 'U0ALICE',
  origin: { kind: 'command', channel: 'C0ONCALL', thread: null, joins: null },
};

/** Everything from the first event to the offered plans. */
export const wholeRun: readonly RunEventBody[] = [
  started,
  { type: 'step-settled', step: settled('target') },
  { type: 'finding', finding: ipipLost },
  { type: 'step-settled', step: settled('underlay', 'fail', ipipLost.title) },
  { type: 'finding', finding: profileMissing },
  { type: 'finding', finding: forbidden },
  ...steps
    .filter(({ id }) => id !== 'target' && id !== 'underlay')
    .map(({ id }): RunEventBody => ({ type: 'step-settled', step: settled(id) })),
  { type: 'verdict', verdict: sampleVerdict() },
  { type: 'plan', record: planRecord('grant-controller-rbac'), note: null },
  { type: 'plan', record: planRecord('create-pod-profile'), note: null },
];

/** As the program tells them: what is said of a plan is signed. */
export function events(bodies: readonly RunEventBody[]): readonly CleanEvent[] {
  return bodies.map((body) => withoutSecrets({ at, ...told(body) }));
}

function told(body: RunEventBody): RunEventBody {
  if (body.type === 'approval-wanted') {
    const { plan, by, approvers } = body;
    return { seal: testSeals.seal('wanted', { run: sampleRun, plan, by, approvers }), ...body };
  }
  if (body.type !== 'plan') return body;
  const { record, note } = body;
  return { ...body, seal: testSeals.seal('told', toldWords(record, note)) };
}

export const sampleAlert: RunAlert = {
  fingerprint: 'f',
  name: 'PodUnreachable',
  summary: 'down',
  startsAt: at,
  severity: 'critical',
  runbook: 'runbook',
  graph: 'graph',
};
export const sampleVictim: StormVictim = {
  run: 'r-2',
  target: 'shop/api',
  alert: 'PodDown',
  cause: 'a cause',
  state: 'fault',
};
