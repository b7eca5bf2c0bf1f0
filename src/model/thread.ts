/** The port to the conversation in which a run is told. */

/** A block of Block Kit. */
export type MessageBlock = Readonly<Record<string, unknown>> & { readonly type: string };

export interface MessageContent {
  /** What notifications and screen readers say. */
  readonly text: string;
  readonly blocks: readonly MessageBlock[];
}

/** Where a message is. */
interface MessagePlace {
  /** Id of the channel. */
  readonly channel: string;
  readonly ts: string;
}

/**
 * Where a message stands. `thread`: ts of its parent; null, though a thread was asked for: that one's first message was
 * deleted, and the message stands in the channel.
 */
export interface StandingPlace extends MessagePlace {
  readonly thread: string | null;
}

/** A message that can be found again: `key` goes with it as metadata, and says nothing secret. */
export interface KeyedMessage {
  /** Id or name of a channel. */
  readonly channel: string;
  /** ts of the parent; null: begins a thread. */
  readonly thread: string | null;
  readonly key: string;
  readonly content: MessageContent;
}

export interface SharedFile {
  readonly channel: string;
  readonly thread: string;
  readonly name: string;
  readonly title: string;
  /** Of a picture, for readers who cannot see it. */
  readonly alt?: string;
  /** Text, or the bytes of a picture. */
  readonly content: string | Uint8Array;
}

/** Draws an SVG as a PNG; null: this machine cannot. Never rejects. */
export type DrawPng = (svg: string) => Promise<Uint8Array | null>;

/**
 * Each call is made once: what failed is told as a ThreadError, never retried inside, so that nothing is posted twice.
 * A call that a rate limit holds back waits, and holds back only its own channel and method.
 */
export interface Thread {
  /**
   * Ready when a post or edit may be made without exceeding the pace of the channel: what is due is best decided after.
   */
  pace(what: 'post' | 'edit', channel: string, signal: AbortSignal): Promise<void>;
  post(message: KeyedMessage): Promise<StandingPlace>;
  edit(place: MessagePlace, message: KeyedMessage): Promise<void>;
  /** Looks for a message of this key that was posted earlier; null: it is not there. */
  find(message: Omit<KeyedMessage, 'content'>): Promise<StandingPlace | null>;
  /** Deletes a message of this bot. */
  remove(place: MessagePlace): Promise<void>;
  share(file: SharedFile): Promise<void>;
}

/** Returns the address at which a browser or the Slack app opens a message; null: Slack gave none. Never rejects. */
export type MessageLinks = (place: { readonly channel: string; readonly ts: string }) => Promise<string | null>;

/** Returns why nothing can be posted to a channel; null: nothing speaks against it. Never rejects. */
export type ChannelCheck = (channel: string) => Promise<string | null>;

/** A dialog or a Home tab of Block Kit. */
export type ScreenView = Readonly<Record<string, unknown>> & {
  readonly type: 'modal' | 'home';
  readonly blocks: readonly MessageBlock[];
};

/** What one person sees beside the conversation. @throws ThreadError */
export interface Screens {
  /** Opens a dialog for the person whose interaction made the trigger, which holds for three seconds. */
  open(trigger: string, view: ScreenView): Promise<void>;
  publish(user: string, view: ScreenView): Promise<void>;
}

/** Words to one person that nobody else sees. */
export interface Whisper {
  /** @param thread null: in the channel itself */
  whisper(
    to: { readonly user: string; readonly channel: string; readonly thread: string | null },
    content: MessageContent,
  ): Promise<void>;
}

/** Who is in the groups of the workspace. */
export interface UserGroups {
  /**
   * Ids of the members of a group, named by id (`S…`) or handle (`@name`).
   * @param atMostMs how old the answer may be; 0: it is asked for now
   * @throws ThreadError when it cannot be looked up
   */
  members(group: string, atMostMs: number): Promise<readonly string[]>;
  /** Returns people and groups by their ids: Slack calls no handle. One that it does not know stays. Never rejects. */
  ids(named: readonly string[]): Promise<readonly string[]>;
}

/**
 * `limited`: not done, try again after `retryAfterMs`. `unknown`: the answer was lost, so it may have been done.
 * `gone`: the message to edit is not there. `locked-out`: not done, Slack does not accept the token; somebody may renew
 * it. `refused`: not done, and trying again would not help.
 */
export type ThreadTrouble = 'limited' | 'unknown' | 'gone' | 'locked-out' | 'refused';

export class ThreadError extends Error {
  readonly trouble: ThreadTrouble;
  readonly retryAfterMs: number;
  constructor(trouble: ThreadTrouble, message: string, options?: { cause?: unknown; retryAfterMs?: number }) {
    super(message, options);
    this.name = 'ThreadError';
    this.trouble = trouble;
    this.retryAfterMs = options?.retryAfterMs ?? 0;
  }
}
