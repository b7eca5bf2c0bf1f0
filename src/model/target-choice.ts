import type { Pod } from './kubernetes.ts';

/** Which pods stand behind what was named, and which of them is judged. */
export interface TargetChoice {
  /** What was named, such as `svc:NS/NAME`. */
  readonly asked: string;
  /** Running pods beside the judged one that are tried once. */
  readonly others: readonly Pod[];
  /** Names of those that are not tried, as `namespace/name`. */
  readonly untried: readonly string[];
  /** Names of those that are Pending, without the judged one. */
  readonly pending: readonly string[];
}
