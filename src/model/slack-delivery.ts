/** What people do in Slack, as it is delivered: once or more often. */

/** A slash command as Slack delivers it, once or more often. */
export interface SlashCommand {
  readonly command: string;
  readonly text: string;
  readonly user: string;
  readonly channel: string;
  /** The same for every delivery of one command; opens a dialog within three seconds. */
  readonly trigger: string;
}

/** A click as Slack delivers it, once or more often. */
export interface Click {
  readonly action: string;
  /** Id of a plan or run. */
  readonly value: string;
  readonly user: string;
  readonly channel: string;
  /** ts of the parent of the message that holds the button. */
  readonly thread: string;
  /** ts of the message that holds the button. */
  readonly message: string;
  /** The same for every delivery of one click. */
  readonly at: string;
  /** Opens a dialog within three seconds. */
  readonly trigger: string;
}

/** A submitted dialog as Slack delivers it, once or more often. */
export interface Submission {
  readonly callback: string;
  readonly metadata: string;
  readonly user: string;
  /** The same for every delivery of one submission. */
  readonly view: string;
  /** By field. */
  readonly typed: Readonly<Record<string, string>>;
}

/** A person types in a field of a dialog that offers names. */
export interface Suggestion {
  readonly field: string;
  readonly typed: string;
  /** What the dialog carries. */
  readonly metadata: string;
}

/** `options` or `option_groups` of Block Kit. Slack refuses a list of no groups. */
export type OfferedOptions = Readonly<Record<string, readonly object[]>>;

/** A message shortcut as Slack delivers it. */
export interface Shortcut {
  readonly callback: string;
  readonly channel: string;
  readonly trigger: string;
  /** What the message says, of any author. */
  readonly parts: readonly PostedPart[];
}

/** Words of a person, as Slack delivers them, once or more often. */
export interface Said {
  /** `reply`: in a thread, not to the bot by name. */
  readonly how: 'mention' | 'direct' | 'reply';
  readonly user: string;
  readonly channel: string;
  /** ts of the parent of the thread; null: not in a thread. */
  readonly thread: string | null;
  readonly ts: string;
  readonly text: string;
}

/** A message that another app posted in a channel, outside of threads. */
export interface Posted {
  /** Ids by which the app may be known: of the bot (B…) and of the app (A…). */
  readonly apps: readonly string[];
  /** The name that it shows: anybody may choose it. */
  readonly name: string;
  readonly channel: string;
  readonly ts: string;
  /** Time of the edit that made it so, as a ts; null: it was not edited. */
  readonly edit: string | null;
  /** The message itself, also where it is empty, then each of its attachments. */
  readonly parts: readonly PostedPart[];
}

/** As a person reads it: references, styles and entities of Slack are resolved. */
export interface PostedPart {
  /** At most 400 of at most 1000 characters. A field is `NAME: VALUE`. */
  readonly lines: readonly string[];
  /** Links and buttons, by what stands on them. */
  readonly links: readonly { readonly text: string; readonly address: string }[];
}
