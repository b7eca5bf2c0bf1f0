import { checkView, type CheckedView } from '../block-kit/check-view.ts';
import type { Json, View } from '../model.ts';
import { SlackError } from '../slack-error.ts';
import { newId, newSecret } from '../state/ids.ts';
import type { World } from '../state/world.ts';
import type { Args } from './args.ts';
import type { Method } from './method.ts';

/** Slack keeps at most three modals on top of each other. */
const STACK = 3;

/** A new view of a checked payload; `below` is the modal under it. Throws `duplicate_external_id`. */
function newView(world: World, checked: CheckedView, below: View | null): View {
  if (checked.external_id !== '' && world.views.find(checked.external_id))
    throw new SlackError('duplicate_external_id');
  const id = newId('V');
  return {
    id,
    team_id: world.start.team.id,
    app_id: world.start.app.id,
    bot_id: world.start.app.bot_id,
    app_installed_team_id: world.start.team.id,
    ...checked,
    state: { values: {} },
    hash: `${world.now()}.${newSecret().slice(0, 8)}`,
    root_view_id: below?.root_view_id ?? id,
    previous_view_id: below?.id ?? null,
  };
}

/** The same view with a new payload and hash. */
export function changedView(world: World, view: View, checked: CheckedView): View {
  return { ...view, ...checked, hash: `${world.now()}.${newSecret().slice(0, 8)}` };
}

/** Puts a modal on top of `below`. Throws `push_limit_reached`. */
export function pushView(world: World, user: string, checked: CheckedView, below: View): View {
  if (world.views.stack(user).length >= STACK) throw new SlackError('push_limit_reached');
  const view = newView(world, checked, below);
  world.views.push(user, view, false);
  return view;
}

function viewArg(args: Args, world: World): CheckedView {
  const checked = checkView(args.json('view', 'invalid_arguments'));
  const lacking = checked.blocks.find(({ type }) => world.lacksBlocks.has(type));
  if (lacking) throw new SlackError('invalid_arguments', [`unsupported type: ${lacking.type}`]);
  return checked;
}

function modalArg(args: Args, world: World): CheckedView {
  const checked = viewArg(args, world);
  if (checked.type !== 'modal')
    throw new SlackError('invalid_arguments', ['view.type must be modal [json-pointer:/view/type]']);
  return checked;
}

const open: Method = {
  token: 'bot',
  scope: null,
  run({ args, world }) {
    const checked = modalArg(args, world);
    const origin = world.triggers.exchange(args.required('trigger_id'));
    const view = newView(world, checked, null);
    world.views.push(origin.user, view, true);
    return { view: { ...view } };
  },
};

const push: Method = {
  token: 'bot',
  scope: null,
  run({ args, world }) {
    const checked = modalArg(args, world);
    const origin = world.triggers.exchange(args.required('trigger_id'));
    const below = world.views.stack(origin.user).at(-1);
    if (origin.view === null || below === undefined) throw new SlackError('invalid_trigger_id');
    return { view: { ...pushView(world, origin.user, checked, below) } };
  },
};

const update: Method = {
  token: 'bot',
  scope: null,
  run({ args, world }) {
    const checked = viewArg(args, world);
    const known = world.views.find(args.text('view_id') ?? args.required('external_id'));
    if (!known) throw new SlackError('not_found');
    needHash(args, known.view);
    if (checked.type !== known.view.type)
      throw new SlackError('invalid_arguments', ['view.type may not change [json-pointer:/view/type]']);
    const view = changedView(world, known.view, checked);
    world.views.replace(view);
    return { view: { ...view } };
  },
};

const publish: Method = {
  token: 'bot',
  scope: null,
  run({ args, world }): Json {
    const checked = viewArg(args, world);
    if (checked.type !== 'home')
      throw new SlackError('invalid_arguments', ['view.type must be home [json-pointer:/view/type]']);
    const user = world.users.find((one) => one.id === args.required('user_id'));
    if (!user) throw new SlackError('invalid_arguments', ['user_id is unknown']);
    const before = world.views.home(user.id);
    if (before) needHash(args, before);
    const view = before ? changedView(world, before, checked) : newView(world, checked, null);
    world.views.publish(user.id, view);
    return { view: { ...view } };
  },
};

function needHash(args: Args, view: View): void {
  const hash = args.text('hash');
  if (hash !== undefined && hash !== view.hash) throw new SlackError('hash_conflict');
}

/** The views.* methods. */
export const viewMethods: Record<string, Method> = {
  'views.open': open,
  'views.push': push,
  'views.update': update,
  'views.publish': publish,
};
