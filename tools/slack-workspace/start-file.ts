import { readFileSync } from 'node:fs';
import { z } from 'zod';

const user = z.strictObject({
  id: z.string().regex(/^[UW][A-Z0-9]+$/),
  name: z.string().min(1),
  real_name: z.string().min(1),
  email: z.string().optional(),
});

const channel = z.strictObject({
  id: z.string().regex(/^[CG][A-Z0-9]+$/),
  name: z.string().regex(/^[a-z0-9_-]{1,80}$/),
  is_private: z.boolean().default(false),
  is_archived: z.boolean().default(false),
  members: z.array(z.string()),
});

const command = z.strictObject({
  command: z.string().regex(/^\/[a-z0-9_-]{1,31}$/),
  description: z.string().default(''),
  usage_hint: z.string().max(1000).default(''),
  should_escape: z.boolean().default(false),
});

const shortcut = z.strictObject({
  callback_id: z.string().min(1).max(255),
  name: z.string().min(1).max(24),
  description: z.string().max(150).default(''),
});

/** What a workspace starts with. Channel members are user ids; the app's bot user counts as one. */
const startSchema = z.strictObject({
  team: z.strictObject({ id: z.string().min(1), domain: z.string().min(1), name: z.string().min(1) }),
  app: z.strictObject({
    id: z.string().min(1),
    name: z.string().min(1).max(35),
    user_name: z.string().min(1),
    bot_user_id: z.string().min(1),
    bot_id: z.string().min(1),
  }),
  bot_token: z.string().min(1),
  app_token: z.string().min(1),
  signing_secret: z.string().min(1),
  scopes: z.array(z.string()),
  app_scopes: z.array(z.string()).default(['connections:write']),
  users: z.array(user).min(1),
  usergroups: z.array(
    z.strictObject({
      id: z.string().regex(/^S[A-Z0-9]+$/),
      handle: z.string().min(1),
      name: z.string().min(1),
      users: z.array(z.string()),
    }),
  ),
  channels: z.array(channel).min(1),
  commands: z.array(command),
  /** In the menu of every message. */
  shortcuts: z.array(shortcut).default([]),
  events: z.array(z.string()),
  request_url: z.url().nullable().default(null),
});

/** A valid start file; see {@link startSchema}. */
export type Start = z.infer<typeof startSchema>;

/** Where the default start file lies. */
export const defaultStartFile = new URL('start.json', import.meta.url);

/** Reads and checks a start file. Throws an Error that lists every problem. */
export function readStartFile(path: string | URL): Start {
  return checkStart(JSON.parse(readFileSync(path, 'utf8')));
}

/** Checks start data, also that every id that is referred to exists. Throws an Error that lists every problem. */
export function checkStart(data: unknown): Start {
  const parsed = startSchema.safeParse(data);
  if (!parsed.success) throw new Error(`invalid start file:\n${z.prettifyError(parsed.error)}`);
  const start = parsed.data;
  const known = new Set([...start.users.map((one) => one.id), start.app.bot_user_id]);
  const strangers = [
    ...start.channels.flatMap((one) => one.members),
    ...start.usergroups.flatMap((one) => one.users),
  ].filter((id) => !known.has(id));
  if (strangers.length > 0) throw new Error(`invalid start file: unknown users ${strangers.join(', ')}`);
  return start;
}
