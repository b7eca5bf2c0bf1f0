import type { Unavailable, UnavailableCode } from './evidence.ts';

/** A refusal, a lost connection and a key that is not accepted are answers, and other codes say that nobody asked. */
const silences: ReadonlySet<UnavailableCode> = new Set<UnavailableCode>(['ssh-no-answer', 'timeout']);

/** Whether a fact of a node is missing because nothing came back from the node. */
export function isSilence({ code }: Unavailable): boolean {
  return silences.has(code);
}

/** Whether the bot did not reach a node, and nothing says that the node answered: another node has to ask it. */
export function isUnreached(fact: Unavailable): boolean {
  return isSilence(fact) || fact.code === 'ssh-unreachable';
}

/** The words for a ping that came back. */
export const echoAnswer = 'an echo of ping';

/** What comes back from a node that seemed silent, asked from another node of the flow. */
export interface NodeAnswers {
  readonly node: string;
  readonly address: string;
  /** Who asked it. */
  readonly from: string;
  /** Each thing that came back, in words; none: nothing did. */
  readonly answers: readonly string[];
  /** `remembered`: it answered ARP a short time ago, and was not asked anew. `silent`: it does not answer ARP now. */
  readonly neighbour: 'silent' | 'remembered';
  /** A third node that answers the one that asked, so that its own network works; null: none does, or there is none. */
  readonly control: string | null;
  /**
   * `silent`: the node does not answer the bot either. `unreachable`: something on the bot's way to it says that there
   * is none. `cut-off`: its commands run, and no third node answers it.
   * `connected`: a third node answers it. `unknown`: none of these is known.
   */
  readonly itself: 'silent' | 'unreachable' | 'cut-off' | 'connected' | 'unknown';
}
