import type { StoredFile, User } from '../model.ts';
import { SlackError } from '../slack-error.ts';
import type { Start } from '../start-file.ts';
import { createChanges, type Changes } from './changes.ts';
import { createChannels, type Channels } from './channels.ts';
import { createFaults, type Faults } from './faults.ts';
import { createTimestamps, type Now } from './ids.ts';
import { createMessages, type Messages } from './messages.ts';
import { createRateLimits, type RateLimits } from './rate-limits.ts';
import { createResponseUrls, type ResponseUrls } from './response-urls.ts';
import { createTriggers, type Triggers } from './triggers.ts';
import { createViews, type Views } from './views.ts';

/** Everything a workspace knows. It lives in memory and ends with the program. */
export interface World {
  start: Start;
  now: Now;
  nextTs: () => string;
  /** Where the workspace is reached, e.g. `http://127.0.0.1:4000`; set when it listens. */
  origin: string;
  changes: Changes;
  channels: Channels;
  messages: Messages;
  views: Views;
  files: Map<string, StoredFile>;
  triggers: Triggers;
  responseUrls: ResponseUrls;
  faults: Faults;
  /** null when calls are not limited. */
  rateLimits: RateLimits | null;
  /** Types of blocks that messages may not have. */
  lacksBlocks: ReadonlySet<string>;
  /** Tickets of apps.connections.open that no socket has used yet. */
  tickets: Set<string>;
  users: User[];
  /** By id or name. Throws `user_not_found`. */
  user: (idOrName: string) => User;
}

/** Builds the world of a start file; `limited` holds apps to Slack's rate limits. */
export function createWorld(start: Start, now: Now, limited: boolean, lacksBlocks: readonly string[] = []): World {
  const changes = createChanges();
  const bot: User = {
    id: start.app.bot_user_id,
    name: start.app.user_name,
    real_name: start.app.name,
    email: '',
    is_bot: true,
    bot_id: start.app.bot_id,
  };
  const people = start.users.map((one): User => ({ ...one, email: one.email ?? '', is_bot: false, bot_id: null }));
  const users = [...people, bot];
  return {
    start,
    now,
    nextTs: createTimestamps(now),
    origin: '',
    changes,
    channels: createChannels(start, changes, now),
    messages: createMessages(changes),
    views: createViews(changes),
    files: new Map(),
    triggers: createTriggers(now),
    responseUrls: createResponseUrls(now),
    faults: createFaults(),
    rateLimits: limited ? createRateLimits(now) : null,
    lacksBlocks: new Set(lacksBlocks),
    tickets: new Set(),
    users,
    user(idOrName) {
      const name = idOrName.replace(/^@/, '');
      const user = users.find((one) => one.id === idOrName || one.name === name);
      if (!user) throw new SlackError('user_not_found');
      return user;
    },
  };
}
