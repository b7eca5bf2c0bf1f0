import { z } from 'zod';
import { optionGroup, plainOption } from '../block-kit/objects.ts';
import { blocksOf, isObject, objectOf, objectsOf } from '../json.ts';
import type { Block, Json, View } from '../model.ts';
import { SlackError } from '../slack-error.ts';
import type { World } from '../state/world.ts';
import { interactiveElements } from './elements.ts';
import { payloadBase, person, type Outcome, type Session } from './session.ts';

/** A person types in an external select of a modal. */
export interface SuggestInput {
  user: string;
  view_id: string;
  action_id: string;
  value: string;
}

/** `groups`: what the app offers; a list without a label where it made no groups. */
export type SuggestOutcome = Outcome & { groups: { label: string | null; options: Json[] }[] };

const offered = z.union([
  z.strictObject({ options: z.array(plainOption).max(100) }),
  z.strictObject({ option_groups: z.array(optionGroup).min(1).max(100) }),
]);

/**
 * Sends `block_suggestion` to the app. The view in it is as the app opened it: Slack does not send what other fields
 * hold now. Throws `view_not_found`, `element_not_found`, `invalid_options`; answers nothing below the element's
 * min_query_length, which is 3 where it says none.
 */
export async function suggest({ world, transport }: Session, input: SuggestInput): Promise<SuggestOutcome> {
  const user = person(world, input.user);
  const view = world.views.stack(user.id).find((one) => one.id === input.view_id);
  if (!view) throw new SlackError('view_not_found');
  const found = interactiveElements(view.blocks).find(
    ({ element }) => element.type.endsWith('external_select') && element.action_id === input.action_id,
  );
  if (!found) throw new SlackError('element_not_found');
  const least = found.element['min_query_length'];
  if (input.value.length < (typeof least === 'number' ? least : 3))
    return { acked: true, ms: 0, reason: null, groups: [] };
  const answer = await transport.send({
    type: 'interactive',
    retry: null,
    payload: {
      type: 'block_suggestion',
      ...payloadBase(world, user),
      container: { type: 'view', view_id: view.id },
      action_id: found.element.action_id,
      block_id: found.block.block_id,
      value: input.value,
      view,
    },
  });
  if (!answer.acked) return { acked: false, ms: answer.ms, reason: answer.reason, groups: [] };
  const given = offered.safeParse(answer.body);
  if (!given.success) throw new SlackError('invalid_options', [z.prettifyError(given.error)]);
  const groups =
    'options' in given.data
      ? [{ label: null, options: given.data.options }]
      : given.data.option_groups.map(({ label, options }) => ({ label: label.text, options }));
  const all = groups.flatMap(({ options }) => options);
  if (all.length > 100) throw new SlackError('invalid_options', ['more than 100 options']);
  world.views.offer(view.id, found.element.action_id, all);
  return { acked: true, ms: answer.ms, reason: null, groups };
}

/** The blocks of a view in which external selects hold, as options, what the app has offered for them. */
export function withOffered(world: World, view: View): Block[] {
  return blocksOf(
    view.blocks.map((block) => {
      const element = objectOf(block['element']);
      if (element['type'] !== 'external_select') return block;
      const known = [
        ...objectsOf([element['initial_option']]),
        ...world.views.offered(view.id, `${element['action_id']}`),
      ];
      return { ...block, element: { ...element, options: known.filter(isObject) } };
    }),
  );
}
