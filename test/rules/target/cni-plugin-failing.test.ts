import { cniPluginFailing as rule } from '../../../src/rules/target/cni-plugin-failing.ts';
import { observed } from '../../../src/model/evidence.ts';
import { blind, captured, changed, valueOf, type Facts } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const pending = changed(facts, { pod: { ...valueOf(facts, 'pod'), status: { phase: 'Pending' } } });
const at = '2026-11-23T18:00:00Z';
const telling = (message: string, count = 3, reason = 'FailedCreatePodSandBox'): Facts => ({
  ...pending,
  'pod-events': observed([{ reason, message, at, count }]),
});
const failing = (error: string, count = 3): Facts =>
  telling(
    `Failed to create pod sandbox: failed to setup network for sandbox "1": plugin type="calico" failed (add): ${error}`,
    count,
  );

const row = (title: string, given: Facts, message: string, lacks: readonly string[] = []): RuleRow => [
  title,
  () => given,
  [{ finding: `${message} Node n1 @n1 read stops`, lacks, withholds: ['cni:n1'] }],
];

testRule(rule, {
  lab: 'cni-unauthorized',
  rows: [
    [
      'fails: the token is not accepted',
      () => failing('error getting ClusterInformation: connection is unauthorized: Unauthorized'),
      [
        {
          finding: 'unauthorized Node n1 @n1 read stops',
          data: {
            namespace: 'default',
            pod: 'mypod',
            node: 'n1',
            said: 'error getting ClusterInformation: connection is unauthorized: Unauthorized',
            last: at,
            times: '3 times',
            plugin: ' calico',
          },
        },
      ],
    ],
    row('fails: rights', failing('pods "mypod" is forbidden'), 'forbidden'),
    row('fails: TLS', failing('x509: certificate signed by unknown authority'), 'certificate'),
    row('fails: no answer', failing('dial tcp 10.96.0.1:443: i/o timeout'), 'unreachable', ['datastore/cni:n1']),
    row('fails: locked', failing('Calico is currently not ready to process requests'), 'locked', ['datastore/cni:n1']),
    row('fails: no calico-node', failing('stat /var/lib/calico/nodename: no such file or directory'), 'no-node', [
      'felix:n1',
      'datastore/cni:n1',
    ]),
    row('fails: no address', failing('No IPs available in pools: [10.0.0.0/29]'), 'no-address', [
      'poolAddress:default/mypod',
    ]),
    row(
      'fails: an old route',
      failing("route (Ifindex: 4, Dst: 10.0.0.1/32) already exists for an interface other than 'cali1'"),
      'address-taken',
    ),
    row(
      'fails: no plugin',
      telling('network is not ready: cni plugin not initialized', 1, 'NetworkNotReady'),
      'not-installed',
    ),
    row('fails: something else', failing('signal: killed', 1), 'other'),
    [
      'does not apply where the kubelet went on',
      () => ({
        ...pending,
        'pod-events': observed([
          {
            reason: 'FailedCreatePodSandBox',
            message: 'plugin type="calico" failed (add): Unauthorized',
            at,
            count: 1,
          },
          { reason: 'Pulled', message: 'Container image "x" already present', at, count: 1 },
        ]),
      }),
      'not-applicable',
    ],
    [
      'does not apply where the kubelet says nothing',
      () => ({ ...pending, 'pod-events': observed([]) }),
      'not-applicable',
    ],
    ['does not apply to a pod that runs', () => facts, 'not-applicable'],
    ['inconclusive: the events may not be read', () => blind(pending, ['pod-events'], 'api-forbidden'), 'inconclusive'],
    ['inconclusive: the pod is not known', () => blind(failing('x'), ['pod'], 'api-forbidden'), 'inconclusive'],
  ],
});
