import type { Transcript } from '../../model/command.ts';
import type { Evidence, Gap } from '../../model/evidence.ts';
import type { NodeRuleSets } from '../../model/flow-walk.ts';
import { LookError } from '../../model/look-error.ts';
import type { RuleSet } from '../../model/ruleset/rules.ts';
import { parseIpset } from '../../ruleset/sets/ipset.ts';
import { parseIptablesSave } from '../../ruleset/iptables/save.ts';
import { parseChainDevices, type ChainDevices } from '../../ruleset/nft/chain-devices.ts';
import { parseNftJson } from '../../ruleset/nft/listing.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { gapOf, outputOf, toolError } from './evidence.ts';
import { catIpTablesNames } from '../../commands/cat.ts';
import { ipsetSave } from '../../commands/ipset.ts';
import { iptablesLegacySave, iptablesNftSave } from '../../commands/iptables.ts';
import { nftListChains, nftListTable, nftListTables } from '../../commands/nft.ts';

/** None of them changes the packet filters that it reads. */
export const rulesetCommands = [
  catIpTablesNames,
  iptablesLegacySave,
  iptablesNftSave,
  nftListTables,
  nftListTable,
  nftListChains,
  ipsetSave,
] as const;
type Run = (
  command: (typeof rulesetCommands)[number],
  params?: Readonly<Record<string, string>>,
) => Promise<Transcript>;

export interface RuleSetReading {
  readonly value: NodeRuleSets;
  readonly evidence: readonly Evidence[];
  /** Readers that the node lacks, and sets that could not be read. */
  readonly gaps: readonly Gap[];
}

/** Tables that iptables-nft keeps in nft, which its own save reads better. */
const ownedByIptablesNft = /^table (?:ip|ip6) (?:raw|mangle|nat|filter|security)$/;
/** Families that an IPv4 packet meets. */
const relevantFamilies = new Set(['ip', 'inet', 'netdev', 'bridge']);

/**
 * Reads every packet filter that is in use on a node, once. What a missing reader would have read is an uncertainty, and a
 * gap; so are sets that could not be read.
 * @throws LookError when a reader that is there fails: half a rule set would be worse than none.
 */
export async function readRuleSets(node: string, run: Run): Promise<RuleSetReading> {
  const [legacyTables, nftSave, nftTables, sets] = await Promise.all([
    run(catIpTablesNames),
    run(iptablesNftSave),
    run(nftListTables),
    run(ipsetSave),
  ]);
  const legacyInUse = !isAbsentFile(legacyTables) && outputOf(legacyTables).trim() !== '';
  const nftList = isThere(nftTables) ? outputOf(nftTables) : '';
  const [legacySave, ...tables] = await Promise.all([
    legacyInUse ? run(iptablesLegacySave) : null,
    ...nftTablesToRead(nftList, isThere(nftSave)).map(([family, table]) => run(nftListTable, { family, table })),
  ]);
  const setsRead = setsOf(sets);
  const parsedSets = parseIpset(setsRead.text);
  const ruleSets: RuleSet[] = [];
  const gaps: Gap[] = setsRead.gap ? [setsRead.gap] : [];
  /** Nothing that the reader would have printed is known. */
  const unread = (backend: RuleSet['backend'], what: string, reader: Transcript) => {
    const error = toolError(reader);
    if (!error) return;
    gaps.push(gapOf(error, node));
    ruleSets.push({
      backend,
      tables: [],
      sets: [],
      uncertainties: [{ rule: what, why: error.message, unwalked: true }],
    });
  };
  const evidence: Evidence[] = [];
  const add = (transcript: Transcript, parsed: RuleSet) => {
    if (parsed.tables.length === 0 && parsed.uncertainties.length === 0) return;
    ruleSets.push({
      ...parsed,
      sets: [...parsed.sets, ...(parsed.backend === 'nftables' ? [] : parsedSets.sets)],
      uncertainties: [...parsed.uncertainties, ...parsedSets.uncertainties],
    });
    evidence.push(evidenceOf(transcript));
  };
  if (legacySave && !isThere(legacySave)) unread('iptables-legacy', 'tables of iptables-legacy', legacySave);
  else if (legacySave)
    add(legacySave, parseIptablesSave(outputOf(legacySave), { backend: 'iptables-legacy', counted: true }));
  if (isThere(nftSave)) add(nftSave, parseIptablesSave(outputOf(nftSave), { backend: 'iptables-nft', counted: true }));
  else if (hasTablesOfIptables(nftList)) unread('iptables-nft', 'tables of iptables-nft', nftSave);
  unread('nftables', 'tables of nftables', nftTables);
  const listed = tables.flatMap((table) => (table ? [{ table, parsed: parseNftJson(outputOf(table)) }] : []));
  const devices = listed.some(({ parsed }) => lacksDevices(parsed)) ? await chainDevices(run) : null;
  for (const { table, parsed } of listed) add(table, devices ? parseNftJson(outputOf(table), devices) : parsed);
  const value: NodeRuleSets = {
    node,
    ruleSets,
    at: (legacySave ?? nftSave).at,
    ...(setsRead.gap ? { setsUnread: setsRead.gap.reason } : {}),
  };
  return { value, evidence, gaps };
}

/** Rules say what they do with members of a set, so that sets which could not be read leave the rules as they are. */
function setsOf(sets: Transcript): { readonly text: string; readonly gap: Gap | null } {
  try {
    return { text: outputOf(sets), gap: null };
  } catch (error) {
    if (!(error instanceof LookError)) throw error;
    return { text: '', gap: gapOf(error, sets.node) };
  }
}

/** Chains at ingress or egress that would be walked if their devices were known. */
function lacksDevices({ uncertainties }: RuleSet): boolean {
  return uncertainties.some(({ rule, unwalked }) => unwalked && !rule.startsWith('bridge '));
}

/** null where they cannot be read: the chains then stay an uncertainty of their rule set. */
async function chainDevices(run: Run): Promise<ChainDevices | null> {
  try {
    return parseChainDevices(outputOf(await run(nftListChains)));
  } catch (error) {
    if (error instanceof LookError) return null;
    throw error;
  }
}

function isThere(transcript: Transcript): boolean {
  return toolError(transcript) === null;
}

function hasTablesOfIptables(list: string): boolean {
  return list.split('\n').some((line) => ownedByIptablesNft.test(line.trim()));
}

/** The kernel shows the file only where the subsystem is loaded. */
function isAbsentFile({ exit, stderr }: Transcript): boolean {
  return exit === 1 && stderr.includes('No such file');
}

/** @param savedElsewhere iptables-nft-save is there: it reads its own tables better */
function nftTablesToRead(list: string, savedElsewhere: boolean): readonly (readonly [string, string])[] {
  return list
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('table ') && !(savedElsewhere && ownedByIptablesNft.test(line)))
    .map((line) => line.split(/\s+/).slice(1) as [string, string])
    .filter(([family]) => relevantFamilies.has(family));
}
