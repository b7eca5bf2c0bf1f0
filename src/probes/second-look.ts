import { observed, unavailable, type Evidence, type Fact } from '../model/evidence.ts';
import type { FelixState } from '../model/facts.ts';
import type { PacketWalk } from '../model/flow-walk.ts';
import { defineClusterProbe } from '../model/probe.ts';
import { rulesetCommands } from './ruleset-commands.ts';
import { readRuleSets } from './ruleset-reading.ts';
import { walkLegs, type WalkedNode } from './walk-legs.ts';
import { walkedNodeAt } from './walked-node.ts';

/** A Felix that is alive programs a change within this time. */
const laterMs = 10_000;

export const secondLook = defineClusterProbe({
  id: 'second-look',
  description: 'A node whose rules end a packet that the datastore lets through is read once more 10 s after the first time, and the packet walked again.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: rulesetCommands,
  needs: ['flow', 'walks', 'expected-decisions'],
  uses: ['rulesets@target', 'routes@target', 'links@target', 'rulesets@source', 'routes@source', 'links@source', 'felix@target', 'felix@source'],
  runsOn: ['target', 'source'],
  provides: ['later-walks'],
  async read(look, facts) {
    const flow = facts.get('flow');
    const placeOf = (node: string) => (node === flow.destination.node ? 'target' : 'source');
    const differing = facts.get('expected-decisions').filter(({ decision }) => decision === 'allow');
    if (differing.length === 0) return { 'later-walks': unavailable('not-applicable', 'the datastore lets through none of what the nodes drop') };
    const nodes = [...new Set(differing.map(({ node }) => node))];
    const felix = await Promise.all(nodes.map((node) => facts.ask(`felix@${placeOf(node)}`)));
    // Where no Felix is, nothing is being programmed.
    const waited = nodes.filter((_, at) => !isGone(felix[at]));
    if (waited.length === 0) return { 'later-walks': unavailable('not-applicable', 'there is no Felix that could have programmed it in the meantime') };
    const target = await walkedNodeAt(facts, 'target');
    const source = flow.source.node === null ? null : await walkedNodeAt(facts, 'source').catch(() => null);
    const evidence: Evidence[] = [];
    const walks: PacketWalk[] = [];
    for (const name of waited) {
      const place = placeOf(name);
      const first = place === 'target' ? target : source;
      if (!first) continue;
      await look.clock.sleep(Math.max(0, Date.parse(first.rulesets.at) + laterMs - look.clock.now().getTime()), look.signal);
      const node = look.on(place);
      const read = await readRuleSets(node.node, (command, params) => node.run(command, params));
      const later: WalkedNode = { ...first, rulesets: read.value };
      const legs = walkLegs(flow, place === 'target' ? later : target, place === 'source' || flow.source.node === name ? later : source);
      walks.push(...legs.filter(({ leg, node: on }) => on === name && differing.some((one) => one.leg === leg && one.node === name)));
      evidence.push(...read.evidence);
    }
    return { 'later-walks': observed(walks, evidence) };
  },
});

function isGone(felix: Fact<FelixState> | undefined): boolean {
  return felix?.status === 'observed' && felix.value.processes.length === 0 && felix.value.liveness === null;
}
