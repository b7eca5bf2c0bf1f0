import { checkUnits } from '../../model/declared-units.ts';
import { resourceKinds, type ResourceKind, type ResourceKinds } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { steps } from '../../model/steps.ts';

/**
 * Returns the rules as they are, when what they declare holds together.
 * @throws Error that names every offender: as `checkUnits`; a rule of no step of the thread, without advice, or that
 *   offers a fix and says why there is none; a kind of resource that is lacked and never
 *   withheld, or the reverse, and names no cause to come; a cause to come that has its rule already; a rule that is its
 *   own cause, by way of others.
 */
export function checkRules(rules: readonly Rule[], kinds: ResourceKinds = resourceKinds): readonly Rule[] {
  checkUnits('rules', rules, problemsOf);
  const wrong = [...loneKinds(rules, kinds), ...circles(rules)];
  if (wrong.length > 0) throw new Error(`the rules do not hold together: ${wrong.join('; ')}`);
  return rules;
}

/** Rules whose findings can be the cause of this one's: they withhold a kind that it may lack. In the given order. */
export function possibleCauses(rule: Rule, rules: readonly Rule[]): readonly Rule[] {
  return rules.filter((other) => other !== rule && other.withholds?.some((kind) => rule.lacks?.includes(kind)));
}

/** Rules whose findings this one's can cause: they may lack a kind that it withholds. In the given order. */
export function possibleEffects(rule: Rule, rules: readonly Rule[]): readonly Rule[] {
  return rules.filter((other) => possibleCauses(other, rules).includes(rule));
}

function problemsOf({ step, advice, fix, adviceOnly, lacks = [], fixNeeds = [] }: Rule): readonly string[] {
  return [
    ...(steps.some(({ id }) => id === step) ? [] : [`belongs to the step ${step}, which is not there`]),
    ...(advice && advice.commands.length > 0 ? [] : ['says nothing that a person can do']),
    ...(fix !== undefined && adviceOnly !== undefined ? ['offers a fix, and says why there is none'] : []),
    ...fixNeeds
      .filter((kind) => !lacks.includes(kind))
      .map((kind) => `has a fix that needs ${kind}, which it does not lack`),
  ];
}

function loneKinds(rules: readonly Rule[], kinds: ResourceKinds): readonly string[] {
  return (Object.keys(kinds) as ResourceKind[]).flatMap((kind) => {
    const { withheldLater = [], lackedLater = [] } = kinds[kind];
    const lacking = rules.filter(({ lacks }) => lacks?.includes(kind)).map(({ id }) => id);
    const withholding = rules.filter(({ withholds }) => withholds?.includes(kind)).map(({ id }) => id);
    const ready = [...withheldLater, ...lackedLater].filter((id) => rules.some((rule) => rule.id === id));
    const [nobodyLacks, nobodyWithholds] = [lacking, withholding].map((ids) => ids.length === 0);
    return [
      ...(nobodyLacks && lackedLater.length === 0
        ? [`no rule lacks ${kind}${nobodyWithholds ? '' : `, which ${withholding.join(', ')} withholds`}`]
        : []),
      ...(!nobodyLacks && nobodyWithholds && withheldLater.length === 0
        ? [`no rule withholds ${kind}, which ${lacking.join(', ')} lacks`]
        : []),
      ...ready.map((id) => `${kind} names ${id} as a cause to come, which has its rule`),
    ];
  });
}

function circles(rules: readonly Rule[]): readonly string[] {
  const reaches = (from: Rule, to: Rule, seen: ReadonlySet<Rule>): boolean =>
    possibleCauses(from, rules).some(
      (next) => next === to || (!seen.has(next) && reaches(next, to, new Set([...seen, next]))),
    );
  return rules.filter((rule) => reaches(rule, rule, new Set([rule]))).map(({ id }) => `${id} can be its own cause`);
}
