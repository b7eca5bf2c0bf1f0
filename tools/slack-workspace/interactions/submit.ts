import { checkView } from '../block-kit/check-view.ts';
import { objectOf } from '../json.ts';
import type { Block, Json, View } from '../model.ts';
import { SlackError } from '../slack-error.ts';
import type { World } from '../state/world.ts';
import { changedView, pushView } from '../web-api/views.ts';
import { isEmptyState } from './element-state.ts';
import { payloadBase, person, type Outcome, type Session } from './session.ts';
import { withOffered } from './suggest.ts';
import { stateValues } from './state-values.ts';

/** A person submits a modal. `state`: block id → action id → value; what is left out keeps its initial value. */
export interface SubmitInput {
  user: string;
  view_id: string;
  state?: Json | undefined;
}

/** `errors`: block id → what the app has against it (`response_action: errors`). */
export type SubmitOutcome = Outcome & { errors: Json | null };

/** Sends `view_submission` and carries out the response action. Throws `view_not_found`, `required_input_missing`. */
export async function submit({ world, transport }: Session, input: SubmitInput): Promise<SubmitOutcome> {
  const user = person(world, input.user);
  const view = openModal(world, user.id, input.view_id);
  const values = stateValues(withOffered(world, view), input.state ?? {});
  const missing = view.blocks.filter((block) => isMissing(block, values)).map((block) => `${block.block_id}`);
  if (missing.length > 0) throw new SlackError('required_input_missing', missing);
  const answer = await transport.send({
    type: 'interactive',
    retry: null,
    payload: {
      type: 'view_submission',
      ...payloadBase(world, user),
      trigger_id: world.triggers.issue({ user: user.id, view: view.id }),
      view: { ...view, state: { values } },
      response_urls: [],
    },
  });
  if (!answer.acked) return { acked: false, ms: answer.ms, reason: answer.reason, errors: null };
  const errors = act(world, user.id, view, answer.body);
  return { acked: true, ms: answer.ms, reason: null, errors };
}

/** A person closes a modal (the cross or Cancel). The app hears of it where it asked to. */
export async function close({ world, transport }: Session, input: { user: string; view_id: string }): Promise<Outcome> {
  const user = person(world, input.user);
  const view = openModal(world, user.id, input.view_id);
  world.views.close(user.id, view.id, false);
  if (!view.notify_on_close) return { acked: true, ms: 0, reason: null };
  const answer = await transport.send({
    type: 'interactive',
    retry: null,
    payload: { type: 'view_closed', ...payloadBase(world, user), view, is_cleared: false },
  });
  return { acked: answer.acked, ms: answer.ms, reason: answer.acked ? null : answer.reason };
}

function openModal(world: World, user: string, id: string): View {
  const view = world.views.stack(user).find((one) => one.id === id);
  if (!view) throw new SlackError('view_not_found');
  return view;
}

function isMissing(block: Block, values: Record<string, Record<string, Json>>): boolean {
  if (block.type !== 'input' || block['optional'] === true) return false;
  return Object.values(values[block.block_id ?? ''] ?? {}).every(isEmptyState);
}

function act(world: World, user: string, view: View, body: unknown): Json | null {
  const action = objectOf(body);
  switch (action['response_action']) {
    case undefined:
      world.views.close(user, view.id, false);
      return null;
    case 'clear':
      world.views.close(user, view.id, true);
      return null;
    case 'errors':
      return objectOf(action['errors']);
    case 'update':
      world.views.replace(changedView(world, view, checkView(action['view'])));
      return null;
    case 'push':
      pushView(world, user, checkView(action['view']), view);
      return null;
    default:
      throw new SlackError('invalid_response_action');
  }
}
