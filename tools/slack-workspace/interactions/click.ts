import { blocksOf } from '../json.ts';
import type { Block, Json } from '../model.ts';
import { SlackError } from '../slack-error.ts';
import { presentMessage } from '../state/threads.ts';
import { elementState } from './element-state.ts';
import { interactiveElements, type Placed } from './elements.ts';
import { payloadBase, person, responseUrl, type Outcome, type Session } from './session.ts';
import { stateValues } from './state-values.ts';

/**
 * A person uses an interactive element: of a message (`channel`, `ts`) or of a view (`view_id`). A confirmation counts
 * as given.
 */
export interface ClickInput {
  user: string;
  channel?: string | undefined;
  ts?: string | undefined;
  view_id?: string | undefined;
  block_id?: string | undefined;
  action_id: string;
  value?: unknown;
  state?: Json | undefined;
}

/**
 * Sends `block_actions` to the app. Throws `message_not_found`, `view_not_found`, `element_not_found`,
 * `no_such_option`.
 */
export async function click(session: Session, input: ClickInput): Promise<Outcome> {
  const { world, transport } = session;
  const user = person(world, input.user);
  const surface =
    input.view_id === undefined
      ? messageSurface(session, input, user.id)
      : viewSurface(session, input.view_id, user.id);
  const { block, element } = findElement(surface.blocks, input);
  const state = elementState(element, input.value);
  if (input.value !== undefined && state['selected_option'] === null) throw new SlackError('no_such_option');
  const answer = await transport.send({
    type: 'interactive',
    retry: null,
    payload: {
      type: 'block_actions',
      ...payloadBase(world, user),
      trigger_id: world.triggers.issue({ user: user.id, view: surface.view }),
      ...surface.payload,
      state: { values: stateValues(surface.blocks, input.state ?? {}) },
      actions: [{ ...state, action_id: element.action_id, block_id: block.block_id, action_ts: world.nextTs() }],
    },
  });
  return { acked: answer.acked, ms: answer.ms, reason: answer.acked ? null : answer.reason };
}

interface Surface {
  blocks: Block[];
  payload: Json;
  view: string | null;
}

function messageSurface({ world }: Session, input: ClickInput, user: string): Surface {
  const channel = world.channels.find(input.channel ?? '');
  const entry = world.messages.find(channel.id, input.ts ?? '');
  if (!entry || (entry.ephemeralTo !== null && entry.ephemeralTo !== user)) throw new SlackError('message_not_found');
  const isEphemeral = entry.ephemeralTo !== null;
  const { message } = entry;
  const blocks = [...(message.blocks ?? []), ...(message.attachments ?? []).flatMap((one) => blocksOf(one['blocks']))];
  return {
    blocks,
    view: null,
    payload: {
      container: {
        type: 'message',
        message_ts: message.ts,
        channel_id: channel.id,
        is_ephemeral: isEphemeral,
        ...(message.thread_ts === undefined ? {} : { thread_ts: message.thread_ts }),
      },
      channel: { id: channel.id, name: channel.kind === 'im' ? 'directmessage' : channel.name },
      // Slack does not tell what an ephemeral message said.
      ...(isEphemeral ? {} : { message: presentMessage(world.messages, entry, { metadata: true }) }),
      response_url: responseUrl(world, { user, channel: channel.id, ts: message.ts }),
    },
  };
}

function viewSurface({ world }: Session, viewId: string, user: string): Surface {
  const known = world.views.find(viewId);
  if (!known || known.user !== user) throw new SlackError('view_not_found');
  const { view } = known;
  return { blocks: view.blocks, view: view.id, payload: { container: { type: 'view', view_id: view.id }, view } };
}

function findElement(blocks: readonly Block[], input: ClickInput): Placed {
  const found = interactiveElements(blocks).find(
    ({ block, element }) =>
      element.action_id === input.action_id &&
      (input.block_id === undefined || block.block_id === input.block_id) &&
      (input.value === undefined || element.type !== 'button' || element['value'] === input.value),
  );
  if (!found) throw new SlackError('element_not_found');
  return found;
}
