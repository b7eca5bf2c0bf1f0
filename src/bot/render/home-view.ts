import type { PlanRecord } from '../../model/fix.ts';
import type { ScreenView } from '../../model/thread.ts';
import type { RecentRun } from '../../runs/surface.ts';
import type { BotStatus } from '../status.ts';
import { actions, context, section } from './blocks.ts';
import { evidenceButton } from './buttons.ts';
import { fixLine, runLine, statusBlocks } from './listings.ts';
import { reviewButton } from './plan-words.ts';
import { bold, codeWords, rich, type Rich } from './rich.ts';
import { home } from './views.ts';

export interface HomeContent {
  readonly status: BotStatus;
  readonly mine: readonly RecentRun[];
  /** Fixes that this person may approve; null: none, whichever wait. */
  readonly waiting: readonly PlanRecord[] | null;
  readonly now: Date;
}

/** What waits for this person first, then what they asked for, then how the bot is. */
export function homeView({ status, mine, waiting, now }: HomeContent): ScreenView {
  return home([
    ...(waiting === null
      ? []
      : [
          section(bold('Fixes that wait for you')),
          ...(waiting.length === 0
            ? [context(rich`None.`)]
            : waiting.flatMap((record) => [section(fixLine(record, now)), actions(reviewButton(record.plan))])),
        ]),
    section(bold('Your last diagnoses')),
    ...(mine.length === 0
      ? [context(rich`None. Type ${codeWords('/calico diagnose')} in a channel.`)]
      : mine.flatMap((run) => [
          section(runLine(run)),
          ...(run.end?.type === 'verdict' ? [actions(evidenceButton(run.run))] : []),
        ])),
    section(bold('The bot')),
    ...statusBlocks(status),
    context(rich`As it was when you opened this tab.`),
  ]);
}

export function failedHomeView(why: Rich): ScreenView {
  return home([section(why)]);
}
