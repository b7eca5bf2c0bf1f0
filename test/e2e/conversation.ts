import {
  buttonsOf,
  eventually,
  linesOf,
  type ChannelMessage,
  type WorkspaceClient,
} from '../../tools/slack-workspace/client.ts';

export const textOf = (message: ChannelMessage) => linesOf(message).join('\n');

/** What a notification shows: of a fix card its state and its title. Names in it hold characters that break links. */
const notified = ({ text = '' }: ChannelMessage) => text.replaceAll('\u2060', '');

/** A channel of the workspace, as people who deal with the newest thread see it. */
export function conversation(slack: WorkspaceClient, channel: string) {
  /** Its parent first. */
  async function newestThread(): Promise<readonly ChannelMessage[]> {
    const all = await slack.messages(channel);
    const parent = all
      .filter(({ ts, thread_ts: thread }) => thread === ts || (!thread && all.some((reply) => reply.thread_ts === ts)))
      .at(-1);
    return parent ? all.filter(({ ts, thread_ts: thread }) => ts === parent.ts || thread === parent.ts) : [];
  }

  return {
    newestThread,
    /** The fix card of this title, once its plan is in a state that starts so. */
    async card(title: RegExp, states: RegExp): Promise<string> {
      return eventually(`${String(title)} to be ${String(states)}`, 150, async () => {
        const found = (await newestThread()).find(
          (message) => title.test(notified(message)) && states.test(notified(message)),
        );
        return found ? textOf(found) : null;
      });
    },
    /** Clicks a button of the fix card of this title, once it is there. */
    async approve(user: string, title: RegExp, wanted: 'approve_fix' | 'rollback_fix' = 'approve_fix'): Promise<void> {
      // Planning tries the flows that will be watched: on a busy machine that takes longer than the verdict.
      const button = await eventually(`the button of ${String(title)}`, 150, async () => {
        // By the title alone: the text of a card names other fixes, too.
        const cards = (await newestThread()).filter((message) => title.test(notified(message)));
        return cards.flatMap(buttonsOf).find(({ action }) => action === wanted) ?? null;
      }).catch(async (error: unknown) => {
        const thread = (await newestThread()).map((message) => message.text ?? '').join('\n');
        throw new Error(`${String(error)}; the thread says:\n${thread}`, { cause: error });
      });
      await slack.click(user, channel, button);
    },
  };
}
