/** Dialogs and the Home tab, within the limits of Slack's views. */
import type { OfferedOptions } from '../../model/slack-delivery.ts';
import type { MessageBlock, ScreenView } from '../../model/thread.ts';
import { visible } from '../../model/plain-text.ts';
import { code, plain, section } from './blocks.ts';
import { italic } from './rich.ts';

/** Slack takes 100 blocks a view, and metadata of 3,000 characters. */
const most = { blocks: 90, characters: 60_000, title: 24, codeBlocks: 6, lineCharacters: 2400, label: 150 } as const;

export interface Modal {
  readonly callback: string;
  readonly title: string;
  /** What its button says; null: there is nothing to submit. */
  readonly submit: string | null;
  readonly metadata: string;
  readonly blocks: readonly MessageBlock[];
}

export function modal({ callback, title, submit, metadata, blocks }: Modal): ScreenView {
  return {
    type: 'modal',
    callback_id: callback,
    private_metadata: metadata,
    title: plain(title, most.title),
    close: plain('Close', most.title),
    ...(submit === null ? {} : { submit: plain(submit, most.title) }),
    blocks: fitting(blocks),
  };
}

export function home(blocks: readonly MessageBlock[]): ScreenView {
  return { type: 'home', blocks: fitting(blocks) };
}

function fitting(blocks: readonly MessageBlock[]): readonly MessageBlock[] {
  const kept: MessageBlock[] = [];
  let size = 0;
  for (const block of blocks) {
    size += JSON.stringify(block).length;
    if (kept.length === most.blocks || size > most.characters)
      return [...kept, section(italic('There is more. The command line shows all of it.'))];
    kept.push(block);
  }
  return kept;
}

/** Text of others in as many boxes as it needs, the first ones where it needs too many. */
export function codeBlocks(text: string): readonly MessageBlock[] {
  const boxes: string[] = [];
  for (const line of visible(text.slice(0, most.codeBlocks * most.lineCharacters * 2)).split('\n')) {
    const last = boxes.at(-1);
    if (last !== undefined && last.length + line.length < most.lineCharacters)
      boxes[boxes.length - 1] = `${last}\n${line}`;
    else boxes.push(line);
  }
  const shown = boxes.slice(0, most.codeBlocks).map((box) => code(box));
  return boxes.length > shown.length ? [...shown, section(italic('There is more of it: send it as a file.'))] : shown;
}

export interface TextInput {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly initial: string | null;
  readonly optional: boolean;
}

export function textInput(input: TextInput): MessageBlock {
  const { id, initial } = input;
  return inputBlock(input, {
    type: 'plain_text_input',
    action_id: id,
    max_length: 320,
    ...(initial === null || initial === '' ? {} : { initial_value: initial.slice(0, 320) }),
  });
}

/** A choice among names that are asked for while the person types. @param input `initial`: at most 75 characters */
export function offeredInput(input: TextInput): MessageBlock {
  const { id, initial } = input;
  return inputBlock(input, {
    type: 'external_select',
    action_id: id,
    min_query_length: 0,
    ...(initial === null ? {} : { initial_option: offeredOption(initial) }),
  });
}

function inputBlock({ id, label, hint, optional }: Omit<TextInput, 'initial'>, element: MessageBlock): MessageBlock {
  return {
    type: 'input',
    block_id: id,
    optional,
    label: plain(label, most.label),
    hint: plain(hint, most.label),
    element,
  };
}

/** @param name at most 75 characters: it is shown as it is sent back */
function offeredOption(name: string) {
  return { text: plain(name, 75), value: name };
}

export interface OfferedGroup {
  readonly label: string;
  /** Names of at most 75 characters. */
  readonly options: readonly string[];
}

/** @param groups none of which is empty, with at most 100 options together */
export function offeredOptions(groups: readonly OfferedGroup[]): OfferedOptions {
  if (groups.length === 0) return { options: [] };
  return {
    option_groups: groups.map(({ label, options }) => ({
      label: plain(label, 75),
      options: options.map(offeredOption),
    })),
  };
}

export interface Choice {
  readonly label: string;
  readonly value: string;
}

/** @param choices at most 100, each value of at most 75 characters */
export function choiceInput(
  id: string,
  label: string,
  choices: readonly Choice[],
  { initial, optional, hint }: Pick<TextInput, 'initial' | 'optional' | 'hint'>,
): MessageBlock {
  const options = choices.slice(0, 100).map((choice) => ({ text: plain(choice.label, 75), value: choice.value }));
  const chosen = options.find(({ value }) => value === initial);
  return inputBlock(
    { id, label, hint, optional },
    {
      type: 'static_select',
      action_id: id,
      options,
      ...(chosen ? { initial_option: chosen } : {}),
    },
  );
}
