import { iptablesLegacySaveInPod, iptablesNftSaveInPod } from '../../commands/iptables.ts';
import { nftListTableInPod } from '../../commands/nft.ts';
import type { Transcript } from '../../model/command.ts';
import { observed, unavailable, type Evidence, type Fact } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import type { NodeRuleSets } from '../../model/flow-walk.ts';
import { LookError } from '../../model/look-error.ts';
import type { PodNetwork } from '../../model/network.ts';
import { defineClusterProbe, type NodeLook } from '../../model/probe.ts';
import type { RuleSet } from '../../model/ruleset/rules.ts';
import { parseIptablesSave } from '../../ruleset/iptables/save.ts';
import { parseNftJson } from '../../ruleset/nft/listing.ts';
import { outputOf } from '../lib/evidence.ts';

/** Tables that iptables-nft keeps in nft, which its own save reads better. */
const ownedByIptables = new Set(['raw', 'mangle', 'nat', 'filter', 'security']);
/** Families that an IPv4 packet meets in a pod. */
const relevantFamilies = new Set(['ip', 'inet', 'netdev']);

type Command = 'iptables-legacy-save-in-pod' | 'iptables-nft-save-in-pod' | 'nft-list-table-in-pod';

export const podRulesets = defineClusterProbe({
  id: 'pod-rulesets',
  description:
    "The packet filters in each pod's own network namespace, where it has any: a service mesh, or a program.",
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [iptablesLegacySaveInPod, iptablesNftSaveInPod, nftListTableInPod],
  needs: ['flow'],
  uses: ['pod-network', 'source-pod-network'],
  runsOn: ['target', 'source'],
  provides: ['pod-rulesets', 'source-pod-rulesets'],
  async read(look, facts) {
    const { source, destination } = facts.get('flow');
    const readAt = async (place: 'target' | 'source', network: Fact<PodNetwork>): Promise<Fact<NodeRuleSets>> => {
      if (network.status === 'unavailable') {
        const code = network.code === 'not-applicable' ? network.code : 'needed-fact-missing';
        return unavailable(code, network.reason);
      }
      try {
        return await readFilters(look.on(place), network.value, look.clock.now().toISOString());
      } catch (error) {
        if (error instanceof LookError) return unavailable(error.code, error.message);
        throw error;
      }
    };
    const [target, from] = await Promise.all([facts.ask('pod-network'), facts.ask('source-pod-network')]);
    const [own, peer] = await Promise.all([
      readAt('target', target),
      readAt(source.node === destination.node ? 'target' : 'source', from),
    ]);
    return { 'pod-rulesets': own, 'source-pod-rulesets': peer };
  },
});

async function readFilters(
  node: NodeLook<Command>,
  { namespace: netns, filters }: PodNetwork,
  now: string,
): Promise<Fact<NodeRuleSets>> {
  if (filters.nft === null) throw new LookError('not-supported', `nft does not list the tables of ${netns}`);
  const tables = filters.nft.filter(({ family }) => relevantFamilies.has(family));
  const reads: Promise<readonly [Transcript, (text: string) => RuleSet]>[] = [];
  const read = (parse: (text: string) => RuleSet, transcript: Promise<Transcript>) =>
    reads.push(transcript.then((done) => [done, parse] as const));
  if (filters.legacy.length > 0)
    read(
      (text) => parseIptablesSave(text, { backend: 'iptables-legacy', counted: true }),
      node.run(iptablesLegacySaveInPod, { netns }),
    );
  if (tables.some(isIptables))
    read(
      (text) => parseIptablesSave(text, { backend: 'iptables-nft', counted: true }),
      node.run(iptablesNftSaveInPod, { netns }),
    );
  for (const { family, name } of tables.filter((table) => !isIptables(table)))
    read(parseNftJson, node.run(nftListTableInPod, { netns, family, table: name }));
  const done = await Promise.all(reads);
  const evidence: readonly Evidence[] = done.map(([transcript]) => evidenceOf(transcript));
  const ruleSets = done.map(([transcript, parse]) => parse(outputOf(transcript)));
  return observed({ node: node.node, ruleSets, at: done[0]?.[0].at ?? now }, evidence);
}

function isIptables({ family, name }: { readonly family: string; readonly name: string }): boolean {
  return family === 'ip' && ownedByIptables.has(name);
}
