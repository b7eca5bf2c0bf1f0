import type { CalicoPolicy, EntityRule } from '../model/calico.ts';
import { parseSelector, prefixed, type Selector } from './selector.ts';

/** The labels that Calico gives each pod's endpoint (libcalico-go conversion). */
const namespaceLabel = 'projectcalico.org/namespace';
const accountLabel = 'projectcalico.org/serviceaccount';

const inSomeNamespace: Selector = { kind: 'has', label: namespaceLabel };
const withAccount: Selector = { kind: 'has', label: accountLabel };
const everything: Selector = { kind: 'all' };

/** A text that is not a selector. A policy that has one is not judged. */
export interface BadSelector {
  readonly bad: string;
}

export function isBad(found: Selector | BadSelector | null): found is BadSelector {
  return found !== null && 'bad' in found;
}

/**
 * Returns one selector for all that a rule says of one end (syncersv1 updateprocessors/rules.go). In a namespaced
 * policy it means endpoints of that namespace, unless the rule selects namespaces itself.
 * @param namespace of the policy; null: a global one, or a profile
 * @returns null where the rule selects nobody: any end will do
 */
export function entitySelector(entity: EntityRule, namespace: string | null): Selector | BadSelector | null {
  const { selector, notSelector, namespaceSelector, serviceAccounts } = entity;
  const wanted = [accounts(serviceAccounts), read(selector)].filter((one) => one !== null);
  const selectsAny = wanted.length > 0 || isGiven(notSelector) || isGiven(namespaceSelector);
  return selectsAny ? both([namespaces(namespaceSelector, namespace), ...wanted]) : null;
}

/** Returns the selector of the endpoints that a policy applies to. */
export function policySelector({ metadata, spec }: CalicoPolicy): Selector | BadSelector {
  const { selector, serviceAccountSelector, namespaceSelector } = spec;
  return (
    both([
      read(selector),
      metadata.namespace
        ? isOf(metadata.namespace)
        : read(namespaceSelector, 'pcns.', { all: inSomeNamespace, global: everything }),
      read(serviceAccountSelector, 'pcsa.', { all: withAccount, global: everything }),
    ]) ?? everything
  );
}

function namespaces(selector: string | undefined, own: string | null): Selector | BadSelector | null {
  if (isGiven(selector))
    return read(selector, 'pcns.', { all: inSomeNamespace, global: { kind: 'not', of: inSomeNamespace } });
  return own === null ? null : isOf(own);
}

function accounts(match: EntityRule['serviceAccounts']): Selector | BadSelector | null {
  const names: Selector | null =
    match?.names && match.names.length > 0 ? { kind: 'in', label: accountLabel, values: match.names } : null;
  return both([read(match?.selector, 'pcsa.', { all: everything, global: everything }), names]);
}

function isOf(namespace: string): Selector {
  return { kind: '==', label: namespaceLabel, value: namespace };
}

function both(selectors: readonly (Selector | BadSelector | null)[]): Selector | BadSelector | null {
  const given = selectors.filter((one) => one !== null);
  const bad = given.find(isBad);
  if (bad) return bad;
  const good = given.filter((one): one is Selector => !isBad(one));
  return good.length > 1 ? { kind: '&&', of: good } : (good[0] ?? null);
}

export function read(
  text: string | undefined,
  prefix = '',
  instead: { readonly all: Selector; readonly global: Selector } | null = null,
): Selector | BadSelector | null {
  if (!isGiven(text)) return null;
  const found = parseSelector(text);
  if (!found) return { bad: text };
  return instead ? prefixed(found, prefix, instead) : found;
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}
