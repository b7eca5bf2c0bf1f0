import { observed } from '../../../src/model/evidence.ts';
import type { Controller } from '../../../src/model/control-plane.ts';
import { controllerNamespacesDisabled as rule } from '../../../src/rules/controller/controller-namespaces-disabled.ts';
import { blind, captured, changed, valueOf, type Facts } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const having = (of: Partial<Controller>, given: Facts = facts): Facts =>
  changed(given, { controller: { ...valueOf(given, 'controller'), ...of } });
const enabling = (...names: readonly string[]) => having({ enabledControllers: names });
const configured = (...names: readonly string[]): Facts => ({
  ...having({ enabledControllers: null }),
  'controllers-configuration': observed(names),
});
const found = 'disabled Controller kube-system/calico-kube-controllers @- read';

testRule(rule, {
  lab: 'controller-limited',
  rows: [
    [
      'fails: its environment leaves it out',
      () => enabling('policy', 'serviceaccount', 'node'),
      [
        {
          finding: found,
          data: { enabled: 'policy, serviceaccount, node', wanted: 'policy,serviceaccount,node,namespace' },
          withholds: ['profile:kns.*', 'profile:k8s_ns.*'],
        },
      ],
    ],
    [
      'fails: the configuration leaves out both kinds of profiles',
      () => configured('node'),
      [
        {
          finding: found,
          data: { where: 'KubeControllersConfiguration default' },
          withholds: ['profile:kns.*', 'profile:k8s_ns.*', 'profile:ksa.*'],
        },
      ],
    ],
    ['fails: it enables none', () => configured(), [{ finding: found, data: { enabled: 'none' } }]],
    ['passes: the environment enables it', () => enabling('namespace'), 'pass'],
    ['passes: by its older name', () => enabling('policy', 'profile'), 'pass'],
    [
      'passes: the environment wins',
      () => ({ ...enabling('namespace'), 'controllers-configuration': observed(['node']) }),
      'pass',
    ],
    ['passes: the environment says it, and no datastore', () => blind(enabling('namespace'), ['datastore']), 'pass'],
    ['inconclusive: the datastore could not be read', () => blind(enabling('node'), ['datastore']), 'inconclusive'],
    ['passes: the configuration enables it', () => configured('namespace', 'node'), 'pass'],
    ['passes: the policy controller has no choice', () => having({ name: 'calico-policy-controller' }), 'pass'],
    [
      'does not apply: no profile is missing, and the configuration was not read',
      () => blind(having({ enabledControllers: null }), ['controllers-configuration'], 'not-applicable'),
      'not-applicable',
    ],
    [
      'inconclusive: the configuration could not be read',
      () => blind(having({ enabledControllers: null }), ['controllers-configuration'], 'timeout'),
      'inconclusive',
    ],
    [
      'inconclusive: the kind of datastore is not known',
      () => changed(enabling('node'), { datastore: { ...valueOf(facts, 'datastore'), kind: null } }),
      'inconclusive',
    ],
    [
      'does not apply with the Kubernetes datastore',
      () => changed(enabling('node'), { datastore: { ...valueOf(facts, 'datastore'), kind: 'kubernetes' } }),
      'not-applicable',
    ],
    ['does not apply without a controller', () => having({ account: null }), 'not-applicable'],
    ['inconclusive: the controller is not known', () => blind(facts, ['controller'], 'api-forbidden'), 'inconclusive'],
  ],
});
