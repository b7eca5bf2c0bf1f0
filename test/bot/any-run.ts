/** Runs whose texts are of any kind and length. */
import * as fc from 'fast-check';
import type { RunEventBody } from '../../src/model/runs.ts';
import type { Finding } from '../../src/model/verdict.ts';
import { at, ipipLost, planRecord, sampleVerdict, settled, started } from './sample-run.ts';

const text = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.constantFrom('', '&'.repeat(4000), '<!channel> `*_~', '😀'.repeat(2500), '```\n```', '\n\n'),
);
const finding = fc
  .record({
    title: text,
    detail: text,
    command: text,
    excerpt: text,
    who: text,
    commands: fc.array(text, { maxLength: 5 }),
    node: fc.option(text),
    items: fc.integer({ min: 0, max: 12 }),
    name: fc.uuid(),
  })
  .map(({ title, detail, command, excerpt, who, commands, node, items, name }): Finding => ({
    ...ipipLost,
    subject: { kind: 'Pod', name },
    title,
    detail,
    node,
    advice: { who, commands },
    evidence: Array.from({ length: items }, () => ({ command, node, at, excerpt, file: null })),
  }));
const findings = fc.array(finding, { maxLength: 15 });

/** What a run told while it was under way, and at its end. */
export const anyRun: fc.Arbitrary<readonly (readonly RunEventBody[])[]> = fc
  .record({
    roots: findings,
    effects: findings,
    latent: findings,
    reasons: fc.array(text, { maxLength: 40 }),
    summary: text,
  })
  .map(({ roots, effects, latent, reasons, summary }) => {
    const verdict = sampleVerdict({
      roots,
      latent,
      consequences: effects.map((effect) => ({ ...effect, because: { id: 'f2', rule: 'controller-forbidden' } })),
      notes: reasons,
      blindSpots: reasons.map((reason) => ({ probe: reason, node: reason, code: 'timeout', reason, affects: [] })),
    });
    const record = planRecord('create-pod-profile');
    const plan = {
      ...record,
      plan: {
        ...record.plan,
        title: summary,
        reason: summary,
        diff: summary,
        blastRadius: summary,
        controls: reasons
          .slice(0, 5)
          .map((watches) => ({ fact: 'reachability' as const, watches, notWatched: watches })),
        steps: reasons.map((command) => ({ description: command, command, node: command })),
      },
    };
    const bodies: readonly RunEventBody[] = [
      started,
      ...roots.map((one): RunEventBody => ({ type: 'finding', finding: one })),
      { type: 'step-settled', step: settled('routes', 'fail', summary) },
    ];
    return [bodies, [...bodies, { type: 'verdict', verdict }, { type: 'plan', record: plan, note: summary }]];
  });
