import { podOnHostNetwork as rule } from '../../../src/rules/target/pod-on-host-network.ts';
import { blind, captured, changed, valueOf } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const pod = valueOf(facts, 'pod');
const onHost = changed(facts, { pod: { ...pod, spec: { ...pod.spec, hostNetwork: true } } });

testRule(rule, {
  lab: { none: 'it states what the owner of the pod chose, and nothing is broken' },
  rows: [
    [
      'states that the pod uses the network of its node',
      () => onHost,
      [{ finding: 'states Pod default/mypod @n1 read', data: { node: 'n1' } }],
    ],
    [
      'states it of a pod that no node has yet',
      () => {
        const { nodeName: _none, ...spec } = valueOf(onHost, 'pod').spec;
        return changed(onHost, { pod: { ...pod, spec } });
      },
      [{ finding: 'states Pod default/mypod @- read', data: { node: 'its node' } }],
    ],
    ['passes: the pod has a network of its own', () => facts, 'pass'],
    ['inconclusive: the pod is not known', () => blind(facts, ['pod'], 'api-forbidden'), 'inconclusive'],
  ],
});
