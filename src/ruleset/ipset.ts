import type { PacketSet, SetElement, Uncertainty } from '../model/ruleset.ts';
import { parseElement } from './set-elements.ts';
import { tokenize } from './rule-tokens.ts';

interface Draft {
  name: string;
  type: string;
  header: ReadonlyMap<string, string>;
  elements: SetElement[] | null;
  size: number | null;
}

export interface ParsedSets {
  readonly sets: readonly PacketSet[];
  readonly uncertainties: readonly Uncertainty[];
}

/** Parses `ipset save`, `ipset list` and `ipset list -t`; the last has no elements, so membership stays unknown. */
export function parseIpset(text: string): ParsedSets {
  const drafts: Draft[] = [];
  const uncertainties: Uncertainty[] = [];
  let current: Draft | undefined;
  let members = false;
  for (const line of text.split('\n').map((raw) => raw.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const [, key, value = ''] = /^(Name|Type|Header|Members|Number of entries|Revision|Size in memory|References):\s*(.*)$/.exec(line) ?? [];
    if (line.startsWith('create ')) {
      const [, name = '', type = '', ...rest] = tokenize(line).map(({ text: word }) => word);
      drafts.push({ name, type, header: pairs(rest), elements: [], size: null });
    } else if (line.startsWith('add ')) {
      const [, name = '', ...rest] = tokenize(line).map(({ text: word }) => word);
      const draft = drafts.find((found) => found.name === name);
      if (draft) addElement(draft, rest);
      else uncertainties.push({ rule: line, why: 'the element is of a set that is not in the save' });
    } else if (key === 'Name') {
      current = { name: value, type: '', header: new Map(), elements: null, size: null };
      drafts.push(current);
      members = false;
    } else if (key !== undefined && current) {
      if (key === 'Type') current.type = value;
      if (key === 'Header') current.header = pairs(value.split(' '));
      if (key === 'Number of entries') current.size = Number(value);
      if (key === 'Members') {
        members = true;
        current.elements = [];
      }
    } else if (members && current) {
      addElement(
        current,
        tokenize(line).map(({ text: word }) => word),
      );
    } else {
      uncertainties.push({ rule: line.slice(0, 300), why: 'the line is no part of a list of sets' });
    }
  }
  for (const { name, size, elements } of drafts) {
    if (elements && size !== null && elements.length < size) uncertainties.push({ rule: name, why: 'the list of the set is cut off' });
  }
  return { sets: drafts.map(finish), uncertainties };
}

/** Adds the answer of `ipset test SET ELEMENT` to a set, where the set itself was too large to read. */
export function withTestedElement(set: PacketSet, element: string, member: boolean): PacketSet {
  return { ...set, tested: [...set.tested, { element, member }] };
}

function addElement(draft: Draft, words: readonly string[]): void {
  const [element = '', ...options] = words;
  draft.elements?.push(parseElement(draft.type, element, options.includes('nomatch'), Number(draft.header.get('netmask') ?? Number.NaN)));
}

function pairs(words: readonly string[]): Map<string, string> {
  return new Map(words.map((word, at) => [word, words[at + 1] ?? '']));
}

function finish({ name, type, header, elements, size }: Draft): PacketSet {
  const family = header.get('family');
  return {
    name,
    type,
    family: family === 'inet6' ? 'ip6' : family === 'inet' || type.startsWith('bitmap:ip') ? 'ip' : null,
    table: null,
    elements: elements && size !== null && elements.length < size ? null : elements,
    size: size ?? elements?.length ?? null,
    tested: [],
  };
}
