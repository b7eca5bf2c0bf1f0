import type { Owner } from '../model/ruleset/owner.ts';
import type { PathStep, RuleRef, WalkEnd, WalkResult } from '../model/ruleset/walk.ts';
import type { RuleSet } from '../model/ruleset/rules.ts';
import { chainAuthenticity } from '../ruleset/felix/chain-authenticity.ts';
import { line } from './plain-output.ts';

/** The JSON document of `trace`. Other programs rely on its names; absent values are null. */
export function traceDocument(result: WalkResult, ruleSets: readonly RuleSet[]): object {
  return {
    decision: result.decision,
    uncertainties: result.uncertainties.map(({ rule, why }) => ({ rule, why })),
    rule: result.rule && ruleDocument(result.rule, ruleSets),
    owner: result.owner && ownerDocument(result.owner),
    path: wayOf(result).map(({ table, chain, index }) => ({ table, chain, index })),
    markedBy: result.markedBy && ruleDocument(result.markedBy, ruleSets),
    mark: `0x${result.packet.mark.toString(16)}`,
    notes: result.notes,
    ways:
      result.ends.length < 2
        ? []
        : result.ends.map((end) => ({
            decision: end.decision,
            rule: end.rule && ruleDocument(end.rule, ruleSets),
            assumed: end.assumed.map(({ rule, why }) => ({ rule, why })),
          })),
  };
}

/** The same for people. */
export function traceText(result: WalkResult, ruleSets: readonly RuleSet[]): string {
  const { owner } = result;
  const lines = [
    line`decision  ${result.decision}`,
    ...(owner ? [line`owner     ${ownerText(owner)}`] : []),
    ...(result.rule ? [line`rule      ${ruleLine(result.rule, ruleSets)}`] : []),
    ...(result.markedBy ? [line`mark by   ${ruleLine(result.markedBy, ruleSets)}`] : []),
    ...wayOf(result).map(
      ({ table, chain, index }, at) => line`${at === 0 ? 'path' : '    '}      ${table} ${chain} ${index}`,
    ),
    ...result.notes.map((note) => line`note      ${note}`),
    ...result.uncertainties.map(({ rule, why }) => line`unknown   ${why}: ${rule}`),
    ...(result.ends.length < 2
      ? []
      : result.ends.map(
          ({ decision, rule, assumed }) =>
            line`perhaps   ${decision}${rule ? ` by ${ruleLine(rule, ruleSets)}` : ''}, if ${becauseOf(assumed)}`,
        )),
  ];
  return `${lines.join('\n')}\n`;
}

/** The branch to the rule that set the mark, where a mark decided, then the branch to the ending rule. */
function wayOf({ decision, markPath, path }: WalkEnd): readonly PathStep[] {
  return decision === 'accept' ? [...markPath, ...path] : path;
}

function ruleDocument(ref: RuleRef, ruleSets: readonly RuleSet[]): object {
  const { table, chain, index, text, comments } = ref;
  const tag = index === 0 ? null : (chainAuthenticity(ruleSets, ref)?.rules[index - 1] ?? null);
  return { table, chain, index, text, comment: comments.length === 0 ? null : comments.join('; '), tag };
}

function ownerDocument({ kind, name, namespace, tier, policies }: Owner): object {
  const owner = { kind, name, namespace, tier };
  return kind === 'tier-default'
    ? { ...owner, policies: policies.map((policy) => ({ name: policy.name, namespace: policy.namespace })) }
    : owner;
}

const placeOf = (namespace: string | null, name: string) => (namespace === null ? name : `${namespace}/${name}`);

function ownerText({ kind, name, namespace, tier, policies }: Owner): string {
  const select =
    kind === 'tier-default'
      ? `, where ${policies.map((policy) => placeOf(policy.namespace, policy.name)).join(', ')} select`
      : '';
  const inTier = tier === null || kind === 'tier-default' ? '' : ` (tier ${tier})`;
  return `${kind} ${placeOf(namespace, name)}${inTier}${select}`;
}

const becauseOf = (assumed: readonly { readonly why: string }[]) => assumed.map(({ why }) => why).join('; ');

function ruleLine(ref: RuleRef, ruleSets: readonly RuleSet[]): string {
  const tag = ref.index === 0 ? null : (chainAuthenticity(ruleSets, ref)?.rules[ref.index - 1] ?? null);
  return (
    `${ref.table} ${ref.chain} ${ref.index === 0 ? 'policy' : ref.index}: ` +
    `${ref.text}${tag === null ? '' : ` [${tag}]`}`
  );
}
