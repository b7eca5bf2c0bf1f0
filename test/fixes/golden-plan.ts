import { readFileSync } from 'node:fs';
import { planText } from '../../src/cli/plan-text.ts';
import { digestOf } from '../../src/fixes/digest.ts';
import type { Fix } from '../../src/model/fix.ts';
import { samplePlan } from '../support/sample-plan.ts';
import { proposed } from '../support/signing.ts';

/** Where the text of a plan is kept; its name begins with the fix's id. */
export function goldenFile(name: string): string {
  return `${import.meta.dirname}/golden/${name}.txt`;
}

/** The text of a plan as somebody last reviewed it. */
export function goldenText(name: string): string {
  return readFileSync(goldenFile(name), 'utf8');
}

/** What a person is asked to approve, as `fix show` prints it. @param found what the fix's look found */
export function planTextOf(fix: Fix, input: object, found: unknown): string {
  const { withinSeconds, ...draft } = fix.draft(fix.input.parse(input), found);
  const unwatched = 'no policy-denied flow was found to watch: n1: no answer';
  const controls = fix.controls.map((control) => ({
    ...control,
    notWatched: control.fact === 'denied-flow' ? unwatched : null,
  }));
  const plan = {
    ...samplePlan(),
    ...draft,
    fix: fix.id,
    during: fix.during,
    rule: 'the-rule',
    verify: { rule: 'the-rule', withinSeconds },
    controls,
  };
  return planText(proposed({ ...plan, digest: digestOf(plan) }));
}
