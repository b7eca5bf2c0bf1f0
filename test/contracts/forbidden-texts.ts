import { basename } from 'node:path';
import { catalogue } from '../../tools/lab/faults/catalogue/registry.ts';
import { addresses } from '../../tools/lab/topology.ts';
import { rules } from '../../src/rules/registry.ts';

/** Causes and faults may share a name: the product knows causes. */
const ruleIds = new Set(rules.map((rule) => rule.id));
const faultNames = catalogue.map((fault) => fault.name).filter((name) => !ruleIds.has(name));

const escaped = (text: string) => text.replaceAll('.', String.raw`\.`);
/** What the product must not know: the lab, its addresses and its faults. */
const labWords = new RegExp(
  [
    String.raw`\blab\b`,
    `\\b${escaped(addresses.gateway.replace(/\d+$/, ''))}\\d`,
    ...faultNames.map((name) => `(?<![\\w-])${name}(?![\\w-])`),
  ].join('|'),
  'i',
);

/** A claim that something holds no secrets, without taking them out. */
const claimsClean = /\bas (?:[\w<>]+ & )?Clean(?:ed|Event)/;
const cleaner = 'src/model/stored-event.ts';

const nothingWords = /^(?:utils?|helpers?|common|misc|shared)(?:\.\w+)*$/;

/** What is wrong with the name or the text of one file of the repository. */
export function forbiddenTexts(file: string, read: () => string): readonly string[] {
  const problems: string[] = [];
  if (/^(?:src|test|tools|scripts)\//.test(file) && file.split('/').some((part) => nothingWords.test(part)))
    problems.push(`${file}: a name that says nothing`);
  if (file.startsWith('src/')) {
    read()
      .split('\n')
      .forEach((line, index) => {
        const found = labWords.exec(line);
        if (found !== null) problems.push(`${file}:${index + 1}: the product knows no lab (${found[0]})`);
        if (file !== cleaner && claimsClean.test(line))
          problems.push(`${file}:${index + 1}: only withoutSecrets makes a clean event`);
      });
  }
  if (basename(file) === 'package-lock.json' && /"resolved": "https?:/.test(read()))
    problems.push(`${file}: holds download addresses; npm keeps them out with omit-lockfile-registry-resolved`);
  return problems;
}
