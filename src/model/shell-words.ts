/**
 * Words of others in commands that a person pastes into a shell: names of chains, interfaces and roles may hold what a
 * shell acts on, and neither the kernel nor the API server forbids it.
 */
import { oneLine } from './plain-text.ts';

/** A shell takes such a word as it is, wherever it stands. */
const plain = /^[\w.:/@%+=,-]*$/;
/** What bash skips behind `#`, a shell without comments acts on. */
const acting = /[$`;&|<>\\'"\r\n]/;

/** Where a word stands in a command. */
export type ShellPlace = 'bare' | 'single' | 'double' | 'comment';

/** Returns the word so that a shell takes it for itself in this place, and nothing of it for a command. */
export function shellWord(word: string, place: ShellPlace = 'bare'): string {
  if (plain.test(word) || (place === 'comment' && !acting.test(word))) return word;
  const shown = oneLine(word);
  if (place === 'double') return shown.replaceAll(/[\\"$`]/g, String.raw`\$&`);
  const inside = shown.replaceAll("'", String.raw`'\''`);
  return place === 'single' ? inside : `'${inside}'`;
}

/** Returns the place behind the text of a command. */
export function placeBehind(text: string): ShellPlace {
  let place: ShellPlace = 'bare';
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (place === 'comment') return place;
    if (place !== 'single' && character === '\\') at += 1;
    else if (character === "'" && place !== 'double') place = place === 'single' ? 'bare' : 'single';
    else if (character === '"' && place !== 'single') place = place === 'double' ? 'bare' : 'double';
    else if (character === '#' && place === 'bare' && /^$|\s/.test(text[at - 1] ?? '')) place = 'comment';
  }
  return place;
}

/** Makes a command of a person's shell: what is put in are words of others, each taken as one. */
export function shellCommand(literals: TemplateStringsArray, ...words: readonly (string | number)[]): string {
  return literals.reduce((text, literal, index) => {
    const word = words[index - 1] ?? '';
    return `${text}${shellWord(String(word), placeBehind(text))}${literal}`;
  });
}
