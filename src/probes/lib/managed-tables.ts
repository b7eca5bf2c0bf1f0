import type { AddressFamily } from '../../model/addresses.ts';
import { parameterPatterns, type Transcript } from '../../model/command.ts';
import type { Evidence } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import type { UnreadPart } from '../../model/flow-walk.ts';
import { LookError } from '../../model/look-error.ts';
import type { RuleSet, Table, Uncertainty } from '../../model/ruleset/rules.ts';
import type { PacketSet } from '../../model/ruleset/sets.ts';
import { ip6tablesNftListChain, ip6tablesNftSave, ip6tablesNftSaveTable } from '../../commands/ip6tables.ts';
import { iptablesNftListChain, iptablesNftSave, iptablesNftSaveTable } from '../../commands/iptables.ts';
import { nftListChain, nftListMaps, nftListSets } from '../../commands/nft.ts';
import { printedRules, sizeOf } from '../../ruleset/chains/lazy-chain.ts';
import { parseListedChains } from '../../ruleset/iptables/listed-chains.ts';
import { leftOutTable, parseIptablesSave } from '../../ruleset/iptables/save.ts';
import {
  chainsForIptables,
  joinTable,
  leftOutChains,
  perhapsNativeChains,
  unfinishedChains,
} from '../../ruleset/joined/managed-table.ts';
import type { ListedChain } from '../../ruleset/nft/chain-list.ts';
import type { Json } from '../../ruleset/nft/json.ts';
import { nftObjects, ruleSetOf } from '../../ruleset/nft/listing.ts';
import { ListedRules } from '../../ruleset/nft/listed-rules.ts';
import { attempt, outputOrWhy, type RunCommand } from './partial-reading.ts';

/** How each family's tables are read, and what nft calls the family. */
export const managedReaders = {
  4: { family: 'ip', save: iptablesNftSave, table: iptablesNftSaveTable, chain: iptablesNftListChain },
  6: { family: 'ip6', save: ip6tablesNftSave, table: ip6tablesNftSaveTable, chain: ip6tablesNftListChain },
} as const;
type Reader = (typeof managedReaders)[AddressFamily];

export const managedTableCommands = [
  iptablesNftSave,
  iptablesNftSaveTable,
  iptablesNftListChain,
  ip6tablesNftSave,
  ip6tablesNftSaveTable,
  ip6tablesNftListChain,
  nftListChain,
  nftListSets,
  nftListMaps,
] as const;
type Run = RunCommand<(typeof managedTableCommands)[number]>;

/** Of a table that cannot be saved: above it only base chains are read, and the rest is named as unread. */
const mostChains = 120;
/**
 * Chains times rules, about five seconds of one processor: older versions of iptables-nft read the whole table for each
 * chain. Version 1.8.9 reads the chain alone.
 */
const mostWork = 60_000;
const names = /^(?:raw|mangle|nat|filter|security)$/;

export interface ManagedReading {
  readonly ruleSet: RuleSet;
  readonly unread: readonly UnreadPart[];
  readonly evidence: readonly Evidence[];
}

/**
 * Reads the tables that iptables-nft keeps in nft, by its save; what the save leaves out, refuses or may print wrong is
 * read by nft. A part that nobody can read becomes an uncertainty at its place.
 * @param chains as nft lists them; null: nft cannot be asked, so what the save leaves out stays open
 */
export async function readManagedTables(
  run: Run,
  save: Transcript,
  chains: readonly ListedChain[] | null,
  of: AddressFamily = 4,
): Promise<ManagedReading> {
  const reader = managedReaders[of];
  const output = outputOrWhy(save);
  const isCut = save.timedOut || save.truncated;
  const parsed = parseIptablesSave(isCut ? '' : save.stdout, {
    backend: 'iptables-nft',
    family: reader.family,
    counted: true,
  });
  const evidence = [evidenceOf(save)];
  const listed = (chains ?? []).filter(({ family, table }) => family === reader.family && names.test(table));
  if (chains === null) return { ...alone(parsed, output, reader), evidence };
  const ofTable = Map.groupBy(listed, ({ table }) => table);
  const tables = await Promise.all(
    [...new Set([...parsed.tables.map(({ name }) => name), ...ofTable.keys()])].map((name) => {
      const saved = parsed.tables.find((table) => table.name === name) ?? null;
      const refused = parsed.uncertainties.some(
        ({ rule }) => leftOutTable(rule)?.is === 'refused' && leftOutTable(rule)?.name === name,
      );
      return readTable({
        run,
        reader,
        name,
        saved,
        unfinished: Boolean(parsed.cutOff) && saved !== null && saved === parsed.tables.at(-1),
        // What a save that ended says nothing of may stand behind its end.
        behind: saved === null && !refused && output instanceof LookError && !isCut,
        trouble: output instanceof LookError ? output.message : `${reader.save.argv[0]} cannot print it`,
        listed: ofTable.get(name) ?? [],
      });
    }),
  );
  const told = parsed.uncertainties.filter(({ rule }) => leftOutTable(rule) === null && !rule.startsWith('*'));
  const isEmpty = tables.every(({ table }) => (table?.chains ?? []).length === 0);
  if (output instanceof LookError && isEmpty) return { ...alone({ ...parsed, tables: [] }, output, reader), evidence };
  return {
    ruleSet: {
      backend: 'iptables-nft',
      tables: tables.flatMap(({ table }) => table ?? []),
      sets: tables.flatMap(({ sets }) => sets),
      uncertainties: [...told, ...tables.flatMap(({ unread }) => unread.map(uncertaintyOf))],
    },
    unread: tables.flatMap(({ unread }) => unread),
    evidence: [...evidence, ...tables.flatMap((one) => one.evidence)],
  };
}

/** What iptables-nft alone tells: a save that ends early is told as such, and a table is never half. */
function alone(parsed: RuleSet, output: string | LookError, { family }: Reader): Omit<ManagedReading, 'evidence'> {
  if (!(output instanceof LookError)) return { ruleSet: parsed, unread: [] };
  const unread = [{ part: 'the rest of the tables of iptables-nft', why: output.message }];
  const tables = parsed.tables.map((saved, at) => {
    const unfinished = parsed.cutOff && at === parsed.tables.length - 1 ? unfinishedChains(saved) : [];
    return joinTable({ family, name: saved.name }, { saved, unfinished, listed: null, leftOut: [] });
  });
  const uncertainties = [
    ...parsed.uncertainties.filter(({ rule }) => !rule.startsWith('*')),
    ...unread.map(uncertaintyOf),
  ];
  return { ruleSet: { ...parsed, cutOff: false, tables, uncertainties }, unread };
}

function uncertaintyOf({ part, why }: UnreadPart): Uncertainty {
  return { rule: part, why, unwalked: true };
}

interface TableQuestion {
  readonly run: Run;
  readonly reader: Reader;
  readonly name: string;
  readonly saved: Table | null;
  readonly unfinished: boolean;
  /** It may be printed when it is asked for alone. */
  readonly behind: boolean;
  /** Why the save does not hold it whole. */
  readonly trouble: string;
  readonly listed: readonly ListedChain[];
}
interface TableReading {
  readonly table: Table | null;
  readonly sets: readonly PacketSet[];
  readonly unread: readonly UnreadPart[];
  readonly evidence: readonly Evidence[];
}

async function readTable(question: TableQuestion): Promise<TableReading> {
  const { run, reader, name, listed, behind } = question;
  let { saved, unfinished, trouble } = question;
  const evidence: Evidence[] = [];
  if (behind) {
    const answer = await attempt(run, reader.table, { table: name });
    const output = outputOrWhy(answer);
    const isPart = !(answer instanceof LookError) && !answer.timedOut && !answer.truncated;
    const parsed = parseIptablesSave(isPart ? answer.stdout : '', {
      backend: 'iptables-nft',
      family: reader.family,
      counted: true,
    });
    saved = parsed.tables.find((table) => table.name === name) ?? null;
    unfinished = Boolean(parsed.cutOff);
    if (output instanceof LookError) trouble = output.message;
    if (saved && isPart) evidence.push(evidenceOf(answer));
  }
  const open = saved ? (unfinished ? unfinishedChains(saved) : []) : listed.map((chain) => chain.name);
  const leftOut = saved ? leftOutChains(saved, listed) : [];
  const wanted = [...new Set([...leftOut, ...(saved ? perhapsNativeChains(saved) : []), ...few(open, listed)])];
  if (wanted.length === 0) return { table: saved, sets: [], unread: [], evidence };
  const read = await readByNft(run, reader, name, wanted);
  evidence.push(...read.evidence);
  const more = open.length > 0 && read.table ? await readByIptables(question, read.table, saved, open) : null;
  const bases = new Set(listed.flatMap((chain) => (chain.base ? [chain.name] : [])));
  const unread = [...new Set([...leftOut, ...open])].flatMap((chain) => {
    if (!bases.has(chain) || read.table?.chains.some((one) => one.name === chain)) return [];
    return [{ part: `chain ${chain} in table ${reader.family} ${name}`, why: read.failed.get(chain) ?? trouble }];
  });
  const table = joinTable(
    { family: reader.family, name },
    { saved: more ? moreOf(saved, more) : saved, unfinished: open, listed: read.table, leftOut },
  );
  return { table, sets: read.sets, unread, evidence };
}

/** All of them where they are few, else the base chains alone. */
function few(open: readonly string[], listed: readonly ListedChain[]): readonly string[] {
  if (open.length <= mostChains) return open;
  const bases = new Set(listed.flatMap(({ base, name }) => (base ? [name] : [])));
  return open.filter((name) => bases.has(name));
}

async function readByNft(run: Run, { family }: Reader, table: string, chains: readonly string[]) {
  const answers = await Promise.all(
    chains.map(async (chain) => ({
      chain,
      answer: parameterPatterns.chain.test(chain)
        ? await attempt(run, nftListChain, { family, table, chain })
        : new LookError('not-supported', 'its name is not one that a command may hold'),
    })),
  );
  const failed = new Map<string, string>();
  const evidence: Evidence[] = [];
  const objects: Json[] = [{ table: { family, name: table } }];
  for (const { chain, answer } of answers) {
    const found = objectsOf(answer);
    if (found instanceof LookError) failed.set(chain, found.message);
    else {
      objects.push(...found);
      if (!(answer instanceof LookError)) evidence.push(evidenceOf(answer));
    }
  }
  let ruleSet = ruleSetOf(objects);
  const asksSets = ruleSet.tables[0]?.chains.some((one) => {
    const rules = printedRules(one);
    return rules instanceof ListedRules && rules.asksNamedSets();
  });
  if (asksSets) {
    const named = await Promise.all([nftListSets, nftListMaps].map((command) => attempt(run, command, { family })));
    ruleSet = ruleSetOf([...objects, ...named.flatMap((answer) => objectsOfTable(answer, table))]);
  }
  return { table: ruleSet.tables[0] ?? null, sets: ruleSet.sets, failed, evidence };
}

function objectsOf(answer: Transcript | LookError): readonly Json[] | LookError {
  const output = outputOrWhy(answer);
  if (output instanceof LookError) return output;
  try {
    return nftObjects(output);
  } catch (error) {
    if (error instanceof SyntaxError) return new LookError('not-parsed', 'nft printed what is not JSON');
    throw error;
  }
}

/** Sets and maps of one table: a name means the table's own. */
function objectsOfTable(answer: Transcript | LookError, table: string): readonly Json[] {
  const found = objectsOf(answer);
  return found instanceof LookError ? [] : found.filter((one) => JSON.stringify(one).includes(`"table":"${table}"`));
}

/** The rules that only iptables-nft can print, chain by chain, where that costs the node little. */
async function readByIptables(
  { run, reader, listed }: TableQuestion,
  read: Table,
  saved: Table | null,
  open: readonly string[],
): Promise<Table | null> {
  const wanted = chainsForIptables(read, saved, open).filter((chain) => parameterPatterns.chain.test(chain));
  const rules = read.chains.reduce((sum, chain) => sum + sizeOf(chain), 0);
  if (wanted.length === 0 || wanted.length * rules > mostWork) return null;
  const answers = await Promise.all(wanted.map((chain) => attempt(run, reader.chain, { table: read.name, chain })));
  // It ends at a rule that it cannot print: those before it are right.
  const texts = answers.flatMap((answer) =>
    answer instanceof LookError || answer.timedOut || answer.truncated ? [] : [answer.stdout],
  );
  return parseListedChains(
    { family: reader.family, name: read.name },
    texts,
    listed.map(({ name }) => name),
  );
}

/** Of two prints of a chain the one with more rules. */
function moreOf(saved: Table | null, more: Table): Table {
  const before = new Map((saved?.chains ?? []).map((chain) => [chain.name, chain]));
  const chains = more.chains.map((chain) => {
    const old = before.get(chain.name);
    return old && sizeOf(old) >= sizeOf(chain) ? old : chain;
  });
  return { family: more.family, name: more.name, chains };
}
