import { podWithoutAddress as rule } from '../../../src/rules/target/pod-without-address.ts';
import { blind, captured, changed, valueOf } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const without = changed(facts, { pod: { ...valueOf(facts, 'pod'), status: { phase: 'Pending' } } });
const noAddress = 'noAddress Pod default/mypod @n1 read stops';

testRule(rule, {
  lab: 'cni-unauthorized',
  rows: [
    [
      'fails: scheduled, and without an address',
      () => without,
      [
        {
          finding: noAddress,
          lacks: ['felix:n1', 'datastore/cni:n1', 'poolAddress:default/mypod', 'cni:n1', 'pod:default/mypod'],
        },
      ],
    ],
    [
      'fails: a pod that has ended, which no part of Calico will give an address',
      () => changed(without, { pod: { ...valueOf(without, 'pod'), status: { phase: 'Failed' } } }),
      [{ finding: noAddress, lacks: ['pod:default/mypod'] }],
    ],
    [
      'fails: a container waits for its image, so that the pod had its network',
      () => {
        const state = { waiting: { reason: 'ImagePullBackOff' } };
        const status = {
          phase: 'Pending',
          containerStatuses: [{ name: 'main', ready: false, restartCount: 0, state }],
        };
        return changed(without, { pod: { ...valueOf(without, 'pod'), status } });
      },
      [{ finding: noAddress, lacks: ['pod:default/mypod'] }],
    ],
    ['passes: it has an address', () => facts, 'pass'],
    [
      'does not apply to a pod that is on no node yet',
      () => {
        const pod = valueOf(without, 'pod');
        const { nodeName: _, ...unscheduled } = pod.spec;
        return changed(facts, { pod: { ...pod, spec: unscheduled } });
      },
      'not-applicable',
    ],
    [
      'does not apply to a pod on the network of its node',
      () => {
        const pod = valueOf(without, 'pod');
        return changed(facts, { pod: { ...pod, spec: { ...pod.spec, hostNetwork: true } } });
      },
      'not-applicable',
    ],
    ['inconclusive: nobody could say', () => blind(facts, ['pod'], 'api-forbidden'), 'inconclusive'],
  ],
});
