/** Text of a picture as shapes: the words of others are drawn letter by letter, and are never markup. */
import { lettersOf, unitsPerEm } from './picture-letters.ts';

export interface TextStyle {
  /** Pixels an em. */
  readonly size: number;
  readonly color: string;
}

interface TextShape {
  readonly shape: string;
  /** What the shape refers to, by id. */
  readonly letters: ReadonlyMap<string, string>;
}

/** A number with at most one decimal. */
export function fixed(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Text for a place of XML in which no markup may be. */
export function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\x20-\uFFFD]/g, '?')
    .replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** @param at where the first letter stands on its line */
export function textShape(
  text: string,
  at: { readonly x: number; readonly y: number },
  { size, color }: TextStyle,
): TextShape {
  const letters = new Map<string, string>();
  let x = 0;
  const uses = lettersOf(text).map(({ code, width, outline }) => {
    const left = x;
    x += width;
    if (outline === '') return '';
    const id = `l${code}`;
    letters.set(id, `<path id="${id}" d="${outline}"/>`);
    return `<use href="#${id}" x="${left}"/>`;
  });
  const place = `translate(${fixed(at.x)} ${fixed(at.y)}) scale(${(size / unitsPerEm).toFixed(4)})`;
  const shape = `<g transform="${place}" fill="${color}"><title>${escaped(text)}</title>${uses.join('')}</g>`;
  return { shape, letters };
}

function widthOf(text: string, size: number): number {
  return (lettersOf(text).reduce((sum, { width }) => sum + width, 0) * size) / unitsPerEm;
}

/** Breaks a text into lines of a width: between words, and within those that are longer. The last line may be cut. */
export function wrapped(text: string, width: number, size: number, most: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((one) => pieces(one, width, size))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (widthOf(longer, size) <= width) {
      line = longer;
      continue;
    }
    lines.push(line);
    line = word;
  }
  lines.push(line);
  return lines.length <= most ? lines : [...lines.slice(0, most - 1), cut(lines[most - 1] ?? '', width, size)];
}

/** Three dots say that something follows. */
function cut(line: string, width: number, size: number): string {
  let left = line;
  while (left !== '' && widthOf(`${left}...`, size) > width) left = left.slice(0, -1);
  return `${left}...`;
}

function pieces(word: string, width: number, size: number): readonly string[] {
  const found: string[] = [];
  let piece = '';
  for (const character of word) {
    if (widthOf(piece + character, size) > width) {
      found.push(piece);
      piece = '';
    }
    piece += character;
  }
  return [...found, piece];
}
