/**
 * Compares the shapes that the workspace accepts with the types that Slack ships. The compiler does: each record
 * below has exactly the differences, so a difference more is a missing property, and one less is a property too many.
 */
import type { HomeView, KnownBlock, ModalView } from '@slack/types';
import type { z } from 'zod';
import type { messageBlock, viewBlock } from '../block-kit/blocks.ts';
import type { home, modal } from '../block-kit/check-view.ts';

type AllKeys<T> = T extends unknown ? keyof T : never;
type At<T, K> = T extends unknown ? (K extends keyof T ? Exclude<T[K], undefined> : never) : never;
type Lists<T> = Extract<T, readonly unknown[]>;
type OfType<T, K> = Extract<T, { readonly type: K }>;
/** Whether every object of the union must have the key. */
type Needs<T, K> = K extends keyof T ? (object extends Pick<T, K> ? false : true) : false;

/**
 * Names what A allows and T does not: a type of block or element, a key, a value, or the lack of a key (`key?`).
 * @template P the place: the type of the object, and the keys below it that lead there
 */
export type Strays<A, T, P extends string> = A extends undefined
  ? never
  : A extends readonly (infer E)[]
    ? [Lists<T>] extends [never]
      ? `${P}[]`
      : Strays<E, Lists<T>[number], P>
    : A extends object
      ? A extends { readonly type: infer K extends string }
        ? [OfType<T, K>] extends [never]
          ? `${P}: ${K}`
          : StrayKeys<A, OfType<T, K>, K>
        : [Extract<T, object>] extends [never]
          ? `${P}{}`
          : StrayKeys<A, Extract<T, object>, P>
      : A extends T
        ? never
        : `${P}=${A & (string | number | boolean | null)}`;

type StrayKeys<A, T, P extends string> = string extends keyof A
  ? string extends AllKeys<T>
    ? never
    : `${P}.*`
  : {
      [K in keyof A & string]-?:
        | (K extends AllKeys<T> ? Strays<Exclude<A[K], undefined>, At<T, K>, `${P}.${K}`> : `${P}.${K}`)
        | (object extends Pick<A, K> ? (Needs<T, K> extends true ? `${P}.${K}?` : never) : never);
    }[keyof A & string];

type Reasons<S extends string> = Readonly<Record<S, string>>;
type Accepted = z.input<typeof messageBlock> | z.input<typeof viewBlock>;
type AcceptedView = Omit<z.input<typeof modal>, 'blocks'> | Omit<z.input<typeof home>, 'blocks'>;
type ShippedView = Omit<ModalView, 'blocks'> | Omit<HomeView, 'blocks'>;

/** Differs, so that an empty list would be wrong. */
interface Probe {
  readonly type: 'nonsense';
}

/** What the workspace accepts, and the types of Slack lack. */
export const acceptedAlone: Reasons<Strays<Accepted | AcceptedView | Probe, KnownBlock | ShippedView, 'block'>> = {
  'block: nonsense': 'the probe',
};

/* Each kind of difference is one. */
interface Wrong {
  readonly type: 'section';
  readonly colour?: string;
  readonly text?: { readonly type: 'plain_text'; readonly text?: string; readonly emoji?: boolean | null };
  readonly accessory?: { readonly type: 'plain_text_input' };
  readonly fields?: readonly { readonly type: 'mrkdwn'; readonly text: string; readonly [key: string]: unknown }[];
  readonly expand?: 'yes';
}
/** What is found in a shape that differs in every way. */
export const foundInWrong: Reasons<Strays<Wrong | Probe, KnownBlock, 'block'>> = {
  'block: nonsense': 'a block that Slack does not have',
  'section.colour': 'a key',
  'section.accessory: plain_text_input': 'an element in the wrong place',
  'section.expand=yes': 'a value',
  'plain_text.text?': 'a key that may not lack',
  'plain_text.emoji=null': 'null',
  'mrkdwn.*': 'any key',
};

/** What the types of Slack allow, and the workspace refuses. */
export const shippedAlone: Reasons<Strays<KnownBlock | ShippedView, Accepted | AcceptedView, 'block'>> = {
  'block: file': 'Slack shows it for a remote file, and takes it from no app',
  'container.child_blocks: file': 'the same',
  'plan.tasks.*': 'the types allow anything there, and the docs a task_card',
};
