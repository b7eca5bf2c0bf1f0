import { observed } from '../../../src/model/evidence.ts';
import type { PodEvent } from '../../../src/model/kubernetes.ts';
import { volumeNotMounted as rule } from '../../../src/rules/target/volume-not-mounted.ts';
import { blind, captured, changed, valueOf, type Facts } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const pending = changed(facts, { pod: { ...valueOf(facts, 'pod'), status: { phase: 'Pending' } } });
const event = (message: string, { reason = 'FailedMount', count = 3 } = {}): PodEvent => ({
  reason,
  message,
  at: '2026-11-23T18:00:00Z',
  count,
});
const telling = (...events: readonly PodEvent[]): Facts => ({ ...pending, 'pod-events': observed(events) });
const stops = 'waits Pod default/mypod @n1 read stops';
const missing = event('MountVolume.SetUp failed for volume "config" : configmap "web" not found');
const timedOut = event(
  'Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[data kube-api-access-dmb2q]: ' +
    'timed out waiting for the condition',
  { count: 1 },
);

testRule(rule, {
  lab: 'volume-not-mounted',
  rows: [
    [
      'fails: a ConfigMap is not there',
      () => telling(missing),
      [
        {
          finding: stops,
          data: {
            namespace: 'default',
            pod: 'mypod',
            node: 'n1',
            volume: 'volume config',
            said: 'MountVolume.SetUp failed for volume "config" : configmap "web" not found',
            last: '2026-11-23T18:00:00Z',
            times: '3 times',
          },
          withholds: ['podStart:default/mypod', 'pod:default/mypod'],
        },
      ],
    ],
    [
      'fails: a disk is not attached, of which the kubelet tells only that it waited',
      () => telling(timedOut),
      [
        {
          finding: stops,
          data: {
            namespace: 'default',
            pod: 'mypod',
            node: 'n1',
            volume: 'volume data',
            said: timedOut.message,
            last: '2026-11-23T18:00:00Z',
            times: 'once',
          },
        },
      ],
    ],
    [
      'fails: what says why is told, also where the kubelet then waited',
      () => telling(missing, timedOut),
      [
        {
          finding: stops,
          data: {
            namespace: 'default',
            pod: 'mypod',
            node: 'n1',
            volume: 'volume config',
            said: missing.message,
            last: '2026-11-23T18:00:00Z',
            times: '3 times',
          },
        },
      ],
    ],
    ['fails: no volume is named', () => telling(event('MountVolume.MountDevice failed')), [stops]],
    [
      'fails: an earlier start had its volumes, and this one has not',
      () => telling(event('', { reason: 'Pulled' }), missing),
      [stops],
    ],
    [
      'does not apply where the kubelet went on',
      () =>
        telling(
          missing,
          event('plugin type="calico" failed (add): Unauthorized', { reason: 'FailedCreatePodSandBox' }),
        ),
      'not-applicable',
    ],
    [
      'does not apply to a pod that waits for its network alone',
      () => telling(event('network is not ready: cni plugin not initialized', { reason: 'NetworkNotReady' })),
      'not-applicable',
    ],
    ['does not apply where the kubelet says nothing', () => telling(), 'not-applicable'],
    ['does not apply to a pod that runs', () => facts, 'not-applicable'],
    ['inconclusive: the events may not be read', () => blind(pending, ['pod-events'], 'api-forbidden'), 'inconclusive'],
  ],
});
