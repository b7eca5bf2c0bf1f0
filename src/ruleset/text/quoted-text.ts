/** What a program's quoting looks like. */
export interface Quoting {
  /** Inside quotes a `\` takes the next character as it is (iptables does so, ipset and nft do not). */
  readonly escapes: boolean;
}

/**
 * Finds the ends of lines in text whose quoted words may hold line ends: text in quotes never starts a line. A quote
 * opens only at the start of a word, as iptables, ipset and nft print it; a quote inside a word is part of a name. Ask
 * for lines in order; all of them together cost one pass over the text.
 */
export class QuotedText {
  readonly #text: string;
  readonly #escapes: boolean;
  /** The next opening quote at or after `from`, so that a text without quotes is searched once. */
  #known = { from: 0, at: -1 };

  constructor(text: string, { escapes }: Quoting) {
    this.#text = text;
    this.#escapes = escapes;
    this.#known = { from: 0, at: this.#search(0) };
  }

  /**
   * Returns the offset behind the line's last character; null where a quote that opens in it never closes.
   * @param quotesFrom offset behind what the program prints as it is, such as a chain's name
   */
  endOfLine(quotesFrom: number): number | null {
    let end = this.#lineEnd(quotesFrom);
    for (let open = this.#opening(quotesFrom); open < end;) {
      const close = closingQuote(this.#text, open + 1, this.#escapes);
      if (close === -1) return null;
      if (close > end) end = this.#lineEnd(close);
      open = this.#opening(close + 1);
    }
    return end;
  }

  /** Returns the end of a line in which no character is a quote. */
  endOfPlainLine(start: number): number {
    return this.#lineEnd(start);
  }

  #lineEnd(from: number): number {
    const found = this.#text.indexOf('\n', from);
    return found === -1 ? this.#text.length : found;
  }

  #opening(from: number): number {
    if (from < this.#known.from || from > this.#known.at) this.#known = { from, at: this.#search(from) };
    return this.#known.at;
  }

  #search(from: number): number {
    for (let at = this.#text.indexOf('"', from); at !== -1; at = this.#text.indexOf('"', at + 1))
      if (isBlank(this.#text.charCodeAt(at - 1))) return at;
    return this.#text.length;
  }
}

/** Returns the offset of the quote that closes the word which starts at `from`; -1: none does. */
export function closingQuote(text: string, from: number, escapes: boolean): number {
  let at = text.indexOf('"', from);
  if (!escapes) return at;
  while (at !== -1 && backslashesBefore(text, at, from) % 2 === 1) at = text.indexOf('"', at + 1);
  return at;
}

function backslashesBefore(text: string, at: number, from: number): number {
  let count = 0;
  while (at - count > from && text.charCodeAt(at - count - 1) === backslash) count += 1;
  return count;
}

const backslash = 0x5c;

/** Is it a space or a tab, which separate words in the output of all these programs? */
export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/**
 * Replaces control characters by their pictures (U+2400 and on), so that foreign text stays one line wherever it is
 * shown.
 */
export function oneLine(text: string): string {
  return controls.test(text)
    ? text.replaceAll(everyControl, (one) =>
        String.fromCharCode(one === '\u007f' ? 0x2421 : 0x2400 + one.charCodeAt(0)),
      )
    : text;
}

const notTab = String.raw`[\u0000-\u0008\u000a-\u001f\u007f]`;
const controls = new RegExp(notTab);
const everyControl = new RegExp(notTab, 'g');
