import { isFelixGone } from '../../model/felix-gone.ts';
import { observed, unavailable, type Evidence } from '../../model/evidence.ts';
import type { NodeRuleSets } from '../../model/flow-walk.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { readRuleSets, rulesetCommands } from '../lib/ruleset-reading.ts';

/** A Felix that is alive programs a change within this time. */
const laterMs = 10_000;

export const secondLook = defineClusterProbe({
  id: 'second-look',
  description: 'The rule sets of a node that drops a packet which the datastore allows, read again 10 s later.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: rulesetCommands,
  moment: 'later',
  needs: ['flow', 'expected-decisions'],
  uses: ['rulesets@target', 'rulesets@source', 'felix@target', 'felix@source'],
  runsOn: ['target', 'source'],
  provides: ['later-rulesets'],
  async read(look, facts) {
    const flow = facts.get('flow');
    const placeOf = (node: string) => (node === flow.destination.node ? 'target' : 'source');
    const differing = facts.get('expected-decisions').filter(({ decision }) => decision === 'allow');
    if (differing.length === 0)
      return {
        'later-rulesets': unavailable('not-applicable', 'the datastore lets through none of what the nodes drop'),
      };
    const nodes = [...new Set(differing.map(({ node }) => node))];
    const felix = await Promise.all(nodes.map((node) => facts.ask(`felix@${placeOf(node)}`)));
    // Where no Felix is, nothing is being programmed.
    const waited = nodes.filter((_, at) => !isFelixGone(felix[at]));
    if (waited.length === 0)
      return {
        'later-rulesets': unavailable(
          'not-applicable',
          'there is no Felix that could have programmed it in the meantime',
        ),
      };
    const evidence: Evidence[] = [];
    const later: NodeRuleSets[] = [];
    for (const name of waited) {
      const place = placeOf(name);
      const first = await facts.ask(`rulesets@${place}`);
      if (first.status === 'unavailable') continue;
      await look.clock.sleep(
        Math.max(0, Date.parse(first.value.at) + laterMs - look.clock.now().getTime()),
        look.signal,
      );
      const node = look.on(place);
      const read = await readRuleSets(node.node, (command, params) => node.run(command, params));
      later.push(read.value);
      evidence.push(...read.evidence);
    }
    return { 'later-rulesets': observed(later, evidence) };
  },
});
