/** The entry that a policy needs to admit one flow, as YAML of its `spec.ingress` or `spec.egress`. */
import { familyOf, hostNet } from '../../model/addresses.ts';
import type { ClusterPolicyKind } from '../../model/kubernetes.ts';
import type { WorkloadEndpoint } from '../../model/calico.ts';
import type { FlowEnd } from '../../model/flow.ts';
import type { FlowPort } from '../../model/target.ts';
import { own } from '../../model/own.ts';

export interface AdmittingQuestion {
  readonly direction: 'ingress' | 'egress';
  /** The API of the policy's kind; a kind for the whole cluster has its own form of rules. */
  readonly api: 'kubernetes' | 'calico' | 'calico-v1' | ClusterPolicyKind;
  /** Of the policy; null: it holds for every namespace. */
  readonly namespace: string | null;
  /** The other end of the flow, and the address with which the policy sees it. */
  readonly peer: FlowEnd;
  readonly seen: string;
  /** The peer's endpoint in the datastore; null: not known. */
  readonly endpoint: WorkloadEndpoint | null;
  readonly port: FlowPort;
}

/** A label that tells one workload from others, the usual ones first. */
const usualLabels = ['app.kubernetes.io/name', 'app', 'k8s-app', 'name'];
/** What Calico and controllers add, and what is another with every rollout. */
const volatile = [
  /^(?:projectcalico\.org\/|pcns\.|pcsa\.|calico\/k8s_ns$|k8s_ns\/|pod-template-|controller-|job-name$)/,
  /^(?:statefulset|apps|batch)\.kubernetes\.io\//,
];

/**
 * Returns the shortest entry that admits the flow, and as little else as its labels allow. An address is named where
 * the peer is not a pod that the policy sees as such.
 */
export function admittingEntry(question: AdmittingQuestion): string {
  const { api } = question;
  if (api === 'kubernetes') return kubernetesEntry(question);
  if (api === 'calico-v1') return v1Entry(question);
  return api === 'calico' ? calicoEntry(question) : clusterEntry(question, api);
}

function clusterEntry(question: AdmittingQuestion, kind: ClusterPolicyKind): string {
  const { direction, peer, seen, port } = question;
  const label = labelOf(question);
  if (!label && direction === 'ingress')
    return `# ${articled(kind)} cannot allow an address: change its subject, or the rule that denies`;
  const other = label
    ? `{pods: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ${text(peer.namespace ?? '')}}}, ` +
      `podSelector: {matchLabels: {${text(label[0])}: ${text(label[1])}}}}}`
    : `{networks: [${hostNet(seen)}]}`;
  const protocol = port.protocol;
  const ports =
    protocol === 'icmp'
      ? []
      : kind === 'ClusterNetworkPolicy'
        ? [`  protocols: [{${protocol}: {destinationPort: {number: ${port.number}}}}]`]
        : [`  ports: [{portNumber: {protocol: ${protocol.toUpperCase()}, port: ${port.number}}}]`];
  return [
    `- action: ${kind === 'ClusterNetworkPolicy' ? 'Accept' : 'Allow'}`,
    `  ${direction === 'ingress' ? 'from' : 'to'}: [${other}]`,
    ...ports,
  ].join('\n');
}

function articled(kind: ClusterPolicyKind): string {
  return `${kind === 'AdminNetworkPolicy' ? 'an' : 'a'} ${kind}`;
}

function kubernetesEntry(question: AdmittingQuestion): string {
  const { direction, namespace, peer, seen, port } = question;
  const label = labelOf(question);
  const elsewhere = peer.namespace !== namespace && peer.namespace !== null;
  const other = label
    ? [
        `- podSelector: {matchLabels: {${text(label[0])}: ${text(label[1])}}}`,
        ...(elsewhere
          ? [`  namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ${text(peer.namespace ?? '')}}}`]
          : []),
      ]
    : [`- ipBlock: {cidr: ${hostNet(seen)}}`];
  const ports =
    port.protocol === 'icmp' ? [] : [`  ports: [{protocol: ${port.protocol.toUpperCase()}, port: ${port.number}}]`];
  const note = port.protocol === 'icmp' ? '   # a NetworkPolicy cannot name ICMP: this allows every protocol' : '';
  const side = direction === 'ingress' ? 'from' : 'to';
  return [`- ${side}:${note}`, ...other.map((line) => `    ${line}`), ...ports].join('\n');
}

function calicoEntry(question: AdmittingQuestion): string {
  const { direction, namespace, peer, seen, port } = question;
  const label = labelOf(question);
  const ports = port.protocol === 'icmp' ? [] : [`ports: [${port.number}]`];
  const other = label
    ? [
        `selector: ${JSON.stringify(`${label[0]} == '${label[1]}'`)}`,
        ...(peer.namespace === namespace
          ? []
          : [`namespaceSelector: ${JSON.stringify(`projectcalico.org/name == '${peer.namespace}'`)}`]),
      ]
    : [`nets: [${hostNet(seen)}]`];
  const destination = direction === 'ingress' ? ports : [...other, ...ports];
  return [
    '- action: Allow',
    `  protocol: ${port.protocol === 'icmp' && familyOf(seen) === 6 ? 'ICMPv6' : port.protocol.toUpperCase()}`,
    ...(direction === 'ingress' ? [`  source: {${other.join(', ')}}`] : []),
    ...(destination.length > 0 ? [`  destination: {${destination.join(', ')}}`] : []),
  ].join('\n');
}

/** Of Calico 2.x: a namespace is a label of its endpoints. */
function v1Entry(question: AdmittingQuestion): string {
  const { direction, peer, seen, port } = question;
  const label = labelOf(question);
  const other = label
    ? `selector: ${JSON.stringify(`${label[0]} == '${label[1]}' && calico/k8s_ns == '${peer.namespace}'`)}`
    : `net: ${seen}/32`;
  const ports = port.protocol === 'icmp' ? [] : [`ports: [${port.number}]`];
  const destination = direction === 'ingress' ? ports : [other, ...ports];
  return [
    '- action: allow',
    `  protocol: ${port.protocol}`,
    ...(direction === 'ingress' ? [`  source: {${other}}`] : []),
    ...(destination.length > 0 ? [`  destination: {${destination.join(', ')}}`] : []),
  ].join('\n');
}

/** One label of the peer, where the policy sees it as a pod; null: it sees an address. */
function labelOf({ peer, seen, endpoint }: AdmittingQuestion): readonly [string, string] | null {
  if (peer.kind !== 'pod' || peer.interface === null || peer.address !== seen || !endpoint) return null;
  const { labels } = endpoint.metadata;
  const name =
    usualLabels.find((label) => own(labels, label) !== undefined) ??
    Object.keys(labels ?? {}).find((label) => !volatile.some((pattern) => pattern.test(label)));
  const value = name === undefined ? undefined : own(labels, name);
  return name === undefined || value === undefined || !isPlain(name) || !isPlain(value) ? null : [name, value];
}

/** As Kubernetes spells labels: nothing in it means anything to YAML or to a selector. */
function isPlain(word: string): boolean {
  return /^[A-Za-z0-9][\w./-]*$/.test(word);
}

/** YAML takes bare numbers and words like `true` for something else than text. */
function text(word: string): string {
  return /^[A-Za-z][\w./-]*$/.test(word) && !/^(?:true|false|yes|no|on|off|null|y|n)$/i.test(word)
    ? word
    : JSON.stringify(word);
}
