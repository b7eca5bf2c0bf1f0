import type { CalicoPolicy, CalicoRule, EntityRule } from '../../model/calico.ts';

/** How many rules are told, and how much of one. */
const most = { rules: 3, characters: 90 } as const;

/**
 * Returns what policies admit, for people: `pods with app == 'client' on 8080/tcp`; `nothing` where no rule allows.
 * @param policies all that decide together
 */
export function admittedWords(policies: readonly CalicoPolicy[], direction: 'ingress' | 'egress'): string {
  const allowed = policies
    .flatMap(({ spec }) => spec[direction] ?? [])
    .filter(({ action }) => action.toLowerCase() === 'allow')
    .map((rule) => ruleWords(rule, direction));
  const distinct = [...new Set(allowed)];
  if (distinct.length === 0) return 'nothing';
  const beyond = distinct.length - most.rules;
  return [...distinct.slice(0, most.rules), ...(beyond > 0 ? [`${beyond} more`] : [])].join('; ');
}

function ruleWords(rule: CalicoRule, direction: 'ingress' | 'egress'): string {
  const peer = (direction === 'ingress' ? rule.source : rule.destination) ?? {};
  const words = `${peerWords(peer)}${portWords(rule)}`;
  return words.length <= most.characters ? words : `${words.slice(0, most.characters - 1).toWellFormed()}…`;
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
  return parts.length === 0 ? 'everyone' : parts.join(' ');
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
