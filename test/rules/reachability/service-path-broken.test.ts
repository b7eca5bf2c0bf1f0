import type { ReachAttempt } from '../../../src/model/reachability.ts';
import type { ServiceEndpoint, ServiceState } from '../../../src/model/service.ts';
import type { Translation } from '../../../src/model/service-translation.ts';
import type { ListeningSocket } from '../../../src/model/network.ts';
import { servicePathBroken as rule } from '../../../src/rules/reachability/service-path-broken.ts';
import { tcp, tried } from '../../support/attempts.ts';
import { blind, captured, changed, valueOf, type Facts } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';
import { webService } from '../../support/web-service.ts';

const healthy = await captured('healthy-legacy');
const { destination } = valueOf(healthy, 'flow');
const endpoint: ServiceEndpoint = {
  address: destination.address,
  ready: 'yes',
  node: 'n1',
  pod: 'default/mypod',
  ports: [{ name: 'http', protocol: 'tcp', number: 8080 }],
};
const web: ServiceState = { ...webService, endpoints: [endpoint] };
const inSync: Translation = { kind: 'endpoints', endpoints: [`${destination.address}:8080`], rule: '-A KUBE-SERVICES' };
const socket = (port: number): ListeningSocket => ({ address: '*', device: null, port, queued: 0, backlog: 511 });
const direct = tried('flow', 8080, 'reply');
const [answered, silent] = [tried('service', 80, 'reply'), tried('service', 80, 'none')];
const declaring = (ports: readonly number[]) => {
  const pod = valueOf(healthy, 'pod');
  const containers = [{ name: 'main', ports: ports.map((containerPort) => ({ containerPort })) }];
  return { ...pod, spec: { ...pod.spec, containers } };
};

const having = (
  service: Partial<ServiceState>,
  attempts: readonly ReachAttempt[],
  translation: Translation | null = inSync,
  listeners: readonly ListeningSocket[] = [socket(8080)],
): Facts => {
  const facts = changed(healthy, {
    service: { ...web, ...service },
    flow: { ...valueOf(healthy, 'flow'), port: tcp(8080) },
    reachability: { attempts },
    listeners,
    pod: declaring([8080]),
    ...(translation ? { 'service-translation': translation } : {}),
  });
  return translation ? facts : blind(facts, ['service-translation'], 'not-supported');
};
const found = (message: string, node = '-') => `${message} Service default/web @${node} read stops`;
const notReady = { ...endpoint, ready: 'no' } as const;

const probeFails =
  'Kubernetes says of default/mypod: ContainersNotReady: [main]. Its events say what its readiness probes got.';

testRule(rule, {
  lab: 'service-outdated',
  rows: [
    ['passes: the Service answers', () => having({}, [direct, answered]), 'pass'],
    ['passes: it answers, whatever translates it', () => having({}, [direct, answered], null), 'pass'],
    [
      'passes: it answers without rules of kube-proxy',
      () => having({}, [direct, answered], { kind: 'no-proxy' }),
      'pass',
    ],
    [
      'passes: a rule refuses another sender',
      () => having({}, [direct, answered], { kind: 'refused', rule: '-j REJECT' }),
      'pass',
    ],
    [
      'passes: it answers, and its endpoints have just changed',
      () => having({}, [direct, answered], { ...inSync, endpoints: ['192.0.2.60:8080'] }),
      'pass',
    ],
    ['passes: headless', () => having({ address: null }, [direct]), 'pass'],
    [
      'fails: the asked port is not one of its ports',
      () => having({ askedPort: tcp(81) }, [direct]),
      [{ finding: found('port'), data: { port: '81/tcp', served: '80/tcp' } }],
    ],
    [
      'fails: it has no port',
      () => having({ ports: [] }, [direct]),
      [{ finding: found('port'), data: { served: 'none' } }],
    ],
    [
      'fails: no pod has its labels',
      () => blind(having({ endpoints: [] }, []), ['pod', 'flow'], 'not-applicable'),
      [{ finding: found('endpoints'), data: { why: 'No pod has the labels app=web.' }, lacks: [] }],
    ],
    [
      'fails: its EndpointSlices are behind',
      () => having({ endpoints: [] }, [direct, silent]),
      [
        {
          finding: found('endpoints'),
          data: {
            why: 'Its EndpointSlices are empty, although pod default/mypod has the labels app=web: kube-controller-manager is behind.',
          },
        },
      ],
    ],
    ...(
      [
        ['waits', { phase: 'Pending' }, {}, 'Pending and has no address'],
        ['has ended', { phase: 'Failed', podIP: '10.244.1.5' }, {}, 'Failed'],
        [
          'goes',
          { phase: 'Running', podIP: '10.244.1.5' },
          { deletionTimestamp: '2026-11-23T18:00:00Z' },
          'being deleted',
        ],
      ] as const
    ).map(([what, status, more, state]): RuleRow => [
      `fails: its only pod ${what}, so no slice has it`,
      () => {
        const facts = having({ endpoints: [] }, []);
        const { metadata, spec } = valueOf(facts, 'pod');
        return changed(facts, { pod: { spec, metadata: { ...metadata, ...more }, status } });
      },
      [
        {
          finding: found('endpoints'),
          data: {
            why: `Its EndpointSlices are empty: pod default/mypod, which has the labels app=web, is ${state}.`,
          },
          lacks: ['pod:default/mypod'],
        },
      ],
    ]),
    [
      'fails: nobody knows which pods it has',
      () => blind(having({ endpoints: [] }, []), ['pod', 'flow'], 'api-forbidden'),
      [{ finding: found('endpoints'), data: { why: 'Its EndpointSlices are empty.' }, lacks: [] }],
    ],
    [
      'fails: it selects nothing, and has no endpoints of its own making',
      () => blind(having({ endpoints: [], selector: null }, []), ['pod', 'flow'], 'not-applicable'),
      [
        {
          finding: found('endpoints'),
          data: { why: 'It has no selector, and nobody made EndpointSlices for it.' },
        },
      ],
    ],
    [
      'fails: no endpoint is ready',
      () => having({ endpoints: [notReady] }, [direct, silent]),
      [
        {
          finding: found('endpoints'),
          data: { why: '1 of 1 are not ready: default/mypod.' },
          lacks: ['pod:default/mypod'],
        },
      ],
    ],
    [
      'fails: no endpoint is ready, as a readiness probe fails',
      () => {
        const conditions = [{ type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: '[main]' }];
        const unready = having({ endpoints: [notReady] }, [direct, silent]);
        return changed(unready, { pod: { ...declaring([8080]), status: { phase: 'Running', conditions } } });
      },
      [{ finding: found('endpoints'), data: { why: `1 of 1 are not ready: default/mypod. ${probeFails}` } }],
    ],
    [
      'fails: no endpoint has the target port',
      () => having({ endpoints: [{ ...endpoint, ports: [] }] }, [direct, silent]),
      [
        {
          finding: found('endpoints'),
          data: { why: 'No pod of it has a port for its targetPort 8080.', treats: 'refuses' },
        },
      ],
    ],
    [
      "fails: its traffic is local, and no endpoint is on the sender's node",
      () => having({ onlyLocal: true }, [direct, silent]),
      [
        {
          finding: found('endpoints'),
          data: { why: 'Its internalTrafficPolicy is Local, and no ready pod of it is on n2.', treats: 'drops' },
        },
      ],
    ],
    [
      'fails: the target port is none that the pod declares',
      () =>
        having({ endpoints: [{ ...endpoint, ports: [{ name: 'http', protocol: 'tcp', number: 8081 }] }] }, [
          tried('flow', 8081, 'refused'),
        ]),
      [
        {
          finding: found('target'),
          data: { target: '8081', listening: '8080/tcp' },
          withholds: ['servicePath:default/web', 'servicePort:default/mypod'],
        },
      ],
    ],
    [
      'does not apply: the pod does not listen on its own port',
      () => having({}, [tried('flow', 8080, 'refused')], inSync, []),
      'not-applicable',
    ],
    [
      'does not apply: the flow to the pod fails',
      () => having({}, [tried('flow', 8080, 'none'), silent]),
      'not-applicable',
    ],
    ['does not apply to a name outside', () => having({ type: 'ExternalName' }, []), 'not-applicable'],
    [
      "fails: kube-proxy's rules do not name it",
      () => having({}, [direct, silent], { kind: 'none' }),
      [{ finding: found('untranslated', 'n2'), data: { rules: "kube-proxy's rules on the node do not name it." } }],
    ],
    [
      'fails: IPVS lacks it',
      () => having({}, [direct, silent], { kind: 'none', why: 'kube-proxy uses IPVS.' }),
      [{ finding: found('untranslated', 'n2'), data: { rules: 'kube-proxy uses IPVS.' } }],
    ],
    [
      'fails: no rules of kube-proxy',
      () => having({}, [direct, silent], { kind: 'no-proxy' }),
      [{ finding: found('untranslated', 'n2'), data: { rules: 'There are no rules of kube-proxy on the node.' } }],
    ],
    [
      'fails: a rule refuses it',
      () => having({}, [direct, tried('service', 80, 'refused')], { kind: 'refused', rule: '-j REJECT' }),
      [found('refused', 'n2')],
    ],
    [
      'fails: it leads to an address that is no endpoint',
      () => having({}, [direct, silent], { ...inSync, endpoints: [`${destination.address}:8080`, '192.0.2.60:8080'] }),
      [{ finding: found('outdated', 'n2'), data: { extra: '192.0.2.60:8080' } }],
    ],
    [
      "fails: Calico's eBPF programs lead it to an address that is no endpoint",
      () => having({}, [direct, silent], { ...inSync, endpoints: ['192.0.2.60:8080'], byPrograms: true }),
      [
        {
          finding: found('outdated', 'n2'),
          data: { extra: '192.0.2.60:8080', behind: "Calico's eBPF programs on the node are behind." },
        },
      ],
    ],
    [
      "inconclusive: Calico's eBPF programs translate it, and it does not answer",
      () => having({}, [direct, silent], { ...inSync, byPrograms: true }),
      'inconclusive',
    ],
    [
      'tells that it leads to an address that is no endpoint, where the pod itself fails, too',
      () => having({}, [{ ...direct, answer: 'none', answered: 0 }], { ...inSync, endpoints: ['192.0.2.60:8080'] }),
      [
        {
          finding: 'outdated Service default/web @n2 read',
          data: { beside: 'The flow to default/mypod at its own address fails, too.' },
          withholds: [],
        },
      ],
    ],
    [
      'tells nothing of that where a datagram got no answer: the pod itself may work',
      () => {
        const silentDatagram = {
          ...direct,
          answer: 'none' as const,
          answered: 0,
          port: { protocol: 'udp' as const, number: 8080 },
        };
        return having({}, [silentDatagram], { ...inSync, endpoints: ['192.0.2.60:8080'] });
      },
      'not-applicable',
    ],
    ['inconclusive: it is translated, and does not answer', () => having({}, [direct, silent]), 'inconclusive'],
    ['inconclusive: nothing was sent to it', () => having({}, [direct]), 'inconclusive'],
    [
      'inconclusive: nothing was sent to it, nor is it translated',
      () => having({}, [direct], { kind: 'none' }),
      'inconclusive',
    ],
    ['inconclusive: what translates it was not read', () => having({}, [direct, silent], null), 'inconclusive'],
    ['inconclusive: nothing was sent', () => blind(having({}, []), ['reachability']), 'inconclusive'],
    ['inconclusive: the flow is not known', () => blind(having({}, []), ['flow']), 'inconclusive'],
    ['inconclusive: the Service was not read', () => blind(healthy, ['service']), 'inconclusive'],
    ['does not apply to a pod', () => healthy, 'not-applicable'],
    [
      'what listens is not known: the pod may be wrong',
      () => blind(having({}, [tried('flow', 8080, 'refused')]), ['listeners', 'pod']),
      'not-applicable',
    ],
  ],
});
