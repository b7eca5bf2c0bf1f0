import { newSecret } from '../state/ids.ts';
import { chatMethods } from './chat.ts';
import { conversationMethods } from './conversations.ts';
import { fileMethods } from './files.ts';
import type { Method } from './method.ts';
import { peopleMethods } from './people.ts';
import { reactionMethods } from './reactions.ts';
import { viewMethods } from './views.ts';

const authTest: Method = {
  token: 'bot',
  scope: null,
  run: ({ world: { start, origin } }) => ({
    url: `${origin}/`,
    team: start.team.name,
    user: start.app.user_name,
    team_id: start.team.id,
    user_id: start.app.bot_user_id,
    bot_id: start.app.bot_id,
    is_enterprise_install: false,
  }),
};

const apiTest: Method = { token: 'bot', scope: null, run: () => ({ args: {} }) };

const connectionsOpen: Method = {
  token: 'app',
  scope: 'connections:write',
  run({ world }) {
    const ticket = newSecret();
    world.tickets.add(ticket);
    return { url: `${world.origin.replace(/^http/, 'ws')}/link/?ticket=${ticket}&app_id=${world.start.app.id}` };
  },
};

/** Every Web API method that the workspace speaks, by name. */
export const methods: ReadonlyMap<string, Method> = new Map(
  Object.entries({
    'api.test': apiTest,
    'auth.test': authTest,
    'apps.connections.open': connectionsOpen,
    ...chatMethods,
    ...conversationMethods,
    ...fileMethods,
    ...peopleMethods,
    ...reactionMethods,
    ...viewMethods,
  }),
);
