import { createHash } from 'node:crypto';
import { own } from '../model/own.ts';
import type { PolicyName } from '../model/ruleset/owner.ts';

/** Longest chain name that Felix gives in an iptables table. */
const maxLength = 28;

/**
 * The chain that Felix makes for an id: prefix and id where they fit, else `_` and the head of the id's SHA-256.
 * @param prefix with its dash, `cali-pri-`
 */
export function chainName(prefix: string, id: string): string {
  const plain = prefix + id;
  if (plain.length < maxLength || (plain.length === maxLength && !id.startsWith('_'))) return plain;
  return `${prefix}_${createHash('sha256')
    .update(id)
    .digest('base64url')
    .slice(0, maxLength - 1 - prefix.length)}`;
}

/** Every id that some version of Felix gives this policy in chain names, newest first. */
export function policyIds({ kind, name, namespace, tier }: PolicyName): string[] {
  const inTier = tier ?? (name.includes('.') ? name.slice(0, name.indexOf('.')) : 'default');
  const place = namespace === null ? '' : `${namespace}/`;
  const kubernetes =
    kind === 'KubernetesNetworkPolicy' || kind === null
      ? [`knp/${place}${name}`, `np/${place}knp.default.${name}`]
      : [];
  const ofKind = kind === null ? (namespace === null ? ['gnp'] : ['np']) : (own(shortKinds, kind) ?? []);
  const names = [name, `knp.default.${name}`, ...(name.startsWith(`${inTier}.`) ? [] : [`${inTier}.${name}`])];
  const felix = names.map((one) => `${place}${one}`);
  return [
    ...ofKind.flatMap((short) => names.map((one) => `${short}/${place}${one}`)),
    ...kubernetes,
    ...felix.map((one) => `${inTier}/${one}`),
    ...felix,
  ];
}

const shortKinds: Readonly<Record<string, readonly string[]>> = {
  NetworkPolicy: ['np'],
  GlobalNetworkPolicy: ['gnp'],
  KubernetesNetworkPolicy: ['knp', 'np'],
  KubernetesClusterNetworkPolicy: ['kcnp'],
  AdminNetworkPolicy: ['gnp'],
  StagedNetworkPolicy: ['snp'],
  StagedGlobalNetworkPolicy: ['sgnp'],
  StagedKubernetesNetworkPolicy: ['sknp'],
};

/** Removes the layer that Felix's nftables mode puts before a chain's name: `filter-cali-FORWARD` → `cali-FORWARD`. */
export function withoutLayer(chain: string): string {
  return chain.replace(/^(?:filter|nat|mangle|raw)-(?=cali-|[A-Z]+$)/, '');
}

/** Is the chain one of Felix's own, with or without a layer before its name? */
export function isCalicoChain(chain: string): boolean {
  return /^(?:\w{1,9}-)?cali-/.test(chain);
}
