import type { Flow } from '../../../src/model/flow.ts';
import type { ReachAttempt } from '../../../src/model/reachability.ts';
import type { ServiceState } from '../../../src/model/service.ts';
import { dnsNotAnswered as rule } from '../../../src/rules/reachability/dns-not-answered.ts';
import { flowWith, tcp, tried } from '../../support/attempts.ts';
import { blind, changed } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const dns: ServiceState = {
  namespace: 'kube-system',
  name: 'kube-dns',
  type: 'ClusterIP',
  address: '198.51.100.10',
  ports: [
    { name: 'dns', protocol: 'udp', number: 53, targetPort: '53' },
    { name: 'dns-tcp', protocol: 'tcp', number: 53, targetPort: '53' },
  ],
  askedPort: null,
  selector: 'k8s-app=kube-dns',
  onlyLocal: false,
  endpoints: [],
};
const udp = { protocol: 'udp', number: 53 } as const;
const question = (what: ReachAttempt['what'], answer: ReachAttempt['answer']): ReachAttempt => ({
  ...tried(what, 53, answer),
  port: what.startsWith('dns-tcp') ? tcp(53) : udp,
});
const [direct, asked, overTcp, podOverTcp] = (['flow', 'service', 'dns-tcp', 'dns-tcp-pod'] as const).map((what) =>
  question(what, 'reply'),
);
const silent = question('service', 'none');
const having = (attempts: readonly (ReachAttempt | undefined)[], flow: Partial<Flow> = {}, service = dns) =>
  changed(
    {},
    {
      service,
      flow: flowWith({
        port: udp,
        service: { name: 'kube-system/kube-dns', address: dns.address ?? '', port: udp },
        ...flow,
      }),
      reachability: { attempts: attempts.flatMap((one) => one ?? []) },
    },
  );
const found = (message: string, stops = '') => `${message} Service kube-system/kube-dns @n2 read${stops}`;

testRule(rule, {
  lab: { none: 'the lab runs no DNS server' },
  rows: [
    [
      'fails: the server answers, and the Service does not',
      () => having([direct, silent, question('dns-tcp', 'none')]),
      [{ finding: found('unanswered', ' stops'), lacks: ['servicePath:kube-system/kube-dns'] }],
    ],
    [
      'fails: not by TCP',
      () => having([direct, asked, question('dns-tcp', 'refused'), podOverTcp]),
      [found('overTcp')],
    ],
    [
      'passes: the server itself is silent by TCP, as where a policy admits UDP alone',
      () => having([direct, asked, question('dns-tcp', 'none'), question('dns-tcp-pod', 'none')]),
      'pass',
    ],
    [
      'inconclusive: nobody asked the server itself by TCP',
      () => having([direct, asked, question('dns-tcp', 'none')]),
      'inconclusive',
    ],
    [
      'passes: the Service answers some of the connects by TCP',
      () => having([direct, asked, { ...question('dns-tcp', 'none'), sent: 3, answered: 2 }, podOverTcp]),
      'pass',
    ],
    ['passes: both', () => having([direct, asked, overTcp]), 'pass'],
    [
      'passes: the Service has no TCP port',
      () => having([direct, asked, question('dns-tcp', 'none')], {}, { ...dns, ports: dns.ports.slice(0, 1) }),
      'pass',
    ],
    ['does not apply: the server itself is silent', () => having([question('flow', 'none'), silent]), 'not-applicable'],
    ['does not apply to another port', () => having([direct], { service: undefined as never }), 'not-applicable'],
    ['nothing was asked', () => having([direct]), 'inconclusive'],
    ['what was asked is not known', () => blind(having([]), ['reachability']), 'inconclusive'],
  ],
});
