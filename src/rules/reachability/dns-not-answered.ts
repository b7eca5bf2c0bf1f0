import type { ReachAttempt } from '../../model/reachability.ts';
import { servicePath } from '../../model/resource.ts';
import { defineRule, fail, inconclusive, notApplicable, pass } from '../../model/rule.ts';
import { serviceName } from '../../model/service.ts';

const dnsPort = 53;

export const dnsNotAnswered = defineRule({
  id: 'dns-not-answered',
  description: 'A DNS server answers at its own address, and not through the Service before it, or not by TCP.',
  step: 'reachability',
  requires: ['service', 'flow'],
  considers: ['reachability'],
  lacks: ['servicePath'],
  advice: {
    who: 'the cluster administrator',
    commands: [
      'kubectl -n {namespace} get endpointslices -l kubernetes.io/service-name={name}',
      'conntrack -L -p udp -d {address}   # on {node}: entries to addresses that no DNS pod has',
    ],
  },
  messages: {
    unanswered: {
      title: 'DNS questions of {source} to Service {service} get no answer',
      detail: 'The DNS server {server} answers the same question at its own address. {tried}',
    },
    overTcp: {
      title: 'Service {service} answers DNS questions of {source} by UDP alone',
      detail:
        'Answers that are too long for UDP are asked again by TCP. The DNS server {server} itself answers by TCP. ' +
        '{tried}',
    },
  },
  judge({ service, flow }, { reachability }, evidence) {
    const { service: served } = flow;
    if (!served || served.port.protocol !== 'udp' || served.port.number !== dnsPort)
      return notApplicable('the flow is not a DNS question to a Service');
    if (reachability.status === 'unavailable') return inconclusive(reachability.reason);
    const of = (what: ReachAttempt['what']) =>
      reachability.value.attempts.filter((attempt) => attempt.what === what && attempt.answer !== 'error');
    const [direct, asked, overTcp, podOverTcp] = [of('flow'), of('service'), of('dns-tcp'), of('dns-tcp-pod')];
    if (!answers(direct)) return notApplicable('the DNS server does not answer at its own address either');
    if (asked.length === 0) return inconclusive('nothing was asked of the Service');
    const found = {
      data: {
        service: served.name,
        namespace: service.namespace,
        name: service.name,
        address: served.address,
        node: flow.source.node ?? 'the node',
        source: asked[0]?.from ?? '',
        server: direct[0]?.to ?? '',
        tried: [...asked, ...overTcp, ...podOverTcp].map(triedWords).join(' '),
      },
      subject: { kind: 'Service' as const, name: serviceName(service) },
      node: flow.source.node,
      proof: 'read' as const,
      evidence: evidence('reachability'),
      onOtherPort: true,
      lacks: [servicePath(served.name)],
    };
    if (!answers(asked)) return fail({ ...found, message: 'unanswered', stopsFlow: true });
    const hasTcp = service.ports.some(({ protocol, number }) => protocol === 'tcp' && number === dnsPort);
    if (!hasTcp || !isSilent(overTcp)) return pass('the Service answers a DNS question');
    if (podOverTcp.length === 0)
      return inconclusive('the Service answers a DNS question by UDP alone, and the DNS server was not asked by TCP');
    return answers(podOverTcp)
      ? fail({ ...found, message: 'overTcp', stopsFlow: false })
      : pass('the Service answers a DNS question; by TCP the DNS server itself does not answer either');
  },
});

function answers(tried: readonly ReachAttempt[]): boolean {
  return tried.length > 0 && tried.every(({ answer }) => answer === 'reply');
}

function isSilent(tried: readonly ReachAttempt[]): boolean {
  return tried.length > 0 && tried.every(({ answered }) => answered === 0);
}

function triedWords({ to, port, sent, answered }: ReachAttempt): string {
  return `${answered} of ${sent} questions to ${to} by ${port.protocol} were answered.`;
}
