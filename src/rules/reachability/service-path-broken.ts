import type { Fact } from '../../model/evidence.ts';
import type { FactValue } from '../../model/facts.ts';
import { isElsewhere, nameOf, noEndpointWords } from '../lib/no-endpoint-words.ts';
import type { Pod } from '../../model/kubernetes.ts';
import type { ReachAttempt } from '../../model/reachability.ts';
import { describeEnd } from '../../model/flow-end-words.ts';
import { runningPod, servicePath, servicePort, type Resource, type Withheld } from '../../model/resource.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type Advice, type RawFinding } from '../../model/rule.ts';
import type { Translation } from '../../model/service-translation.ts';
import {
  describeServicePort,
  endpointAt,
  numberAt,
  servedPort,
  serviceName,
  usableEndpoints,
  type ServicePort,
  type ServiceState,
} from '../../model/service.ts';

type Flaw = 'port' | 'endpoints' | 'target' | 'untranslated' | 'refused' | 'outdated';

const ownersAdvice: Advice = {
  who: 'the owner of the Service',
  commands: [
    'kubectl -n {namespace} get service {name} -o wide',
    'kubectl -n {namespace} get endpointslices -l kubernetes.io/service-name={name}',
    'kubectl -n {namespace} get pods -l {selector} -o wide --show-labels',
  ],
};

export const servicePathBroken = defineRule({
  id: 'service-path-broken',
  description:
    "The Service before pods that answer has no ready endpoint, a wrong port, or no translation on the sender's node.",
  step: 'reachability',
  requires: ['service'],
  considers: ['pod', 'flow', 'reachability', 'listeners', 'service-translation'],
  lacks: ['pod'],
  withholds: ['servicePort', 'servicePath'],
  advice: {
    who: 'the cluster administrator',
    commands: [
      'kubectl get pods -A -l k8s-app=kube-proxy -o wide   # does it run on {node}, and what does its log say?',
      'iptables-save -t nat | grep {address}; nft list table ip kube-proxy | grep {address}   # on {node}',
      'ipvsadm -Ln | grep -A 9 {address}   # instead, on a node with the interface kube-ipvs0',
      'calico-node -bpf nat dump | grep -A 9 {address}   # instead, in calico-node of a node with the eBPF dataplane',
    ],
  },
  messages: {
    port: {
      title: 'Service {service} has no port {port}',
      detail: 'It serves {served}. No node translates any other port of it.',
    },
    endpoints: {
      title: 'Service {service} has no ready endpoint for {port}',
      detail: '{why} kube-proxy {treats} connections to {address} until an endpoint is ready.',
    },
    target: {
      title: 'Service {service} leads to port {target} of its pods, which listen on {listening}',
      detail:
        'Its port {port} has targetPort {target}, where nothing in pod {pod} listens. The pod declares {listening}, ' +
        'and listens there.',
    },
    untranslated: {
      title: 'Node {node} does not translate Service {service} ({address}, {port})',
      detail: '{rules} The same flow to {member} works. {tried}',
    },
    refused: {
      title: 'Node {node} refuses Service {service}, although it has ready endpoints',
      detail: 'kube-proxy has programmed a refusal: {rule}. The same flow to {member} works. {tried}',
    },
    outdated: {
      title: 'Node {node} sends Service {service} to {extra}, which is not an endpoint of it',
      detail: 'Its EndpointSlices have {endpoints}. {behind} {beside}',
    },
  },
  judge({ service }, { pod, flow, reachability, listeners, 'service-translation': translation }, evidence) {
    const name = serviceName(service);
    if (service.type === 'ExternalName') return notApplicable(`Service ${name} is a name outside the cluster`);
    const port = servedPort(service);
    const node = flow.status === 'observed' ? flow.value.source.node : null;
    const data = {
      service: name,
      namespace: service.namespace,
      name: service.name,
      selector: service.selector ?? '',
      address: service.address ?? 'its pods',
      node: node ?? 'the node',
      port: port ? describeServicePort(port) : askedWords(service),
    };
    const found = (message: Flaw, more: Readonly<Record<string, string>>, links: Links = {}): RawFinding<Flaw> => ({
      message,
      data: { ...data, ...more },
      subject: { kind: 'Service', name },
      node: message === 'untranslated' || message === 'refused' || message === 'outdated' ? node : null,
      proof: 'read',
      evidence: [...evidence('service'), ...(links.evidence ?? [])],
      stopsFlow: true,
      onOtherPort: true,
      withholds: [servicePath(name)],
      ...links.own,
    });
    if (!port && service.address === null)
      return notApplicable('the Service is headless: no node translates its ports');
    if (!port)
      return fail(found('port', { served: service.ports.map(describeServicePort).join(', ') || 'none' }, owned));
    const usable = usableEndpoints(service, port, node);
    if (usable.length === 0) {
      // A pod without an address is in no slice.
      const waiting = pod.status === 'observed' && service.endpoints.length === 0 ? [nameOf(pod.value)] : [];
      const lacks = [...service.endpoints.flatMap((one) => one.pod ?? []), ...waiting].map(runningPod);
      return fail(
        found(
          'endpoints',
          { why: noEndpointWords(service, port, node, pod), treats: isElsewhere(service, port) ? 'drops' : 'refuses' },
          { own: { advice: ownersOf(service), lacks } },
        ),
      );
    }
    const own = attemptsOf(reachability, 'flow');
    if (own.length === 0 || flow.status === 'unavailable')
      return inconclusive('nothing was sent to a pod behind the Service');
    const { destination } = flow.value;
    const expected = usable.map((one) => endpointAt(one.address, numberAt(one, port) ?? 0)).toSorted();
    const extra = outdatedIn(translation, expected);
    const isByPrograms = translation.status === 'observed' && 'byPrograms' in translation.value;
    const outdated = (beside: string, own: Links['own'] = {}) =>
      found(
        'outdated',
        {
          extra: extra.join(', '),
          endpoints: expected.join(', '),
          behind: isByPrograms ? programsBehind : proxyBehind,
          beside,
        },
        { evidence: evidence('service-translation'), own },
      );
    if (!own.every(({ answer }) => answer === 'reply')) {
      const wrong = wrongTarget(service, port, destination.address, pod, listeners);
      if (!wrong && extra.length > 0 && own.some(isFailed))
        return fail(
          outdated(`The flow to ${describeEnd(destination)} at its own address fails, too.`, {
            stopsFlow: false,
            withholds: [],
          }),
        );
      if (!wrong) return notApplicable('the flow to a pod behind the Service fails as well');
      const withholds = [servicePath(name), servicePort(wrong.pod)];
      return fail(found('target', { ...wrong }, { own: { ...owned.own, onOtherPort: false, withholds } }));
    }
    if (service.address === null) return pass('it is headless: its pods are reached at their own addresses');
    const tried = attemptsOf(reachability, 'service');
    const works = tried.length > 0 && tried.every(({ answer }) => answer === 'reply');
    // While pods come and go, rules that were read a moment later than the slices differ from them.
    if (works) return pass(triedWords(tried));
    if (translation.status === 'unavailable') return inconclusive(translation.reason);
    const more = { member: describeEnd(destination), tried: triedWords(tried) };
    const seen = { evidence: evidence('service-translation') };
    if (extra.length > 0) return fail(outdated(`The same flow to ${more.member} works. ${more.tried}`));
    if (tried.length === 0) return inconclusive('nothing was sent to the address of the Service');
    if (translation.value.kind === 'endpoints')
      return inconclusive(
        `${node} translates it as its EndpointSlices say, and not every connection is answered ` +
          `(run ${isByPrograms ? programsDump : `conntrack -L -d ${service.address}`} there)`,
      );
    if (translation.value.kind === 'refused')
      return fail(found('refused', { ...more, rule: translation.value.rule }, seen));
    const rules = translation.value.kind === 'none' ? (translation.value.why ?? unnamed) : noProxy;
    return fail(found('untranslated', { ...more, rules }, seen));
  },
});

const unnamed = "kube-proxy's rules on the node do not name it.";
const proxyBehind = 'kube-proxy on the node is behind.';
const programsBehind = "Calico's eBPF programs on the node are behind.";
const programsDump = 'calico-node -bpf conntrack dump in calico-node';
const noProxy = 'There are no rules of kube-proxy on the node.';

interface Links {
  readonly evidence?: RawFinding<Flaw>['evidence'];
  readonly own?: Partial<RawFinding<Flaw>> & {
    readonly lacks?: readonly Resource[];
    readonly withholds?: readonly Withheld[];
  };
}

const owned: Links = { own: { advice: ownersAdvice } };

/** A service may leave a datagram without an answer, and a try that failed itself tells nothing. */
function isFailed({ answer, port }: ReachAttempt): boolean {
  if (answer === 'none') return port.protocol !== 'udp';
  return answer === 'refused' || answer === 'unreachable';
}

/** Where the rules of the node lead the Service, and its EndpointSlices do not. */
function outdatedIn(translation: Fact<Translation>, expected: readonly string[]): readonly string[] {
  return translation.status === 'observed' && translation.value.kind === 'endpoints'
    ? translation.value.endpoints.filter((one) => !expected.includes(one))
    : [];
}

/** Without a selector there are no labels to list pods by. */
function ownersOf({ selector }: ServiceState): Advice {
  return selector === null ? { ...ownersAdvice, commands: ownersAdvice.commands.slice(0, 2) } : ownersAdvice;
}

function askedWords({ askedPort }: ServiceState): string {
  return askedPort === null ? 'at all' : askedPort.protocol === 'icmp' ? 'for ping' : describeServicePort(askedPort);
}

function attemptsOf(
  reachability: Fact<FactValue<'reachability'>>,
  what: ReachAttempt['what'],
): readonly ReachAttempt[] {
  return reachability.status === 'unavailable'
    ? []
    : reachability.value.attempts.filter((attempt) => attempt.what === what && attempt.answer !== 'error');
}

function triedWords(tried: readonly ReachAttempt[]): string {
  return tried
    .map(({ to, sent, answered, from }) => `${answered} of ${sent} tries of ${to} from ${from} were answered.`)
    .join(' ');
}

/** The pod declares other ports than the Service's, and listens on one of them: it is not the pod that is wrong. */
function wrongTarget(
  service: ServiceState,
  port: ServicePort,
  address: string,
  pod: Fact<Pod>,
  listeners: Fact<FactValue<'listeners'>>,
): { readonly target: string; readonly listening: string; readonly pod: string } | null {
  const endpoint = service.endpoints.find((one) => one.address === address);
  const number = endpoint && numberAt(endpoint, port);
  if (!number || port.protocol !== 'tcp' || pod.status === 'unavailable' || listeners.status === 'unavailable')
    return null;
  const listening = new Set(listeners.value.filter(({ device }) => device !== 'lo').map((one) => one.port));
  const declared = pod.value.spec.containers
    .flatMap(({ ports = [] }) => ports)
    .filter(({ protocol = 'TCP' }) => protocol === 'TCP')
    .map(({ containerPort }) => containerPort);
  const served = declared.filter((one) => listening.has(one));
  if (listening.has(number) || declared.includes(number) || served.length === 0) return null;
  return {
    target: String(number),
    listening: served.map((one) => `${one}/tcp`).join(', '),
    pod: nameOf(pod.value),
  };
}
