import type { WorkloadEndpoint } from '../../../src/model/calico.ts';
import { workloadEndpointMismatch as rule } from '../../../src/rules/endpoint/workload-endpoint-mismatch.ts';
import { blind, captured, changed, valueOf, type Facts } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const { destination, source } = valueOf(facts, 'flow');
const differing = (of: Partial<WorkloadEndpoint['spec']>, key: 'endpoint' | 'source-endpoint' = 'endpoint'): Facts => {
  const endpoint = valueOf(facts, key);
  if (!endpoint) throw new Error('no endpoint');
  return changed(facts, { [key]: { ...endpoint, spec: { ...endpoint.spec, ...of } } });
};
const otherAddress = differing({ ipNetworks: ['10.244.9.9/32'] });

testRule(rule, {
  lab: 'workload-endpoint-mismatch',
  rows: [
    [
      'fails: another node',
      () => differing({ node: 'N1.example.com' }),
      [
        {
          finding: 'node Pod default/mypod @n1 read stops',
          data: {
            has: 'N1.example.com',
            wanted: 'n1',
            twinEndpoint:
              ` The endpoint of pod default/client agrees with its pod: node n2, ${source.address}/32, ` +
              `${source.interface ?? ''}.`,
          },
          lacks: ['nodeName:n1'],
          withholds: ['endpoint:default/mypod'],
        },
      ],
    ],
    [
      'fails: another address',
      () => otherAddress,
      [
        {
          finding: 'address Pod default/mypod @n1 read stops',
          data: { has: '10.244.9.9', wanted: destination.address },
          lacks: [],
        },
      ],
    ],
    ['fails: no address at all', () => differing({ ipNetworks: [] }), ['address Pod default/mypod @n1 read stops']],
    [
      'fails: an interface that is not there, where the pod has its usual one',
      () => differing({ interfaceName: 'cali00000000000' }),
      [
        {
          finding: 'interface Pod default/mypod @n1 read stops',
          data: { has: 'cali00000000000', wanted: destination.interface ?? '' },
        },
      ],
    ],
    [
      'fails for the source',
      () => differing({ ipNetworks: ['10.244.9.9/32'] }, 'source-endpoint'),
      [{ finding: 'address Pod default/client @n2 read stops', data: { wanted: source.address } }],
    ],
    [
      'fails for the interface of the source',
      () => differing({ interfaceName: 'cali00000000000' }, 'source-endpoint'),
      ['interface Pod default/client @n2 read stops'],
    ],
    [
      'does not stop the flow where Felix is gone, and its rules stand (1)',
      () => changed(otherAddress, { 'felix@target': { processes: [], liveness: null, readiness: null } }),
      ['address Pod default/mypod @n1 read'],
    ],
    [
      'does not stop the flow where Felix is gone, and its rules stand (2)',
      () => blind(differing({ node: 'other' }, 'source-endpoint'), ['felix@source']),
      ['node Pod default/client @n2 read'],
    ],
    [
      'passes: which interfaces there are is not known, and nothing else differs',
      () => blind(differing({ interfaceName: 'cali00000000000' }), ['links@target']),
      'pass',
    ],
    [
      'passes: the pod has no interface, which is another fault',
      () =>
        changed(differing({ interfaceName: 'cali00000000000' }), {
          'links@target': valueOf(facts, 'links@target').filter(({ name }) => !name.startsWith('cali')),
        }),
      'pass',
    ],
    [
      'passes: an interface of another name that is there',
      () =>
        changed(differing({ interfaceName: 'eni1' }), {
          'links@target': valueOf(facts, 'links@target').map((link) =>
            link.name === destination.interface ? { ...link, name: 'eni1' } : link,
          ),
        }),
      'pass',
    ],
    [
      'passes: the usual name, where Felix is told another prefix',
      () =>
        changed(facts, {
          'links@target': valueOf(facts, 'links@target').map((link) =>
            link.name === destination.interface ? { ...link, name: 'eni1', hostRoutes: [destination.address] } : link,
          ),
        }),
      'pass',
    ],
    ['passes: nothing differs', () => facts, 'pass'],
    ['does not apply without an endpoint', () => changed(facts, { endpoint: null }), 'not-applicable'],
    [
      'does not apply with the Kubernetes datastore',
      () =>
        changed(otherAddress, {
          'datastore-kind': { kind: 'kubernetes', api: 'crd.projectcalico.org/v1', interfacePrefix: 'cali' },
        }),
      'not-applicable',
    ],
    ['does not apply on the host network', () => blind(facts, ['endpoint'], 'not-applicable'), 'not-applicable'],
    [
      'inconclusive: the datastore is silent',
      () => blind(facts, ['endpoint'], 'datastore-unreachable'),
      'inconclusive',
    ],
  ],
});
