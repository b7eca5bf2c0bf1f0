import { isFelixGone } from '../../model/felix-gone.ts';
import { observed, unavailable, type Evidence } from '../../model/evidence.ts';
import type { PodPrograms } from '../../model/ebpf-programs.ts';
import type { NodeRuleSets } from '../../model/flow-walk.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { programCommands, readCounted } from '../lib/program-reading.ts';
import { readRuleSets, rulesetCommands } from '../lib/ruleset-reading.ts';

/** A Felix that is alive programs a change within this time. */
const laterMs = 10_000;

export const secondLook = defineClusterProbe({
  id: 'second-look',
  description:
    'The rule sets, or eBPF programs, of a node that drops a packet which the datastore allows, read again 10 s later.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [...rulesetCommands, ...programCommands],
  moment: 'later',
  needs: ['flow', 'expected-decisions'],
  uses: ['rulesets@target', 'rulesets@source', 'programs', 'felix@target', 'felix@source'],
  runsOn: ['target', 'source'],
  provides: ['later-rulesets', 'later-programs'],
  async read(look, facts) {
    const flow = facts.get('flow');
    const placeOf = (node: string) => (node === flow.destination.node ? 'target' : 'source');
    const differing = facts.get('expected-decisions').filter(({ decision }) => decision === 'allow');
    if (differing.length === 0) return nothing('the datastore lets through none of what the nodes drop');
    const nodes = [...new Set(differing.map(({ node }) => node))];
    const felix = await Promise.all(nodes.map((node) => facts.ask(`felix@${placeOf(node)}`)));
    // Where no Felix is, nothing is being programmed.
    const waited = nodes.filter((_, at) => !isFelixGone(felix[at]));
    if (waited.length === 0) return nothing('there is no Felix that could have programmed it in the meantime');
    const read = await facts.ask('programs');
    const programs = read.status === 'observed' ? read.value : [];
    const laterPrograms: PodPrograms[] = [];
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
      const own = programs.filter((one) => one.node === name);
      if (own.length > 0) {
        laterPrograms.push(...(await readCounted(own, () => node)));
        continue;
      }
      const again = await readRuleSets(node.node, (command, params) => node.run(command, params), first.value.family);
      later.push(again.value);
      evidence.push(...again.evidence);
    }
    return { 'later-rulesets': observed(later, evidence), 'later-programs': observed(laterPrograms) };
  },
});

function nothing(why: string) {
  return {
    'later-rulesets': unavailable('not-applicable', why),
    'later-programs': unavailable('not-applicable', why),
  };
}
