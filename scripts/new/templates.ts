/** Returns the name of the variable that holds a rule: `podRouteMissing` for `pod-route-missing`. */
export function variableOf(id: string): string {
  return id.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Returns the source of a rule that judges nothing yet: it is inconclusive, so that no run takes it for a pass. */
export function ruleSource(id: string, step: string): string {
  return `import { defineRule, inconclusive } from '../../model/rule.ts';

export const ${variableOf(id)} = defineRule({
  id: '${id}',
  description: 'TODO: one sentence that says what is wrong.',
  step: '${step}',
  requires: ['flow'],
  advice: { who: 'TODO: who can act', commands: ['TODO: the next command'] },
  messages: {
    found: { title: 'TODO: what is wrong, with {node}', detail: 'TODO: how we know.' },
  },
  // The facts are in src/model/facts.ts. Judge gets the values of requires, those of considers, and the evidence.
  // A finding:
  // fail({ message: 'found', data: { node }, subject: { kind: 'Node', name: node }, node, proof: 'read',
  //   stopsFlow: true, evidence: evidence('flow') })
  // Otherwise: pass('what clears the cause'), notApplicable('why'), inconclusive('what is not known').
  judge() {
    return inconclusive('${id} is not written yet');
  },
});
`;
}

/** Returns the source of its table: the rows, the message and the fault in it fail until they are written. */
export function tableSource(id: string, step: string): string {
  return `import { ${variableOf(id)} as rule } from '../../../src/rules/${step}/${id}.ts';
import { blind, captured } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const healthy = await captured('healthy-legacy');

testRule(rule, {
  lab: '${id}',
  rows: [
    [
      'fails: TODO',
      () => {
        throw new Error("TODO: changed(healthy, { 'routes@target': [] }), with the facts so that the rule fails");
      },
      [{ finding: 'found Node n1 @n1 read stops', lacks: [], withholds: [] }],
    ],
    ['passes: all is well', () => healthy, 'pass'],
    ['inconclusive: the flow is not known', () => blind(healthy, ['flow']), 'inconclusive'],
  ],
});
`;
}
