import type { Json, User } from '../model.ts';
import { SlackError } from '../slack-error.ts';
import type { World } from '../state/world.ts';
import type { Method } from './method.ts';
import { pageOf } from './page-of.ts';

function presentUser(world: World, user: User): Json {
  const email = world.start.scopes.includes('users:read.email') && user.email !== '' ? { email: user.email } : {};
  return {
    id: user.id,
    team_id: world.start.team.id,
    name: user.name,
    deleted: false,
    real_name: user.real_name,
    tz: 'Etc/UTC',
    tz_label: 'Coordinated Universal Time',
    tz_offset: 0,
    is_admin: false,
    is_owner: false,
    is_restricted: false,
    is_ultra_restricted: false,
    is_bot: user.is_bot,
    is_app_user: false,
    updated: 0,
    profile: {
      real_name: user.real_name,
      real_name_normalized: user.real_name,
      display_name: user.name,
      display_name_normalized: user.name,
      team: world.start.team.id,
      ...email,
      ...(user.bot_id === null ? {} : { bot_id: user.bot_id, api_app_id: world.start.app.id }),
    },
  };
}

function presentGroup(world: World, group: World['start']['usergroups'][number], withUsers: boolean): Json {
  return {
    id: group.id,
    team_id: world.start.team.id,
    is_usergroup: true,
    name: group.name,
    description: '',
    handle: group.handle,
    is_external: false,
    date_delete: 0,
    user_count: group.users.length,
    ...(withUsers ? { users: group.users } : {}),
  };
}

const info: Method = {
  token: 'bot',
  scope: 'users:read',
  run({ args, world }) {
    const user = world.users.find((one) => one.id === args.required('user'));
    if (!user) throw new SlackError('user_not_found');
    return { user: presentUser(world, user) };
  },
};

const list: Method = {
  token: 'bot',
  scope: 'users:read',
  run({ args, world }) {
    const page = pageOf(world.users, args, 200, 1000);
    return {
      members: page.items.map((user) => presentUser(world, user)),
      cache_ts: Math.floor(world.now() / 1000),
      response_metadata: page.metadata,
    };
  },
};

const lookupByEmail: Method = {
  token: 'bot',
  scope: 'users:read.email',
  run({ args, world }) {
    const email = args.required('email');
    const user = world.users.find((one) => one.email === email);
    if (!user) throw new SlackError('users_not_found');
    return { user: presentUser(world, user) };
  },
};

const groups: Method = {
  token: 'bot',
  scope: 'usergroups:read',
  run: ({ args, world }) => ({
    usergroups: world.start.usergroups.map((group) => presentGroup(world, group, args.flag('include_users'))),
  }),
};

const groupUsers: Method = {
  token: 'bot',
  scope: 'usergroups:read',
  run({ args, world }) {
    const group = world.start.usergroups.find((one) => one.id === args.required('usergroup'));
    if (!group) throw new SlackError('no_such_subteam');
    return { users: group.users };
  },
};

/** The users.* and usergroups.* methods. */
export const peopleMethods: Record<string, Method> = {
  'users.info': info,
  'users.list': list,
  'users.lookupByEmail': lookupByEmail,
  'usergroups.list': groups,
  'usergroups.users.list': groupUsers,
};
