import { expect, test } from '@jest/globals';
import type { ExpectedDecision } from '../../../src/model/expected-decision.ts';
import type { FelixState } from '../../../src/model/control-plane.ts';
import { observed, type Fact } from '../../../src/model/evidence.ts';
import { LookError } from '../../../src/model/look-error.ts';
import type { Clock, NodeShells } from '../../../src/model/ports.ts';
import type { Probe } from '../../../src/model/probe.ts';
import { startGathering } from '../../../src/engine/gather.ts';
import { computed } from '../../../src/computed/registry.ts';
import { probes } from '../../../src/probes/registry.ts';
import { captureCluster } from '../../cases/capture-cluster.ts';
import { captureShells } from '../../cases/capture-shells.ts';
import { readCapture } from '../../cases/capture.ts';
import { capturedTarget } from '../../support/facts.ts';
import { codeOf } from '../scripted.ts';
import { running } from '../transcript.ts';

const live: FelixState = { processes: ['7 calico-felix'], liveness: 200, readiness: 200 };
const unwell: FelixState = { ...live, liveness: 503 };
const dead: FelixState = { processes: [], liveness: null, readiness: null };
const said = (decision: ExpectedDecision['decision'], change: Partial<ExpectedDecision> = {}): ExpectedDecision => ({
  leg: 'target-ingress',
  node: 'n1',
  direction: 'ingress',
  decision,
  by: 'so it says',
  policies: [],
  ...change,
});

/** Every node first as in one capture, at the second look as in another; `null`: then it cannot be reached. */
function shells(first: string, later: string | null): NodeShells {
  const [before, after] = [captureShells(readCapture(first)), captureShells(readCapture(later ?? first))];
  return {
    ...before,
    shell: (node) => ({
      node: node.name,
      start: (request) => {
        if (request.moment !== 'later') return before.shell(node).start(request);
        return later === null
          ? running(node.name, new LookError('ssh-lost', 'gone'))
          : after.shell(node).start(request);
      },
    }),
  };
}
function replaced(id: string, value: object): Probe {
  const probe = probes.find((one) => one.id === id);
  if (!probe) throw new Error(`no probe ${id}`);
  const [key] = probe.provides;
  return { ...probe, needs: [], read: async () => ({ [String(key)]: observed(value) }) } as unknown as Probe;
}
async function looking({
  first = 'k8s-deny-ingress-legacy',
  later = 'healthy-legacy',
  decisions = [said('allow')],
  felix = live,
}: {
  first?: string;
  later?: string | null;
  decisions?: readonly ExpectedDecision[];
  felix?: FelixState;
}) {
  const slept: number[] = [];
  // The captures' first reading is of 18:00:00.
  const clock: Clock = { now: () => new Date('2026-11-23T18:00:03Z'), sleep: async (ms) => void slept.push(ms) };
  const some = [
    ...probes.filter(({ id }) => id !== 'felix'),
    replaced('felix', felix),
    {
      ...replaced('felix', []),
      place: 'cluster',
      provides: ['expected-decisions'],
      read: async () => ({ 'expected-decisions': observed(decisions) }),
    } as unknown as Probe,
  ];
  const gathering = startGathering(
    {
      probes: some,
      computed: computed.filter(({ id }) => id !== 'expected-decisions'),
      clock,
      cluster: captureCluster(readCapture(first)),
      shells: shells(first, later),
    },
    capturedTarget,
    'r-test',
    new AbortController().signal,
  );
  return { found: await gathering.fact('later-walks'), read: await gathering.fact('later-rulesets'), slept };
}
const walks = (
  fact: Fact<
    readonly { readonly leg: string; readonly node: string; readonly result: { readonly decision: string } }[]
  >,
) =>
  fact.status === 'observed'
    ? fact.value.map(({ leg, node, result }) => `${leg} ${node} ${result.decision}`)
    : [fact.code];

test('10 s after the first reading the node is read again, and the packet walked', async () => {
  const { found, slept } = await looking({});
  expect([walks(found), slept]).toEqual([['target-ingress n1 accept'], [7000]]);
});
test.each([
  ['healthy-bpf', 'accept'],
  ['policy-denies-ingress-bpf', 'drop'],
])('programs of the eBPF dataplane are read again, no packet filter: later as in %s', async (later, decision) => {
  const { found, read } = await looking({ first: 'policy-denies-ingress-bpf', later });
  expect(walks(found)).toEqual([`target-ingress n1 ${decision}`]);
  expect(read).toMatchObject({ status: 'observed', value: [] });
});
test('still as it was', async () => {
  expect(walks((await looking({ later: 'k8s-deny-ingress-legacy' })).found)).toEqual(['target-ingress n1 drop']);
});
test('a Felix that is not live may program all the same', async () => {
  expect(walks((await looking({ felix: unwell })).found)).toEqual(['target-ingress n1 accept']);
});
test('only the legs that differ, each on its node', async () => {
  const { found } = await looking({
    first: 'profile-missing-rbac-legacy',
    decisions: [said('allow', { leg: 'source-egress', node: 'n2', direction: 'egress' }), said('deny')],
  });
  expect(walks(found)).toEqual(['source-egress n2 accept']);
});
test.each<[string, Parameters<typeof looking>[0]]>([
  ['nothing differs', { decisions: [said('deny'), said('unknown')] }],
  ['no Felix could have programmed it', { felix: dead }],
])('no wait where %s', async (_, world) => {
  const { found, slept } = await looking({ later: null, ...world });
  expect([codeOf(found), slept]).toEqual(['not-applicable', []]);
});
test('a node that cannot be reached any more is no word for it', async () => {
  const { found, read } = await looking({ later: null });
  expect([codeOf(read), codeOf(found)]).toEqual(['ssh-lost', 'needed-fact-missing']);
});
