import { observed, type Evidence } from '../../model/evidence.ts';
import type { InvalidDrop } from '../../model/invalid-drops.ts';
import { LookError } from '../../model/look-error.ts';
import type { Area } from '../../model/passage.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { riseOf, risenEnds, sameRuleThroughout } from '../../ruleset/counters/rise.ts';
import { readRuleSets, rulesetCommands } from '../lib/ruleset-reading.ts';

const invalid = /--ctstate INVALID\b|\bct state invalid\b/;
const areas: Readonly<Record<'target' | 'source', Area>> = { target: 'target-node', source: 'source-node' };

export const invalidDrops = defineClusterProbe({
  id: 'invalid-drops',
  description:
    'Rules that drop invalid packets and rose since the first look. Read only of a node on which a TCP flow stops.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: rulesetCommands,
  moment: 'later',
  needs: ['flow', 'passage'],
  uses: ['denials', 'rulesets@target', 'rulesets@source'],
  runsOn: ['target', 'source'],
  provides: ['invalid-drops'],
  async read(look, facts) {
    const { stop } = facts.get('passage');
    const denials = await facts.ask('denials');
    const isExplained = denials.status === 'observed' && denials.value.denied.some(({ stopsFlow }) => stopsFlow);
    const places = (['target', 'source'] as const).filter((place) => stop?.areas.includes(areas[place]));
    if (facts.get('flow').port.protocol !== 'tcp' || isExplained || places.length === 0)
      throw new LookError('not-applicable', 'no TCP flow stops on a node without a rule that says why');
    const drops: InvalidDrop[] = [];
    const evidence: Evidence[] = [];
    for (const place of places) {
      const before = await facts.ask(`rulesets@${place}`);
      if (before.status === 'unavailable') throw new LookError(before.code, before.reason);
      const node = look.on(place);
      const { family } = before.value;
      const after = await readRuleSets(node.node, (command, params) => node.run(command, params), family);
      const [from, to] = [before.value.ruleSets, after.value.ruleSets];
      for (const rule of risenEnds(from, to).filter(({ text }) => invalid.test(text))) {
        const packets = riseOf(from, to, rule)?.packets ?? 0;
        if (packets > 0 && sameRuleThroughout([from, to], rule) === null)
          drops.push({ node: node.node, rule, packets });
      }
      evidence.push(...after.evidence);
    }
    return { 'invalid-drops': observed(drops, evidence) };
  },
});
