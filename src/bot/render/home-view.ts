import type { PlanRecord } from '../../model/fix.ts';
import type { ScreenView } from '../../model/thread.ts';
import type { RecentRun } from '../../runs/surface.ts';
import type { BotStatus } from '../status.ts';
import { actions, context, heading, section } from './blocks.ts';
import { evidenceButton } from './buttons.ts';
import { fixLine, runLine, statusBlocks } from './listings.ts';
import { reviewButton } from './plan-words.ts';
import { codeWords, rich, type Rich } from './rich.ts';
import { home } from './views.ts';

export interface HomeContent {
  readonly status: BotStatus;
  readonly mine: readonly RecentRun[];
  /** Fixes that this person may approve; null: none, whichever wait. */
  readonly waiting: readonly PlanRecord[] | null;
  readonly now: Date;
  /** Addresses of threads, by run. */
  readonly links?: ReadonlyMap<string, string>;
}

/** What waits for this person first, then what they asked for, then how the bot is. */
export function homeView({ status, mine, waiting, now, links = new Map() }: HomeContent): ScreenView {
  return home([
    ...(waiting === null
      ? []
      : [
          heading('Fixes that wait for you'),
          ...(waiting.length === 0
            ? [context(rich`None.`)]
            : waiting.flatMap((record) => [section(fixLine(record, now, links)), actions(reviewButton(record.plan))])),
        ]),
    heading('Your last diagnoses'),
    ...(mine.length === 0
      ? [context(rich`None. Type ${codeWords('/calico diagnose')} in a channel.`)]
      : mine.flatMap((run) => [
          section(runLine(run, links)),
          ...(run.end?.type === 'verdict' ? [actions(evidenceButton(run.run))] : []),
        ])),
    heading('The bot'),
    ...statusBlocks(status),
    context(rich`As it was when you opened this tab.`),
  ]);
}

export function failedHomeView(why: Rich): ScreenView {
  return home([section(why)]);
}
