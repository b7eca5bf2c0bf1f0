/** A JSON object whose members are not known beforehand. */
export type Json = Record<string, unknown>;

/** A Block Kit block as an app sends it; checked by block-kit/ before it is stored. */
export type Block = Json & { type: string; block_id?: string };

/** A message in the shape that Slack's Web API returns it. */
export interface Message {
  type: 'message';
  subtype?: string;
  ts: string;
  text: string;
  user?: string;
  username?: string;
  bot_id?: string;
  app_id?: string;
  team?: string;
  bot_profile?: Json;
  blocks?: Block[];
  attachments?: Json[];
  files?: Json[];
  metadata?: Json;
  thread_ts?: string;
  parent_user_id?: string;
  edited?: { user: string; ts: string };
  reactions?: { name: string; users: string[]; count: number }[];
  is_ephemeral?: boolean;
}

/** A stored message with what Slack keeps beside it. `ephemeralTo` is the only user who sees it, or null. */
export interface Entry {
  channel: string;
  ephemeralTo: string | null;
  message: Message;
}

/** A view in the shape that Slack's Web API returns it. */
export interface View {
  id: string;
  type: 'modal' | 'home';
  team_id: string;
  app_id: string;
  bot_id: string;
  app_installed_team_id: string;
  callback_id: string;
  external_id: string;
  private_metadata: string;
  title: Json | null;
  submit: Json | null;
  close: Json | null;
  blocks: Block[];
  state: { values: Json };
  hash: string;
  root_view_id: string;
  previous_view_id: string | null;
  clear_on_close: boolean;
  notify_on_close: boolean;
}

/** A channel or direct message. */
export interface Channel {
  id: string;
  name: string;
  kind: 'public' | 'private' | 'im';
  archived: boolean;
  members: Set<string>;
  created: number;
}

/** A person or bot of the workspace. */
export interface User {
  id: string;
  name: string;
  real_name: string;
  email: string;
  is_bot: boolean;
  bot_id: string | null;
}

/** An uploaded file. `content` is empty until the upload, `complete` false until it was shared. */
export interface StoredFile {
  id: string;
  name: string;
  title: string;
  length: number;
  content: Buffer;
  uploaded: boolean;
  complete: boolean;
  snippetType: string | null;
  /** What a picture shows, for readers who cannot see it. */
  alt: string | null;
  user: string;
  created: number;
  shares: { channel: string; ts: string; thread_ts: string | null }[];
}
