import { resourceKinds, type ResourceKind } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';

/**
 * Returns the rules as they are, when what they declare of cause and effect holds together.
 * @throws Error that names every offender: an id that is used twice; a kind of resource that is lacked and never withheld,
 *   withheld and never lacked, or neither; a planned cause that has its rule already; a rule that is its own cause.
 */
export function checkRules(rules: readonly Rule[]): readonly Rule[] {
  const wrong = [...repeatedIds(rules), ...loneKinds(rules), ...circles(rules)];
  if (wrong.length > 0) throw new Error(`the rules do not hold together: ${wrong.join('; ')}`);
  return rules;
}

/** Rules whose findings can be the cause of this one's: they withhold a kind that it may lack. In the given order. */
export function possibleCauses(rule: Rule, rules: readonly Rule[]): readonly Rule[] {
  return rules.filter((other) => other !== rule && other.withholds?.some((kind) => rule.lacks?.includes(kind)));
}

function repeatedIds(rules: readonly Rule[]): readonly string[] {
  return rules.filter(({ id }, at) => rules.findIndex((one) => one.id === id) !== at).map(({ id }) => `${id} is there twice`);
}

function loneKinds(rules: readonly Rule[]): readonly string[] {
  return (Object.keys(resourceKinds) as ResourceKind[]).flatMap((kind) => {
    const planned = resourceKinds[kind].withheldLater ?? [];
    const lacking = rules.filter(({ lacks }) => lacks?.includes(kind)).map(({ id }) => id);
    const withholding = rules.filter(({ withholds }) => withholds?.includes(kind)).map(({ id }) => id);
    const ready = planned.filter((id) => rules.some((rule) => rule.id === id));
    return [
      ...(lacking.length === 0 ? [`no rule lacks ${kind}${withholding.length > 0 ? `, which ${withholding.join(', ')} withholds` : ''}`] : []),
      ...(lacking.length > 0 && withholding.length === 0 && planned.length === 0 ? [`no rule withholds ${kind}, which ${lacking.join(', ')} lacks`] : []),
      ...ready.map((id) => `${kind} names ${id} as a cause to come, which has its rule`),
    ];
  });
}

function circles(rules: readonly Rule[]): readonly string[] {
  const reaches = (from: Rule, to: Rule, seen: ReadonlySet<Rule>): boolean =>
    possibleCauses(from, rules).some((next) => next === to || (!seen.has(next) && reaches(next, to, new Set([...seen, next]))));
  return rules.filter((rule) => reaches(rule, rule, new Set([rule]))).map(({ id }) => `${id} can be its own cause`);
}
