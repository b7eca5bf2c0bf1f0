import { z } from 'zod';
import type { Block, Json } from '../model.ts';
import { SlackError } from '../slack-error.ts';
import { checkViewBlocks } from './check-blocks.ts';
import { explainIssue } from './explain.ts';
import { plainText } from './objects.ts';

const shared = {
  blocks: z.unknown(),
  private_metadata: z.string().max(3000).default(''),
  callback_id: z.string().max(255).default(''),
  external_id: z.string().max(255).default(''),
};

export const modal = z.strictObject({
  type: z.literal('modal'),
  ...shared,
  title: plainText(24),
  submit: plainText(24).optional(),
  close: plainText(24).optional(),
  clear_on_close: z.boolean().default(false),
  notify_on_close: z.boolean().default(false),
});
export const home = z.strictObject({ type: z.literal('home'), ...shared });

/** A view as the app sends it, checked. */
export interface CheckedView {
  type: 'modal' | 'home';
  blocks: Block[];
  private_metadata: string;
  callback_id: string;
  external_id: string;
  title: Json | null;
  submit: Json | null;
  close: Json | null;
  clear_on_close: boolean;
  notify_on_close: boolean;
}

/** Checks a view. Throws `invalid_arguments` with pointers into it. */
export function checkView(view: unknown): CheckedView {
  const parsed = z.discriminatedUnion('type', [modal, home]).safeParse(view, { reportInput: true });
  if (!parsed.success)
    throw new SlackError(
      'invalid_arguments',
      parsed.error.issues.map((issue) => explainIssue(issue, 'view')),
    );
  const given = parsed.data;
  const blocks = checkViewBlocks(given.blocks);
  const isModal = given.type === 'modal';
  if (isModal && given.submit === undefined && blocks.some((block) => block.type === 'input')) {
    throw new SlackError('invalid_arguments', ['missing required field: submit [json-pointer:/view]']);
  }
  return {
    type: given.type,
    blocks,
    private_metadata: given.private_metadata,
    callback_id: given.callback_id,
    external_id: given.external_id,
    title: isModal ? given.title : null,
    submit: (isModal && given.submit) || null,
    close: (isModal && given.close) || null,
    clear_on_close: isModal && given.clear_on_close,
    notify_on_close: isModal && given.notify_on_close,
  };
}
