import { describe, expect, test } from '@jest/globals';
import { evaluateRule } from '../../src/engine/evaluate.ts';
import { observed, unavailable, type Fact } from '../../src/model/evidence.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { anyOf, felixOf, tunnel } from '../../src/model/resource.ts';
import { defineRule, fail, type RawFinding, type Rule } from '../../src/model/rule.ts';
import { imageNotPulled } from '../../src/rules/target/image-not-pulled.ts';
import { cniPluginFailing } from '../../src/rules/target/cni-plugin-failing.ts';
import { volumeNotMounted } from '../../src/rules/target/volume-not-mounted.ts';
import { podNotRunning } from '../../src/rules/target/pod-not-running.ts';
import { podTerminating } from '../../src/rules/target/pod-terminating.ts';
import { rawFinding } from '../support/raw-finding.ts';

const gathering = {
  fact: async () => unavailable('not-recorded', ''),
  missed: () => [],
  missedEssentials: async () => [],
  usedMemory: () => false,
  place: async () => unavailable('not-recorded', ''),
};
const outcomeOf = async (found: Pick<RawFinding, 'lacks' | 'withholds'>) => {
  const rule = defineRule({
    id: 'r',
    description: '',
    step: 'filter',
    requires: [],
    lacks: ['tunnel'],
    withholds: ['felix'],
    messages: { m: { title: '', detail: '' } },
    judge: () => fail(rawFinding(found)),
  });
  const { outcome } = await evaluateRule(rule, gathering);
  return outcome.outcome === 'errored' ? outcome.why : outcome.outcome;
};

describe('a finding names only resources of the kinds that its rule declares', () => {
  test('so it does', async () => {
    expect(await outcomeOf({ lacks: [tunnel('n1')], withholds: [felixOf('n1')] })).toBe('fail');
  });
  test.each([
    ['lacks', { lacks: [felixOf('n1')] }, 'a finding names felix:n1, and the rule declares no felix'],
    [
      'withholds',
      { withholds: [anyOf('profile', 'kns.')] },
      'a finding names profile:kns.*, and the rule declares no profile',
    ],
  ])('what it %s is not declared: the rule is errored and says so', async (_, found, why) => {
    expect(await outcomeOf(found)).toBe(why);
  });
});

test('what a rule misses is told by its name, not by its id', async () => {
  const rule = defineRule({
    id: 'r',
    description: '',
    step: 'routes',
    requires: ['routes@source', 'path-capture'],
    messages: { m: { title: '', detail: '' } },
    judge: () => fail(rawFinding({})),
  });
  const { outcome, missing } = await evaluateRule(rule, {
    ...gathering,
    fact: async () => unavailable('ssh-refused', 'n2: no route to host'),
  });
  expect(outcome).toEqual({
    outcome: 'inconclusive',
    why: "not checked: routes of the source's node, captures between the nodes: n2: no route to host",
  });
  expect(missing).toEqual(['routes@source', 'path-capture']);
});

const pod = (name: string, status: Pod['status'], deletionTimestamp?: string): Pod => ({
  metadata: { namespace: 'default', name, ...(deletionTimestamp ? { deletionTimestamp } : {}) },
  spec: { nodeName: 'n1', containers: [] },
  ...(status ? { status } : {}),
});
const judged = async (rule: Rule, target: Pod, client: Pod | null) => {
  const facts: Record<string, Fact<Pod>> = {
    pod: observed(target),
    'client-pod': client ? observed(client) : unavailable('not-applicable', 'no pod was asked for'),
  };
  const { outcome } = await evaluateRule(rule, { ...gathering, fact: async (key) => facts[key] as never });
  return outcome.outcome === 'fail'
    ? outcome.findings.map(({ subject, stopsFlow }) => `${subject.name}${stopsFlow ? ' stops' : ''}`)
    : outcome.outcome;
};

describe('a rule of the pod alone judges the asked client, too', () => {
  const container = { name: 'main', ready: true, restartCount: 0, state: { running: {} } };
  const running = { phase: 'Running', podIP: '10.0.0.1', containerStatuses: [container] };
  const waiting = {
    phase: 'Pending',
    containerStatuses: [{ ...container, ready: false, state: { waiting: { reason: 'ImagePullBackOff' } } }],
  };
  test('what keeps the client from running stops the flow', async () => {
    expect(await judged(imageNotPulled, pod('web', running), pod('job', waiting))).toEqual(['default/job stops']);
    expect(await judged(podNotRunning, pod('web', running), pod('job', waiting))).toEqual(['default/job stops']);
  });

  test('both are told where neither runs', async () => {
    expect(await judged(imageNotPulled, pod('web', waiting), pod('job', waiting))).toEqual([
      'default/web stops',
      'default/job stops',
    ]);
  });

  test('a client that is being deleted and still runs can send', async () => {
    const going = pod('job', running, '2026-01-31T03:00:00Z');
    expect(await judged(podTerminating, pod('web', running), going)).toEqual(['default/job']);
    expect(await judged(podTerminating, going, null)).toEqual(['default/job stops']);
  });

  test('where both run, or no pod was asked for, the pod decides', async () => {
    expect(await judged(podNotRunning, pod('web', running), pod('job', running))).toBe('pass');
    expect(await judged(podNotRunning, pod('web', running), null)).toBe('pass');
  });

  test.each<[string, Rule, string, string]>([
    ['a volume', volumeNotMounted, 'FailedMount', 'MountVolume.SetUp failed for volume "data" : not there'],
    [
      'the CNI plugin',
      cniPluginFailing,
      'FailedCreatePodSandBox',
      'Failed to create pod sandbox: plugin type="calico" failed (add): error getting ClusterInformation: Unauthorized',
    ],
  ])('its events tell of %s, where the target runs and has none', async (_what, rule, reason, message) => {
    const client = { ...pod('job', { phase: 'Pending' }), spec: { nodeName: 'n2' } } as Pod;
    const facts: Record<string, Fact<unknown>> = {
      pod: observed(pod('web', running)),
      'pod-events': unavailable('not-applicable', 'the pod does not wait for its network'),
      'client-pod': observed(client),
      'client-events': observed([{ reason, message, at: '2026-01-31T03:00:00Z', count: 2 }]),
    };
    const outcomeOf = async () =>
      (await evaluateRule(rule, { ...gathering, fact: async (key) => facts[key] as never })).outcome;
    const outcome = await outcomeOf();
    expect(
      outcome.outcome === 'fail' && outcome.findings.map(({ data, stopsFlow }) => [data['pod'], stopsFlow]),
    ).toEqual([['job', true]]);
    facts['client-events'] = unavailable('api-forbidden', 'forbidden');
    expect((await outcomeOf()).outcome).toBe('not-applicable');
  });
});
