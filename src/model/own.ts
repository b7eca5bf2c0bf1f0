/**
 * Returns the table's own value for a word that somebody else wrote, undefined where the table has none. A plain
 * look-up also finds what every object inherits: `constructor` and `__proto__` are words that a rule, a label or a
 * variable may hold.
 */
export function own<Value>(table: Readonly<Record<string, Value>> | undefined, word: string): Value | undefined {
  return table !== undefined && Object.hasOwn(table, word) ? table[word] : undefined;
}
