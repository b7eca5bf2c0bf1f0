import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { RuleSet } from '../model/ruleset/rules.ts';
import { parseIpset } from '../ruleset/sets/ipset.ts';
import { parseIptablesSave } from '../ruleset/iptables/save.ts';
import { parseNftJson } from '../ruleset/nft/listing.ts';

/** A file that is not there, or is not what the option asks for. */
export class TraceFileError extends Error {
  override readonly name = 'TraceFileError';
}

/** @throws TraceFileError */
export async function readRules(file: string): Promise<RuleSet> {
  const saved = await read(file);
  if (saved.trimStart().startsWith('{')) {
    try {
      return parseNftJson(saved);
    } catch (error) {
      throw new TraceFileError(`${nameOf(file)} is not the JSON that nft prints: ${String(error)}`, { cause: error });
    }
  }
  const ruleSet = parseIptablesSave(saved);
  if (ruleSet.tables.length === 0 && ruleSet.uncertainties.some(({ rule }) => !rule.startsWith('#'))) {
    throw new TraceFileError(
      `${nameOf(file)} is neither iptables-save output nor nft JSON. Run: iptables-save -c${to(file)}`,
    );
  }
  return ruleSet;
}

/** @throws TraceFileError */
export async function readSets(file: string): Promise<Pick<RuleSet, 'sets' | 'uncertainties'>> {
  const parsed = parseIpset(await read(file));
  if (parsed.sets.length === 0 && parsed.uncertainties.length > 0)
    throw new TraceFileError(`${nameOf(file)} is not ipset save output. Run: ipset save${to(file)}`);
  return parsed;
}

const nameOf = (file: string) => (file === '-' ? 'standard input' : file);
const to = (file: string) => (file === '-' ? ' | calico-chatops trace …' : ` > ${file}`);

async function read(file: string): Promise<string> {
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw new TraceFileError(
      `${nameOf(file)} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}
