import { isFelixArpTable } from '../../calico/arp-table.ts';
import type { AddressFamily } from '../../model/addresses.ts';
import type { Transcript } from '../../model/command.ts';
import type { Evidence, Gap } from '../../model/evidence.ts';
import { ipsets, type NodeRuleSets, type UnreadPart } from '../../model/flow-walk.ts';
import { LookError } from '../../model/look-error.ts';
import type { RuleSet } from '../../model/ruleset/rules.ts';
import { sizeOf } from '../../ruleset/chains/lazy-chain.ts';
import { parseIpset } from '../../ruleset/sets/ipset.ts';
import { parseIptablesSave } from '../../ruleset/iptables/save.ts';
import { chainDevices } from '../../ruleset/nft/chain-devices.ts';
import { parseChainList, type ListedChain } from '../../ruleset/nft/chain-list.ts';
import { parseNftJson } from '../../ruleset/nft/listing.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { catIp6TablesNames, catIpTablesNames, catPacketQueues } from '../../commands/cat.ts';
import { ipsetSave } from '../../commands/ipset.ts';
import { ip6tablesLegacySave } from '../../commands/ip6tables.ts';
import { iptablesLegacySave } from '../../commands/iptables.ts';
import { nftListChains, nftListTable, nftListTables } from '../../commands/nft.ts';
import { managedReaders, managedTableCommands, readManagedTables } from './managed-tables.ts';
import { toolError } from './evidence.ts';
import { attempt, outputOrWhy, type RunCommand } from './partial-reading.ts';

/** None of them changes the packet filters that it reads. */
export const rulesetCommands = [
  catIpTablesNames,
  iptablesLegacySave,
  catIp6TablesNames,
  ip6tablesLegacySave,
  nftListTables,
  nftListTable,
  nftListChains,
  ipsetSave,
  catPacketQueues,
  ...managedTableCommands,
] as const;
type Run = RunCommand<(typeof rulesetCommands)[number]>;

export interface RuleSetReading {
  readonly value: NodeRuleSets;
  readonly evidence: readonly Evidence[];
  /** Parts that are blind spots of their own. */
  readonly gaps: readonly Gap[];
}
/** One part of a node's packet filters. */
interface PartReading {
  readonly ruleSets: readonly RuleSet[];
  readonly unread: readonly UnreadPart[];
  readonly evidence: readonly Evidence[];
  readonly at: string | null;
}

/** Tables that iptables-nft keeps in nft, which its own save reads better. */
const ownedByIptablesNft = /^(?:ip|ip6) (?:raw|mangle|nat|filter|security)$/;
/** How each family's tables of iptables-legacy are read, and the families of nft's tables that its packets meet. */
const readers = {
  4: { names: catIpTablesNames, save: iptablesLegacySave, met: new Set(['ip', 'inet', 'netdev', 'bridge', 'arp']) },
  6: { names: catIp6TablesNames, save: ip6tablesLegacySave, met: new Set(['ip6', 'inet', 'netdev', 'bridge']) },
} as const;

/**
 * Reads every packet filter that is in use on a node, once. A part that cannot be read is named, and is an uncertainty
 * of every walk; the others are still read.
 * @param family whose packets are to meet them
 * @throws LookError when nothing could be read, or the node cannot be asked
 */
export async function readRuleSets(node: string, runCommand: Run, family: AddressFamily = 4): Promise<RuleSetReading> {
  let queues = false;
  const run: Run = async (command, params) => {
    const answer = await runCommand(command, params);
    queues ||= mentionsQueue(answer.stdout);
    return answer;
  };
  // A save may be long: no part waits for an answer that it does not need.
  const saving = run(managedReaders[family].save);
  const listing = attempt(run, nftListChains);
  const [legacy, managed, native, nftSave, sets] = await Promise.all([
    run(readers[family].names).then((names) => readLegacy(run, names, family)),
    Promise.all([saving, listing]).then(([save, chainList]) =>
      toolError(save) === null ? readManaged(run, save, listedChains(chainList), family) : nothing,
    ),
    listing.then((chainList) => readNative(run, chainList, saving, family)),
    saving,
    run(ipsetSave),
  ]);
  const parts = [legacy, managed, native];
  const setList = outputOrWhy(sets);
  const parsedSets = parseIpset(setList instanceof LookError ? '' : setList);
  const unread = [
    ...parts.flatMap((part) => part.unread),
    ...(setList instanceof LookError && [legacy, managed].some(mayAskSets) ? [unreadOf(ipsets, setList)] : []),
  ];
  const listened = queues ? await readListenedQueues(run) : null;
  const ruleSets = parts
    .flatMap((part) => part.ruleSets)
    .filter(({ tables, uncertainties }) => tables.length > 0 || uncertainties.length > 0)
    .map((parsed) => ({
      ...parsed,
      sets: [...parsed.sets, ...(parsed.backend === 'nftables' ? [] : parsedSets.sets)],
      uncertainties: [...parsed.uncertainties, ...parsedSets.uncertainties],
      ...(listened ? { listenedQueues: listened } : {}),
    }));
  const [first] = unread.filter(({ code }) => code === undefined);
  if (first && !ruleSets.some(({ tables }) => tables.some(({ chains: { length } }) => length > 0)))
    throw new LookError('command-failed', first.why);
  const at = legacy.at ?? nftSave.at;
  return {
    value: { node, ruleSets, at, ...(family === 6 ? { family } : {}), ...(unread.length > 0 ? { unread } : {}) },
    evidence: parts.flatMap((part) => part.evidence),
    gaps: unread.flatMap(({ code, why }) => (code === undefined ? [] : [{ code, reason: why, node }])),
  };
}

/** In what any of the tools prints of rules: `-j NFQUEUE`, or nft's statement. */
function mentionsQueue(text: string): boolean {
  return text.includes('QUEUE') || text.includes('"queue"');
}

/** Returns the queues at which a program listens: the first column. null: they cannot be read. */
async function readListenedQueues(run: Run): Promise<readonly number[] | null> {
  const answer = await attempt(run, catPacketQueues);
  if (!(answer instanceof LookError) && isAbsentFile(answer)) return [];
  const output = outputOrWhy(answer);
  if (output instanceof LookError) return null;
  return output
    .split('\n')
    .flatMap((line) => /^ *(\d{1,5}) /.exec(line)?.[1] ?? [])
    .map(Number);
}

const nothing: PartReading = { ruleSets: [], unread: [], evidence: [], at: null };

/** A part of which nothing is known, so that no walk takes it for empty. */
function unreadPart(backend: RuleSet['backend'], part: string, error: LookError): PartReading {
  const uncertainties = [{ rule: part, why: error.message, unwalked: true as const }];
  return { ...nothing, ruleSets: [{ backend, tables: [], sets: [], uncertainties }], unread: [unreadOf(part, error)] };
}

/** Only rules of iptables ask sets of ipset: where there are none, nobody needs the program. */
function mayAskSets({ ruleSets }: PartReading): boolean {
  return ruleSets.some(
    ({ tables, uncertainties }) =>
      uncertainties.length > 0 || tables.some(({ chains }) => chains.some((chain) => sizeOf(chain) > 0)),
  );
}

/** What a missing program would have read, and sets, are blind spots of their own. */
function unreadOf(part: string, { code, message }: LookError): UnreadPart {
  const isOwn = part === ipsets || code === 'tool-missing' || code === 'tool-refused';
  return { part, why: message, ...(isOwn ? { code } : {}) };
}

async function readLegacy(run: Run, names: Transcript, family: AddressFamily): Promise<PartReading> {
  if (isAbsentFile(names)) return nothing;
  const inUse = outputOrWhy(names);
  if (inUse instanceof LookError) return unreadPart('iptables-legacy', 'the tables of iptables-legacy', inUse);
  if (inUse.trim() === '') return nothing;
  const save = await run(readers[family].save);
  const output = outputOrWhy(save);
  if (output instanceof LookError)
    return { ...unreadPart('iptables-legacy', 'the tables of iptables-legacy', output), at: save.at };
  const ruleSet = parseIptablesSave(output, {
    backend: 'iptables-legacy',
    family: managedReaders[family].family,
    counted: true,
  });
  return { ruleSets: [ruleSet], unread: [], evidence: [evidenceOf(save)], at: save.at };
}

async function readManaged(
  run: Run,
  save: Transcript,
  chains: readonly ListedChain[] | null,
  family: AddressFamily,
): Promise<PartReading> {
  const { ruleSet, unread, evidence } = await readManagedTables(run, save, chains, family);
  return { ruleSets: [ruleSet], unread, evidence: ruleSet.tables.length > 0 ? evidence : [], at: save.at };
}

/** @param saving iptables-nft-save, which reads its own tables better: nft does only if that program is missing */
async function readNative(
  run: Run,
  chainList: Transcript | LookError,
  saving: Promise<Transcript>,
  family: AddressFamily,
): Promise<PartReading> {
  const chains = listedChains(chainList);
  const named = chains ? chains.map(({ family, table }) => `${family} ${table}`) : await tableNames(run, chainList);
  if (named instanceof LookError) return unreadPart('nftables', 'the tables of nft', named);
  const names = [...new Set(named)];
  const devices = chainDevices(chains ?? []);
  const readTables = (which: readonly string[]) =>
    Promise.all(
      which
        .map((name) => name.split(' ') as [string, string])
        .filter(([kind, table]) => readers[family].met.has(kind) && !(kind === 'arp' && isFelixArpTable(table)))
        .map(([kind, table]) => readNativeTable(run, kind, table, devices)),
    );
  const [native, unsaved] = await Promise.all([
    readTables(names.filter((name) => !ownedByIptablesNft.test(name))),
    saving.then(toolError),
  ]);
  const owned = names.filter((name) => ownedByIptablesNft.test(name));
  const parts =
    unsaved && owned.length > 0
      ? [unreadPart('iptables-nft', 'the tables of iptables-nft', unsaved), ...(await readTables(owned)), ...native]
      : native;
  return {
    ruleSets: parts.flatMap((part) => part.ruleSets),
    unread: parts.flatMap((part) => part.unread),
    evidence: parts.flatMap((part) => part.evidence),
    at: null,
  };
}

async function readNativeTable(
  run: Run,
  family: string,
  table: string,
  devices: ReturnType<typeof chainDevices>,
): Promise<PartReading> {
  const part = `table ${family} ${table}`;
  const answer = await attempt(run, nftListTable, { family, table });
  const output = outputOrWhy(answer);
  if (output instanceof LookError) return unreadPart('nftables', part, output);
  if (answer instanceof LookError) return unreadPart('nftables', part, answer);
  try {
    return { ...nothing, ruleSets: [parseNftJson(output, devices)], evidence: [evidenceOf(answer)] };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return unreadPart('nftables', part, new LookError('not-parsed', 'nft printed what is not JSON'));
  }
}

/** null: they cannot be listed, or nft is not there. */
function listedChains(answer: Transcript | LookError): readonly ListedChain[] | null {
  const output = outputOrWhy(answer);
  return output instanceof LookError ? null : parseChainList(output);
}

/** `family name` of every table, where the chains could not be listed. */
async function tableNames(run: Run, chainList: Transcript | LookError): Promise<readonly string[] | LookError> {
  const missing = chainList instanceof LookError ? null : toolError(chainList);
  if (missing) return missing;
  const answer = await attempt(run, nftListTables);
  const output = outputOrWhy(answer);
  if (output instanceof LookError) return output;
  return output.split('\n').flatMap((line) => /^\s*table (\S+ \S+)/.exec(line)?.[1] ?? []);
}

/** The kernel shows the file only where the subsystem is loaded. */
function isAbsentFile({ exit, stderr }: Transcript): boolean {
  return exit === 1 && stderr.includes('No such file');
}
