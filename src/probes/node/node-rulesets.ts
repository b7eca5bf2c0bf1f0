import { observed } from '../../model/evidence.ts';
import { defineNodeProbe } from '../../model/probe.ts';
import { readRuleSets, rulesetCommands } from '../lib/ruleset-reading.ts';

export const nodeRulesets = defineNodeProbe({
  id: 'node-rulesets',
  description: 'Every packet filter in use on a node, with counters and sets.',
  kind: 'passive',
  place: 'node',
  places: ['target', 'source'],
  essential: true,
  commands: rulesetCommands,
  needs: ['family'],
  provides: ['rulesets'],
  async read(look, facts) {
    const run = (...[command, params]: Parameters<typeof look.run>) => look.run(command, params);
    const { value, evidence, gaps } = await readRuleSets(look.node, run, facts.get('family'));
    return { rulesets: observed(value, evidence, gaps) };
  },
});
