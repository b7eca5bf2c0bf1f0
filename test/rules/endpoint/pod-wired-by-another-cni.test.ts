import type { Passage } from '../../../src/model/passage.ts';
import { podWiredByAnotherCni as rule } from '../../../src/rules/endpoint/pod-wired-by-another-cni.ts';
import { blind, captured, changed, valueOf, type Facts } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const pod = valueOf(facts, 'pod');
const usual = valueOf(facts, 'flow').destination.interface ?? '';
/** On a bridge of another plugin. */
const foreign: Facts = changed(facts, {
  pod: { ...pod, status: { ...pod.status, podIP: '198.51.100.7', podIPs: [{ ip: '198.51.100.7' }] } },
  'links@target': valueOf(facts, 'links@target').filter(({ name }) => name !== usual),
});
const named = changed(foreign, {
  'links@target': valueOf(facts, 'links@target').map((link) =>
    link.name === usual ? { ...link, name: 'veth1234', hostRoutes: ['198.51.100.7'] } : link,
  ),
});
const seen: Passage = {
  marks: [
    {
      direction: 'request',
      point: 'target-pod',
      node: 'n1',
      interface: 'veth1234',
      state: 'seen',
      why: null,
      outer: null,
      silent: [],
    },
  ],
  between: [],
  stop: null,
};
const found = 'wired Pod default/mypod @n1 read stops';

testRule(rule, {
  lab: { none: 'the lab has no other CNI plugin; a pod of its own making would be wired as this lab wires pods' },
  rows: [
    [
      'fails: an address of no pool, and no interface of Calico',
      () => foreign,
      [{ finding: found, data: { address: '198.51.100.7', usual, real: '' }, withholds: ['endpoint:default/mypod'] }],
    ],
    [
      'fails, and names the interface that the pod has',
      () => named,
      [{ finding: found, data: { real: '; the pod has veth1234' } }],
    ],
    [
      'does not stop the flow where packets came to the pod',
      () => changed(named, { passage: seen }),
      ['wired Pod default/mypod @n1 read'],
    ],
    ['passes: a pool holds the address', () => facts, 'pass'],
    [
      'passes: a pool that is disabled counts',
      () =>
        changed(facts, {
          pools: valueOf(facts, 'pools').map((pool) => ({ ...pool, spec: { ...pool.spec, disabled: true } })),
        }),
      'pass',
    ],
    ['does not apply: there is no pool', () => changed(foreign, { pools: [] }), 'not-applicable'],
    [
      "does not apply: the interface is Calico's, and the pool is gone",
      () => changed(foreign, { 'links@target': valueOf(facts, 'links@target') }),
      'not-applicable',
    ],
    ['does not apply: Calico may only carry out policies here', () => changed(foreign, { pods: [] }), 'not-applicable'],
    [
      'does not apply on the host network',
      () => changed(foreign, { pod: { ...valueOf(foreign, 'pod'), spec: { ...pod.spec, hostNetwork: true } } }),
      'not-applicable',
    ],
    [
      'does not apply: the pod has no address yet',
      () => changed(foreign, { pod: { ...pod, status: {} } }),
      'not-applicable',
    ],
    [
      'inconclusive: the interfaces that were read are of another node',
      () => changed(foreign, { pod: { ...valueOf(foreign, 'pod'), spec: { ...pod.spec, nodeName: 'n2' } } }),
      'inconclusive',
    ],
    ['inconclusive: the pools are not known', () => blind(foreign, ['pools']), 'inconclusive'],
  ],
});
