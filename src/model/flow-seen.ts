import type { Verdict } from './verdict.ts';

/** Whether the asked flow was seen to get through; null: it was not tried, or the try said nothing. */
export function flowSeen({ steps }: Pick<Verdict, 'steps'>): boolean | null {
  const status = steps.find(({ id }) => id === 'reachability')?.status;
  return status === 'pass' ? true : status === 'fail' ? false : null;
}

/** The judged port (`target.port`) answered; what is wrong, or not known, is of another port that was asked about. */
export function onlyJudgedPortSeen(verdict: Pick<Verdict, 'steps' | 'path'>): boolean {
  return flowSeen(verdict) !== true && verdict.path.at(-1)?.status === 'seen';
}
