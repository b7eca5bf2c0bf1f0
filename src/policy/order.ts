/** Which policies apply to an endpoint, and in which order Felix judges by them. */
import type { CalicoPolicy, Tier } from '../model/calico.ts';
import type { Answer } from './answer.ts';
import { isBad, policySelector } from './entity-selector.ts';
import type { PolicyQuestion } from './question.ts';
import { selects } from './selector.ts';

/** Does a policy judge packets of this direction at an endpoint with these labels? */
export function appliesTo(policy: CalicoPolicy, { direction, labels }: Pick<PolicyQuestion, 'direction' | 'labels'>) {
  return judges(policy, direction) ? selectsEndpoint(policy, labels) : false;
}

function judges({ spec }: CalicoPolicy, direction: PolicyQuestion['direction']): boolean {
  // Policies of these two kinds apply to host endpoints only.
  if (spec.doNotTrack || spec.preDNAT) return false;
  const types = spec.types ?? [];
  // Without types Felix takes both directions. Calico's own clients always fill them in.
  return types.length === 0 || types.some((type) => type.toLowerCase() === direction);
}

function selectsEndpoint(policy: CalicoPolicy, labels: PolicyQuestion['labels']): Answer {
  const selector = policySelector(policy);
  return isBad(selector) ? { unknown: `"${selector.bad}" is not a selector` } : selects(selector, labels);
}

export function tierOf({ spec }: CalicoPolicy): string {
  return spec.tier || 'default';
}

/**
 * Sorts tiers as Felix does. A datastore without tiers (older versions, or nobody wrote one) has the default one alone.
 */
export function sortedTiers(tiers: readonly Tier[]): readonly Tier[] {
  if (tiers.length === 0) return [{ metadata: { name: 'default' } }];
  return tiers.toSorted(
    (a, b) => byOrder(a.spec?.order, b.spec?.order) || (a.metadata.name < b.metadata.name ? -1 : 1),
  );
}

export function byOrder(a: number | null | undefined, b: number | null | undefined): number {
  const [first, second] = [a ?? Infinity, b ?? Infinity];
  return first === second ? 0 : first - second;
}

/** Returns the text by which policies of one order sort: name, then namespace. */
export const newestOrder = ({ kind, metadata }: CalicoPolicy): string =>
  `${metadata.name}/${metadata.namespace ?? ''}/${kind}`;
