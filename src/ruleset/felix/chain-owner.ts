import { own } from '../../model/own.ts';
import type { KnownNames, Owner, PolicyName } from '../../model/ruleset/owner.ts';
import type { Chain, FilterRule, Table } from '../../model/ruleset/rules.ts';
import { chainNamed } from '../chains/chain-index.ts';
import { chainName, policyIds, withoutLayer } from '../../calico/chain-names.ts';
import { readOwnerComment } from './policy-comment.ts';
import { policiesOfTier, tierOfPolicyChain, tierOfRule } from './tiers.ts';

/**
 * Returns the owner of a chain, or of one rule that says more than its chain (the end of a tier).
 * @param names from the datastore; they resolve hashed names that carry no comment
 */
export function ownerOf(
  table: Table,
  chain: string,
  rule: FilterRule | null = null,
  names: KnownNames = { profiles: [], policies: [] },
): Owner {
  const name = withoutLayer(chain);
  const found = chainNamed(table, chain);
  const [, prefix = '', rest = ''] = /^(cali-(?:pri|pro|pi|po|gi|go|tw|fw|thfw|fhfw|th|fh|sm)-)(.*)$/.exec(name) ?? [];
  switch (prefix) {
    case 'cali-pri-':
    case 'cali-pro-':
      return profileOwner(prefix, rest, found, names);
    case 'cali-pi-':
    case 'cali-po-':
      return policyOwner(table, prefix, rest, found, names);
    case 'cali-gi-':
    case 'cali-go-':
      return {
        ...plain('policy-group', name),
        direction: prefix === 'cali-gi-' ? 'ingress' : 'egress',
        tier: tierOfPolicyChain(table, chain),
        policies: groupPolicies(table, found, names),
      };
    case 'cali-tw-':
    case 'cali-fw-':
      return endpointOwner(table, chain, prefix, rest, rule, names);
    case 'cali-th-':
    case 'cali-fh-':
    case 'cali-thfw-':
    case 'cali-fhfw-':
      return {
        ...endpointOwner(table, chain, prefix, rest, rule, names),
        kind: rule && isTierEnd(rule) ? 'tier-default' : 'host-endpoint',
      };
    default:
      return plain(kindOfStatic(name), name);
  }
}

/** A rule that Felix put into a chain of the kernel is Calico's, although the chain is not. */
function kindOfStatic(name: string): Owner['kind'] {
  if (!name.startsWith('cali-')) return 'foreign';
  return /^cali-(?:from|to)-(?:wl-dispatch|host-endpoint-|hep-forward-)|^cali-(?:set|from)-endpoint-mark/.test(name)
    ? 'dispatch'
    : 'calico-static';
}

function plain(kind: Owner['kind'], name: string): Owner {
  return { kind, name, namespace: null, tier: null, direction: null, policies: [], by: 'name' };
}

function profileOwner(prefix: string, rest: string, chain: Chain | undefined, names: KnownNames): Owner {
  const direction = prefix === 'cali-pri-' ? 'ingress' : 'egress';
  const told = commentsOf(chain).find(({ profile }) => profile !== null)?.profile;
  const known = names.profiles.find((profile) => chainName(prefix, profile) === prefix + rest);
  const by = told ? 'comment' : known ? 'known-name' : rest.startsWith('_') ? 'chain' : 'name';
  return { ...plain('profile', told ?? known ?? rest), direction, by };
}

function policyOwner(table: Table, prefix: string, rest: string, chain: Chain | undefined, names: KnownNames): Owner {
  const direction = prefix === 'cali-pi-' ? 'ingress' : 'egress';
  const told = commentsOf(chain).find(({ policy }) => policy !== null)?.policy;
  const known = names.policies.find((policy) =>
    policyIds(policy).some((id) => chainName(prefix, id) === prefix + rest || prefix + id === prefix + rest),
  );
  const policy = known ?? told ?? fromChainName(rest);
  const tier = policy?.tier ?? (chain ? tierOfPolicyChain(table, chain.name) : null);
  const by = told ? 'comment' : known ? 'known-name' : policy ? 'name' : 'chain';
  const { name, namespace } = policy ?? { name: rest, namespace: null };
  const policies = [{ kind: policy?.kind ?? null, name, namespace, tier }];
  return { ...plain('policy', name), namespace, tier, direction, policies, by };
}

/** An id that fits into a chain's name is readable, up to v3.31 as Felix's policy name, then as `kind/ns/name`. */
function fromChainName(rest: string): PolicyName | null {
  if (rest.startsWith('_')) return null;
  const kinds: Readonly<Record<string, string>> = {
    np: 'NetworkPolicy',
    gnp: 'GlobalNetworkPolicy',
    knp: 'KubernetesNetworkPolicy',
    kcnp: 'KubernetesClusterNetworkPolicy',
  };
  const kind = own(kinds, rest.slice(0, rest.indexOf('/')));
  const id = kind === undefined ? rest : rest.slice(rest.indexOf('/') + 1);
  return readOwnerComment(`${kind ?? 'Policy'} ${id} ingress`)?.policy ?? null;
}

function endpointOwner(
  table: Table,
  chain: string,
  prefix: string,
  rest: string,
  rule: FilterRule | null,
  names: KnownNames,
): Owner {
  const direction = prefix.startsWith('cali-t') ? 'ingress' : 'egress';
  const base = { ...plain('endpoint', interfaceOf(table, chain) ?? rest), direction } as const;
  if (!rule || !isTierEnd(rule)) return base;
  const tier = tierOfRule(table, chain, rule);
  const policies = policiesOfTier(table, chain, rule).flatMap((target) => policiesBehind(table, target, names));
  return { ...base, kind: 'tier-default', name: tier, tier, policies };
}

/**
 * Returns the interface by which the dispatch chains reach an endpoint's chain, whose own name may hold it as a hash.
 */
function interfaceOf(table: Table, chain: string): string | null {
  for (const dispatch of table.chains) {
    // Foreign chains are not read: a jump of theirs proves nothing, and they may be long.
    if (!/^cali-(?:from|to)-/.test(withoutLayer(dispatch.name))) continue;
    for (const { matches, actions } of dispatch.rules) {
      if (!actions.some((action) => action.kind === 'goto' && action.chain === chain)) continue;
      const match = matches.find((one) => one.kind === 'interface' && !one.negated);
      if (match?.kind === 'interface' && match.names.length === 1) return match.names[0] ?? null;
    }
  }
  return null;
}

/** Returns the policies of a chain that an endpoint jumps to: the one policy, or all of a group. */
function policiesBehind(table: Table, chain: string, names: KnownNames): PolicyName[] {
  const owner = ownerOf(table, chain, null, names);
  return owner.kind === 'policy' || owner.kind === 'policy-group' ? [...owner.policies] : [];
}

function groupPolicies(table: Table, group: Chain | undefined, names: KnownNames): PolicyName[] {
  const targets = (group?.rules ?? []).flatMap(({ actions }) =>
    actions.flatMap((action) => (action.kind === 'jump' || action.kind === 'goto' ? [action.chain] : [])),
  );
  return targets
    .filter((target) => /cali-p[io]-/.test(target))
    .flatMap((target) => policiesBehind(table, target, names));
}

function commentsOf(chain: Chain | undefined): NonNullable<ReturnType<typeof readOwnerComment>>[] {
  return (chain?.rules ?? []).flatMap(({ comments }) => comments.flatMap((comment) => readOwnerComment(comment) ?? []));
}

/** Is it the drop at the end of a tier (before tiers had names: of the policies)? nftables cuts long comments. */
function isTierEnd(rule: FilterRule): boolean {
  return rule.comments.some((comment) =>
    /^End of tier \S+\. |^(?:Drop|Reject) if no policies passed packet$/.test(comment),
  );
}
