import { z } from 'zod';

const id = z.string().min(1);
const json = z.record(z.string(), z.unknown());

/** The bodies of the control API's requests. People may be named by id or name, channels by id or (#)name. */
export const inputs = {
  command: z.strictObject({ user: id, channel: id, text: z.string() }),
  click: z.strictObject({
    user: id,
    channel: id.optional(),
    ts: id.optional(),
    view_id: id.optional(),
    block_id: id.optional(),
    action_id: id,
    value: z.unknown().optional(),
    state: json.optional(),
  }),
  submit: z.strictObject({ user: id, view_id: id, state: json.optional() }),
  suggest: z.strictObject({ user: id, view_id: id, action_id: id, value: z.string() }),
  shortcut: z.strictObject({ user: id, channel: id, ts: id, callback_id: id }),
  close: z.strictObject({ user: id, view_id: id }),
  message: z.strictObject({
    user: id.optional(),
    bot: id.optional(),
    bot_id: id.optional(),
    channel: id,
    text: z.string(),
    blocks: z.unknown().optional(),
    attachments: z.unknown().optional(),
    thread_ts: id.optional(),
  }),
  edit: z.strictObject({
    channel: id,
    ts: id,
    text: z.string().optional(),
    blocks: z.unknown().optional(),
    attachments: z.unknown().optional(),
  }),
  remove: z.strictObject({ channel: id, ts: id }),
  openHome: z.strictObject({ user: id }),
  messages: z.object({ channel: id, thread_ts: id.optional(), user: id.optional() }),
  user: z.object({ user: id }),
  state: z.object({ user: id.optional() }),
};
