/** What a set-up is checked for: one line a cause, and the command that removes it. */

/**
 * `ok`: it was done, and it worked. `limited`: the program is usable without it, and says what it cannot do. `failed`:
 * the program is not usable.
 */
export type CheckState = 'ok' | 'limited' | 'failed';

export interface Check {
  /** What was checked, such as `Slack`. */
  readonly part: string;
  readonly state: CheckState;
  /** What is so, in one sentence without its full stop. */
  readonly text: string;
  /** What to do, in one sentence without its full stop; null: nothing is to be done. */
  readonly next: string | null;
}

/** What is wrong, and what to do about it. */
export interface Trouble {
  readonly text: string;
  readonly next: string;
}

export const ok = (part: string, text: string): Check => ({ part, state: 'ok', text, next: null });
export const limited = (part: string, trouble: Trouble): Check => ({ part, state: 'limited', ...trouble });
export const failed = (part: string, trouble: Trouble): Check => ({ part, state: 'failed', ...trouble });

/** The whole set-up is as its worst part. */
export function worst(checks: readonly Check[]): CheckState {
  if (checks.some(({ state }) => state === 'failed')) return 'failed';
  return checks.some(({ state }) => state === 'limited') ? 'limited' : 'ok';
}

/** Returns what is not well, what makes the program useless first. */
export function worstFirst(checks: readonly Check[]): readonly Check[] {
  return [...checks.filter(({ state }) => state === 'failed'), ...checks.filter(({ state }) => state === 'limited')];
}

/** A check as a sentence or two, for logs and terminals. */
export function checkWords({ part, text, next }: Check): string {
  return `${part}: ${text}${next === null ? '' : `${text.endsWith('?') ? '' : '.'} ${next}`}`;
}
