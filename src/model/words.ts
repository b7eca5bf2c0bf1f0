/** Small words for lists and sentences. */

/** Returns `NODE, NODE and 3 more`. */
export function someOf(names: readonly string[], shown = 4): string {
  if (names.length <= shown) return names.join(', ');
  return `${names.slice(0, shown).join(', ')} and ${names.length - shown} more`;
}

/** Returns a message as a sentence: with a capital letter, and a full stop unless it ends as one. */
export function sentence(message: string): string {
  return `${capital(message)}${/[.?!]$/.test(message) ? '' : '.'}`;
}

/** Returns the text with a capital letter at its beginning. */
export function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
