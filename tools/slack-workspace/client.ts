import { until } from '../lab/run.ts';

/** A person at the workspace, for programs: types commands, clicks buttons, reads what the channel holds. */
export interface ChannelMessage {
  readonly ts: string;
  readonly thread_ts?: string;
  readonly text?: string;
  /** Only the asked user sees it. */
  readonly is_ephemeral?: boolean;
  readonly blocks?: readonly Block[];
  readonly metadata?: { readonly event_payload: Readonly<Record<string, unknown>> };
}
interface Block {
  readonly type: string;
  readonly text?: { readonly text: string };
  readonly elements?: readonly (Element & { readonly action_id?: string; readonly value?: string })[];
}
export interface Button {
  readonly ts: string;
  readonly action: string;
  readonly value: string;
}

export interface WorkspaceClient {
  command(user: string, channel: string, text: string): Promise<void>;
  click(user: string, channel: string, button: Button): Promise<void>;
  messages(channel: string, user?: string): Promise<readonly ChannelMessage[]>;
}

/** @param address the workspace page's address, with its closing slash */
export function workspaceClient(address: string): WorkspaceClient {
  const post = async (path: string, body: object): Promise<void> => {
    const answer = await fetch(new URL(`_control/${path}`, address), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const said = (await answer.json()) as { ok: boolean; error?: string; acked?: boolean; reason?: string };
    if (!said.ok || said.acked === false)
      throw new Error(`the workspace refused ${path}: ${said.error ?? said.reason ?? answer.status}`);
  };
  return {
    command: (user, channel, text) => post('command', { user, channel, text }),
    click: (user, channel, { ts, action, value }) => post('click', { user, channel, ts, action_id: action, value }),
    async messages(channel, user) {
      const query = new URLSearchParams({ channel, ...(user ? { user } : {}) });
      const answer = await fetch(new URL(`_control/messages?${query.toString()}`, address));
      return ((await answer.json()) as { messages: readonly ChannelMessage[] }).messages;
    },
  };
}

export function buttonsOf(message: ChannelMessage): readonly Button[] {
  return (message.blocks ?? []).flatMap((block) =>
    (block.elements ?? []).flatMap(({ action_id: action, value }) =>
      action && value ? [{ ts: message.ts, action, value }] : [],
    ),
  );
}

/** What a person reads of a message, line by line. */
export function linesOf({ text, blocks }: ChannelMessage): readonly string[] {
  const parts = (blocks ?? []).flatMap((block) => {
    const buttons =
      block.type === 'actions'
        ? (block.elements ?? [])
            .map((element) => `[${typeof element.text === 'string' ? element.text : (element.text?.text ?? '')}]`)
            .join(' ')
        : null;
    if (buttons) return [buttons];
    if (block.type === 'context') return [(block.elements ?? []).map(plain).join(' ')];
    return [block.text?.text ?? '', ...(block.elements ?? []).map(plain)];
  });
  const said = parts.filter((part) => part !== '');
  return (said.length > 0 ? said : [text ?? '']).flatMap((part) => part.split('\n'));
}

interface Element {
  readonly type?: string;
  readonly text?: string | { readonly text: string };
  readonly name?: string;
  readonly user_id?: string;
  readonly usergroup_id?: string;
  readonly fallback?: string;
  readonly elements?: readonly Element[];
}

/** The text of a text object or of rich text, whatever its nesting: emoji as `:name:`, people by `@ID`. */
function plain(element: Element): string {
  switch (element.type) {
    case 'emoji':
      return `:${element.name}:`;
    case 'user':
      return `@${element.user_id}`;
    case 'usergroup':
      return `@${element.usergroup_id}`;
    case 'date':
      return element.fallback ?? '';
    case 'mrkdwn':
      return (typeof element.text === 'string' ? element.text : '')
        .replace(/^<@(\w+)>$/, '@$1')
        .replace(/^<!subteam\^(\w+)>$/, '@$1')
        .replace(/^<!date\^[^|>]*\|([^>]*)>$/, '$1');
    default:
      return typeof element.text === 'string' ? element.text : (element.elements ?? []).map(plain).join('');
  }
}

/** Asks until the answer is there, as `until` does. @throws Error when it is not within the time */
export async function eventually<T>(
  what: string,
  seconds: number,
  look: () => Promise<T | null | undefined | false>,
): Promise<T> {
  return until(what, seconds, async () => (await look()) || null);
}
