import { observed } from '../../../src/model/evidence.ts';
import { workloadEndpointMissing as rule } from '../../../src/rules/endpoint/workload-endpoint-missing.ts';
import { blind, captured, changed, valueOf, type Facts } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const pod = valueOf(facts, 'pod');
const controlled = (pod: string, found: string | null, of: Facts): Facts => ({
  ...of,
  'endpoint-controls': observed([{ pod, found }]),
});
const missing = controlled('default/mypod', 'shop/db', changed(facts, { endpoint: null }));
const dead = { processes: [], liveness: null, readiness: null };

testRule(rule, {
  lab: 'workload-endpoint-missing',
  rows: [
    [
      'fails: the datastore has that of another pod of the node, and not this one',
      () => missing,
      [
        {
          finding: 'missing Pod default/mypod @n1 read stops',
          data: { control: 'shop/db' },
          lacks: ['nodeName:n1'],
          withholds: ['endpoint:default/mypod'],
        },
      ],
    ],
    [
      'fails for the source',
      () => controlled('default/client', 'shop/api', changed(facts, { 'source-endpoint': null })),
      [{ finding: 'missing Pod default/client @n2 read stops', withholds: ['endpoint:default/client'] }],
    ],
    [
      'does not stop the flow where Felix is gone, and its rules stand',
      () => changed(missing, { 'felix@target': dead }),
      ['missing Pod default/mypod @n1 read'],
    ],
    [
      'does not stop the flow where nobody knows of Felix',
      () =>
        blind(controlled('default/client', 'shop/api', changed(facts, { 'source-endpoint': null })), ['felix@source']),
      ['missing Pod default/client @n2 read'],
    ],
    [
      'inconclusive: the client finds no other endpoint either, so it may read another datastore',
      () => controlled('default/mypod', null, missing),
      'inconclusive',
    ],
    ['inconclusive: the client was not tried', () => blind(missing, ['endpoint-controls']), 'inconclusive'],
    ...(['Succeeded', 'Failed'] as const).map((phase): RuleRow => [
      `does not apply: the pod has ended (${phase})`,
      () => changed(missing, { pod: { ...pod, status: { ...pod.status, phase } } }),
      'not-applicable',
    ]),
    [
      'does not apply: the source is being deleted',
      () => {
        const pods = valueOf(facts, 'pods').map((one) =>
          one.metadata.name === 'client'
            ? { ...one, metadata: { ...one.metadata, deletionTimestamp: '2026-11-23T18:00:00Z' } }
            : one,
        );
        return controlled('default/client', 'shop/api', changed(facts, { 'source-endpoint': null, pods }));
      },
      'not-applicable',
    ],
    ['passes: both are there', () => facts, 'pass'],
    ['passes: the source is not a pod', () => blind(facts, ['source-endpoint'], 'not-applicable'), 'pass'],
    [
      'inconclusive: the datastore is silent',
      () => blind(facts, ['endpoint'], 'datastore-unreachable'),
      'inconclusive',
    ],
    ['does not apply on the host network', () => blind(facts, ['endpoint'], 'not-applicable'), 'not-applicable'],
    [
      'does not apply with the Kubernetes datastore',
      () =>
        changed(missing, {
          'datastore-kind': { kind: 'kubernetes', api: 'crd.projectcalico.org/v1', interfacePrefix: 'cali' },
        }),
      'not-applicable',
    ],
  ],
});
