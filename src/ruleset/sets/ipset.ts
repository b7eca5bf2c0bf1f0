import type { Uncertainty } from '../../model/ruleset/rules.ts';
import type { PacketSet, SetElement } from '../../model/ruleset/sets.ts';
import { LazySet } from './lazy-set.ts';
import { isBlank, oneLine, QuotedText } from '../text/quoted-text.ts';
import { tokenize } from '../iptables/rule-tokens.ts';
import { parseElement } from './elements.ts';

interface Draft {
  name: string;
  type: string;
  header: ReadonlyMap<string, string>;
  /** Each element's line from the element on; null: only the set's head was printed. */
  elements: string[] | null;
  size: number | null;
}

export interface ParsedSets {
  readonly sets: readonly PacketSet[];
  readonly uncertainties: readonly Uncertainty[];
}

/** ipset refuses a quote in a comment. Every other character stands for itself. */
const quoting = { escapes: false };

/** Parses `ipset save`, `ipset list` and `ipset list -t`; the last has no elements, so membership stays unknown. */
export function parseIpset(text: string): ParsedSets {
  const reader = new SetReader(text);
  reader.read();
  const uncertainties = [...reader.uncertain];
  for (const { name, size, elements } of reader.drafts) {
    if (elements && size !== null && elements.length < size)
      uncertainties.push({ rule: oneLine(name), why: 'the list of the set is cut off' });
  }
  return { sets: reader.drafts.map(finish), uncertainties };
}

class SetReader {
  readonly #text: string;
  readonly #quoted: QuotedText;
  readonly #byName = new Map<string, Draft>();
  #current: Draft | undefined;
  #members = false;
  readonly drafts: Draft[] = [];
  readonly uncertain: Uncertainty[] = [];

  constructor(text: string) {
    this.#text = text;
    this.#quoted = new QuotedText(text, quoting);
  }

  read(): void {
    const text = this.#text;
    let at = 0;
    while (at < text.length) {
      while (isBlank(text.charCodeAt(at))) at += 1;
      const prefix = ['add ', 'create '].find((word) => text.startsWith(word, at)) ?? '';
      // Members are elements with their comments; heads hold a set's name, printed as it is.
      const end =
        prefix === '' && (!this.#members || text.startsWith('Name: ', at))
          ? this.#quoted.endOfPlainLine(at)
          : this.#quoted.endOfLine(prefix === '' ? at : this.#behindName(at + prefix.length));
      if (end === null) {
        this.uncertain.push({ rule: oneLine(text.slice(at, at + 300)), why: 'a quote in the line is never closed' });
        for (const draft of this.drafts) draft.elements = null;
        return;
      }
      this.#line(prefix, text.slice(at, end).trimEnd());
      at = end + 1;
    }
  }

  #behindName(from: number): number {
    let at = from;
    while (at < this.#text.length && !' \n'.includes(this.#text.charAt(at))) at += 1;
    return at;
  }

  #line(prefix: string, line: string): void {
    if (line === '' || line.startsWith('#')) return;
    const [, key, value = ''] =
      prefix === ''
        ? (/^(Name|Type|Header|Members|Number of entries|Revision|Size in memory|References):[ \t]*(.*)$/s.exec(line) ??
          [])
        : [];
    if (prefix === 'create ') this.#create(line);
    else if (prefix === 'add ') this.#add(line);
    else if (key === 'Name') this.#start({ name: value, type: '', header: new Map(), elements: null, size: null });
    else if (key !== undefined && this.#current) this.#head(this.#current, key, value);
    else if (this.#members && this.#current) this.#current.elements?.push(line);
    else this.#strange(line, 'the line does not belong to a list of sets');
  }

  #start(draft: Draft): void {
    this.#current = draft;
    this.#members = false;
    this.drafts.push(draft);
    this.#byName.set(draft.name, draft);
  }

  #create(line: string): void {
    const [, name = '', type, ...rest] = line.split(' ');
    // A name may hold a line end; what stands behind it is then no command of ipset's.
    if (type === undefined || !type.includes(':')) this.#strange(line, 'the line does not belong to a list of sets');
    else this.#start({ name, type, header: pairs(rest), elements: [], size: null });
  }

  #add(line: string): void {
    const blank = line.indexOf(' ', 4);
    const draft = this.#byName.get(line.slice(4, blank === -1 ? undefined : blank));
    if (draft) draft.elements?.push(blank === -1 ? '' : line.slice(blank + 1));
    else this.#strange(line, 'the element is of a set that is not in the save');
  }

  #head(current: Draft, key: string, value: string): void {
    if (key === 'Type') current.type = value;
    if (key === 'Header') current.header = pairs(value.split(' '));
    if (key === 'Number of entries') current.size = Number(value);
    if (key !== 'Members') return;
    this.#members = true;
    current.elements = [];
  }

  #strange(line: string, why: string): void {
    if (this.uncertain.length < toldLines) this.uncertain.push({ rule: oneLine(line.slice(0, 300)), why });
  }
}

/** At most this number of lines without a meaning are named one by one. */
const toldLines = 50;

/** Adds the answer of `ipset test SET ELEMENT` to a set that is too large to read. */
export function withTestedElement(set: PacketSet, element: string, member: boolean): PacketSet {
  const { name, type, family, table, size, tested } = set;
  return new LazySet({ name, type, family, table, size, tested: [...tested, { element, member }] }, () => set.elements);
}

function elementOf(line: string, { type, header }: Draft): SetElement {
  const words = tokenize(line, quoting);
  const [element = '', ...options] = (words ?? []).map(({ text }) => text);
  if (!words) return { parts: [{ kind: 'other', text: oneLine(line) }], exception: false };
  return parseElement(type, element, options.includes('nomatch'), Number(header.get('netmask') ?? Number.NaN));
}

function pairs(words: readonly string[]): Map<string, string> {
  return new Map(words.map((word, at) => [word, words[at + 1] ?? '']));
}

function finish(draft: Draft): PacketSet {
  const { name, type, header, elements, size } = draft;
  const family = header.get('family');
  const cutOff = elements !== null && size !== null && elements.length < size;
  const head = {
    name,
    type,
    family:
      family === 'inet6'
        ? ('ip6' as const)
        : family === 'inet' || type.startsWith('bitmap:ip')
          ? ('ip' as const)
          : null,
    table: null,
    size: size ?? elements?.length ?? null,
    tested: [],
  };
  return new LazySet(head, () => (elements === null || cutOff ? null : elements.map((line) => elementOf(line, draft))));
}
