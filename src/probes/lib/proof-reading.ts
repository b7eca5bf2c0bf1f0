import { parameterPatterns } from '../../model/command.ts';
import type { NodeRuleSets, PacketWalk } from '../../model/flow-walk.ts';
import { LookError } from '../../model/look-error.ts';
import type { RuleSet } from '../../model/ruleset/rules.ts';
import { nftListChain } from '../../commands/nft.ts';
import { chainsToRecount, recounted, type ChainAddress } from '../../ruleset/joined/recounted-chains.ts';
import type { Json } from '../../ruleset/nft/json.ts';
import { nftObjects, ruleSetOf } from '../../ruleset/nft/listing.ts';
import { attempt, outputOrWhy, type RunCommand } from './partial-reading.ts';
import { readRuleSets, type rulesetCommands } from './ruleset-reading.ts';

type Run = RunCommand<(typeof rulesetCommands)[number]>;

/** The counters of a node now, and its first reading in a form that compares with them. */
export interface ProofReading {
  readonly first: NodeRuleSets;
  readonly now: NodeRuleSets;
}

/**
 * Reads the counters of a node again. Of a large rule set only the chains that the dropped packets enter are read: a
 * whole save takes a second of the node's processor, and a proof needs several.
 * @param first as the run found the node
 * @param walks those on this node that end in a drop
 * @throws LookError as `readRuleSets`
 */
export async function readForProof(first: NodeRuleSets, walks: readonly PacketWalk[], run: Run): Promise<ProofReading> {
  const wanted = chainsToRecount(
    first.ruleSets,
    walks.map(({ result }) => result),
  );
  const listed = wanted?.every(isNamed) ? await listChains(run, wanted) : null;
  const again = wanted && listed && recounted(first.ruleSets, wanted, [listed]);
  if (!again) return { first, now: (await readRuleSets(first.node, run, first.family)).value };
  return { first: { ...first, ruleSets: again.first }, now: { ...first, ruleSets: again.now } };
}

function isNamed({ table, chain }: ChainAddress): boolean {
  return parameterPatterns.name.test(table) && parameterPatterns.chain.test(chain);
}

/** null: one of them could not be listed. */
async function listChains(run: Run, wanted: readonly ChainAddress[]): Promise<RuleSet | null> {
  const answers = await Promise.all(
    wanted.map(({ family, table, chain }) => attempt(run, nftListChain, { family, table, chain })),
  );
  // The listing of a chain does not name its table as one.
  const tables = new Map(wanted.map(({ family, table: name }) => [`${family} ${name}`, { table: { family, name } }]));
  const objects: Json[] = [...tables.values()];
  for (const answer of answers) {
    const output = outputOrWhy(answer);
    if (output instanceof LookError) return null;
    try {
      objects.push(...nftObjects(output));
    } catch (error) {
      if (error instanceof SyntaxError) return null;
      throw error;
    }
  }
  return ruleSetOf(objects);
}
