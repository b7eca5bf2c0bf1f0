import { walkLegs } from '../../src/flow-walks/legs.ts';
import { changed, valueOf, type Facts } from './facts.ts';

/** The facts with walks through their own rule sets, by what their kernels answer. */
export function walkedAgain(facts: Facts): Facts {
  const nodeAt = (place: 'target' | 'source') => {
    const rulesets = valueOf(facts, `rulesets@${place}`);
    return {
      rulesets,
      routes: valueOf(facts, `routes@${place}`),
      links: valueOf(facts, `links@${place}`),
      ways: valueOf(facts, 'kernel-ways').filter(({ node }) => node === rulesets.node),
    };
  };
  return changed(facts, { walks: walkLegs(valueOf(facts, 'flow'), nodeAt('target'), nodeAt('source')) });
}
