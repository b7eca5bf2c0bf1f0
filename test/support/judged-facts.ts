import { computed } from '../../src/computed/registry.ts';
import { observed } from '../../src/model/evidence.ts';
import type { FactKey } from '../../src/model/facts.ts';
import { judge } from '../../src/engine/verdict.ts';
import { rules } from '../../src/rules/registry.ts';
import { derive, evaluated, factOf, type Facts } from './facts.ts';

/** What follows from walks, worked out anew. */
const behind = ['righted-walks', 'further-drops'] as const satisfies readonly FactKey[];

/** What all rules together say of these facts: causes, consequences and other faults, each with its node. */
export async function saidOf(facts: Facts): Promise<{
  readonly verdict: string;
  readonly roots: readonly string[];
  readonly consequences: readonly string[];
  readonly latent: readonly string[];
}> {
  let known = facts;
  for (const key of behind) {
    const fact = await derive(
      known,
      computed.find(({ id }) => id === key),
    );
    if (fact?.status === 'observed') known = { ...known, [key]: observed(fact.value) };
  }
  const outcome = await factOf(known, 'flow-outcome');
  const { flow, judgedPort } =
    outcome.status === 'observed' ? outcome.value : { flow: 'unknown', judgedPort: 'unknown' };
  const evaluations = await Promise.all(rules.map((rule) => evaluated(rule, known)));
  const judged = judge({ evaluations, missed: [], flow, judgedPort } as Parameters<typeof judge>[0]);
  return {
    verdict: judged.verdict,
    roots: names(judged.roots),
    consequences: names(judged.consequences),
    latent: names(judged.latent),
  };
}

function names(all: readonly { readonly rule: string; readonly node: string | null }[]): readonly string[] {
  return all.map(({ rule, node }) => (node === null ? rule : `${rule} @${node}`)).toSorted();
}
