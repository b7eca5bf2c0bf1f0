/** What one rule of a policy matches, for people. */
import type { CalicoRule, EntityRule } from '../model/calico.ts';

/**
 * Returns the other end and the ports of a rule: `pods with app == 'client' on 8080/tcp`, `everyone`. Conditions that
 * have no words are named by their fields.
 * @param namespace of the policy, where it is to be told with pods that the rule chooses in it
 */
export function policyRuleWords(
  rule: CalicoRule,
  direction: 'ingress' | 'egress',
  namespace: string | null = null,
): string {
  const peer = (direction === 'ingress' ? rule.source : rule.destination) ?? {};
  const further = furtherFields(rule, direction);
  return (
    `${peerWords(peer)}${choosesHere(peer) && namespace !== null ? ` in namespace ${namespace}` : ''}` +
    `${portWords(rule)}${further.length > 0 ? ` (also limited by ${further.join(', ')})` : ''}`
  );
}

const toldOfPeer = [
  'selector',
  'notSelector',
  'namespaceSelector',
  'serviceAccounts',
  'nets',
  'notNets',
  'services',
  'domains',
];
const toldOfRule = ['action', 'protocol', 'notProtocol', 'source', 'destination', 'metadata'];

/** Conditions that the other words leave out. */
function furtherFields(rule: CalicoRule, direction: 'ingress' | 'egress'): readonly string[] {
  const told = {
    source: direction === 'ingress' ? toldOfPeer : [],
    destination: direction === 'ingress' ? ['ports'] : [...toldOfPeer, 'ports'],
  };
  return [
    ...Object.keys(rule).filter((field) => !toldOfRule.includes(field)),
    ...(['source', 'destination'] as const).flatMap((end) =>
      Object.entries(rule[end] ?? {})
        .filter(([field, value]) => !told[end].includes(field) && !isEmpty(value))
        .map(([field]) => `${end}.${field}`),
    ),
  ];
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}

/** In a namespaced policy, a selector of pods alone means pods of that namespace. */
function choosesHere({ selector, notSelector, namespaceSelector, serviceAccounts }: EntityRule): boolean {
  const choosesPods = isGiven(selector) || isGiven(notSelector) || serviceAccounts !== undefined;
  return choosesPods && !isGiven(namespaceSelector);
}

function peerWords({ selector, notSelector, namespaceSelector, serviceAccounts, nets, notNets, ...rest }: EntityRule) {
  // Kubernetes' own policies mean pods, and Calico says so in the selector.
  const chosen = (selector ?? '').replaceAll(/(?:^| && )projectcalico\.org\/orchestrator == 'k8s'/g, '');
  const terms = chosen.replace(/^ && /, '');
  const accounts = serviceAccounts?.names?.join(', ') ?? serviceAccounts?.selector;
  const parts = [
    ...(terms !== '' && terms !== 'all()'
      ? [`pods with ${terms}`]
      : isGiven(selector) || isGiven(namespaceSelector)
        ? ['pods']
        : []),
    ...(isGiven(namespaceSelector) ? [`in namespaces with ${namespaceSelector}`] : []),
    ...(isGiven(accounts) ? [`of service accounts ${accounts}`] : []),
    ...(nets && nets.length > 0 ? [nets.join(', ')] : []),
    ...(isGiven(notSelector) ? [`except pods with ${notSelector}`] : []),
    ...(notNets && notNets.length > 0 ? [`except ${notNets.join(', ')}`] : []),
    ...(rest.services === undefined ? [] : ['a service']),
    ...(rest.domains === undefined ? [] : ['domains']),
  ];
  const isOpen = parts.every((part) => part.startsWith('except '));
  return [...(isOpen ? ['everyone'] : []), ...parts].join(' ');
}

function portWords({ protocol, notProtocol, destination }: CalicoRule): string {
  const ports = destination?.ports ?? [];
  const of = protocol === undefined ? '' : String(protocol).toLowerCase();
  if (ports.length > 0) return ` on ${ports.join(', ')}${of === '' ? '' : `/${of}`}`;
  if (of !== '') return ` by ${of}`;
  return notProtocol === undefined ? '' : ` by all but ${String(notProtocol).toLowerCase()}`;
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}
