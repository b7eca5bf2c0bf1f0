import { ip6tablesLegacySaveInPod, ip6tablesNftSaveInPod } from '../../commands/ip6tables.ts';
import { iptablesLegacySaveInPod, iptablesNftSaveInPod } from '../../commands/iptables.ts';
import { nftListTableInPod } from '../../commands/nft.ts';
import { familyOf, type AddressFamily } from '../../model/addresses.ts';
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
/** What nft calls each family, and how its tables of iptables are read. */
const readers = {
  4: { own: 'ip', legacy: iptablesLegacySaveInPod, nft: iptablesNftSaveInPod },
  6: { own: 'ip6', legacy: ip6tablesLegacySaveInPod, nft: ip6tablesNftSaveInPod },
} as const;
const commands = [...Object.values(readers).flatMap(({ legacy, nft }) => [legacy, nft]), nftListTableInPod] as const;

export const podRulesets = defineClusterProbe({
  id: 'pod-rulesets',
  description:
    "The packet filters in each pod's own network namespace, where it has any: a service mesh, or a program.",
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands,
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
        const family = familyOf(destination.address);
        return await readFilters(look.on(place), network.value, family, look.clock.now().toISOString());
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
  node: NodeLook<(typeof commands)[number]['id']>,
  { namespace: netns, filters }: PodNetwork,
  version: AddressFamily,
  now: string,
): Promise<Fact<NodeRuleSets>> {
  if (filters.nft === null) throw new LookError('not-supported', `nft does not list the tables of ${netns}`);
  const { own, legacy, nft } = readers[version];
  const tables = filters.nft.filter(({ family }) => [own, 'inet', 'netdev'].includes(family));
  const isIptables = ({ family, name }: NftTable) => family === own && ownedByIptables.has(name);
  const reads: Promise<readonly [Transcript, (text: string) => RuleSet]>[] = [];
  const read = (parse: (text: string) => RuleSet, transcript: Promise<Transcript>) =>
    reads.push(transcript.then((done) => [done, parse] as const));
  if (filters.legacy.length > 0)
    read(
      (text) => parseIptablesSave(text, { backend: 'iptables-legacy', family: own, counted: true }),
      node.run(legacy, { netns }),
    );
  if (tables.some(isIptables))
    read(
      (text) => parseIptablesSave(text, { backend: 'iptables-nft', family: own, counted: true }),
      node.run(nft, { netns }),
    );
  for (const { family, name } of tables.filter((table) => !isIptables(table)))
    read(parseNftJson, node.run(nftListTableInPod, { netns, family, table: name }));
  const done = await Promise.all(reads);
  const evidence: readonly Evidence[] = done.map(([transcript]) => evidenceOf(transcript));
  const ruleSets = done.map(([transcript, parse]) => parse(outputOf(transcript)));
  return observed({ node: node.node, ruleSets, at: done[0]?.[0].at ?? now }, evidence);
}

interface NftTable {
  readonly family: string;
  readonly name: string;
}
