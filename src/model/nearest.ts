/**
 * The word of a list that is fewest edits away from what was typed; null when none is near (more than two letters and a
 * third wrong).
 */
export function nearest(typed: string, words: readonly string[]): string | null {
  if (typed.length > 40) return null;
  const [best] = words
    .map((word) => ({ word, edits: editsBetween(typed.toLowerCase(), word.toLowerCase()) }))
    .toSorted((a, b) => a.edits - b.edits);
  return best && best.edits <= Math.max(Math.min(2, best.word.length - 2), Math.floor(best.word.length / 3))
    ? best.word
    : null;
}

/** Letters to add, drop or change; two that changed places count as one. */
function editsBetween(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of a.split('').entries()) {
    const next = [i + 1];
    for (const [j, other] of b.split('').entries()) {
      const swapped = i > 0 && j > 0 && letter === b[j - 1] && a[i - 1] === other;
      const edits = Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1));
      next.push(swapped ? Math.min(edits, (before[j - 1] ?? 0) + 1) : edits);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

/**
 * The words of a list that may have been meant, the nearest first: those that begin as the typed one (pods of a
 * Deployment do), or are few edits away.
 */
export function nearestOf(typed: string, words: readonly string[], most: number): readonly string[] {
  const begun = words.filter((word) => word.startsWith(typed) || (word.length > 3 && typed.startsWith(word)));
  const left = words.filter((word) => !begun.includes(word));
  const near: string[] = [];
  for (let rest = left; near.length < most; rest = rest.filter((word) => !near.includes(word))) {
    const next = nearest(typed, rest);
    if (next === null) break;
    near.push(next);
  }
  return [...begun.toSorted((a, b) => a.length - b.length), ...near].slice(0, most);
}
