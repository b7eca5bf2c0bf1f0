/** Builders of Block Kit within its limits: whatever comes in, what goes out is a message that Slack takes. */
import type { MessageBlock, MessageContent } from '../../model/thread.ts';

const most = { section: 3000, context: 2000, header: 150, code: 2500, button: 75, confirm: 300, blocks: 50, characters: 12_000, text: 1000 } as const;

/** Text of others in mrkdwn: never markup. */
export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** At most so many characters; never empty, never half an entity. */
export function clip(text: string, length: number): string {
  const shown = text.trim() === '' ? '–' : text;
  if (shown.length <= length) return shown;
  return `${wellFormed(shown.slice(0, length - 1)).replace(/&[a-z]{0,3}$/, '')}…`;
}

/** Without half of a surrogate pair at its end. */
function wellFormed(text: string): string {
  return /[\uD800-\uDBFF]$/.test(text) ? text.slice(0, -1) : text;
}

/** @param text mrkdwn; what others wrote is escaped already */
export function section(text: string): MessageBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: clip(text, most.section) } };
}

/** @param text mrkdwn */
export function context(text: string): MessageBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: clip(text, most.context) }] };
}

/** Text as it is, in a fixed width. */
export function code(text: string): MessageBlock {
  return { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: clip(text, most.code) }] }] };
}

/** Whether `code` shows it all. */
export function fitsCode(text: string): boolean {
  return text.length <= most.code;
}

export interface Button {
  readonly action: string;
  readonly label: string;
  /** An id, nothing else. */
  readonly value: string;
  readonly style?: 'primary' | 'danger';
  readonly confirm?: { readonly title: string; readonly text: string; readonly yes: string };
}

export function actions(...buttons: readonly Button[]): MessageBlock {
  return { type: 'actions', elements: buttons.map(buttonElement) };
}

function buttonElement({ action, label, value, style, confirm }: Button) {
  return {
    type: 'button',
    action_id: action,
    text: plain(label, most.button),
    value,
    ...(style ? { style } : {}),
    ...(confirm ? { confirm: { title: plain(confirm.title, 100), text: plain(confirm.text, most.confirm), confirm: plain(confirm.yes, 30), deny: plain('Not now', 30) } } : {}),
  };
}

function plain(text: string, length: number) {
  return { type: 'plain_text', text: clip(text, length) };
}

/**
 * A message of groups of blocks. What does not fit is left out from the least important group on, and said.
 * @param groups in the order in which they are shown
 * @param text for notifications, not escaped
 */
export function message(text: string, groups: readonly (readonly MessageBlock[])[], left = 'More is in the thread.'): MessageContent {
  const note = context(`_${left}_`);
  const kept: MessageBlock[] = [];
  let size = JSON.stringify(note).length + 2;
  for (const group of groups) {
    const cost = group.reduce((sum, block) => sum + JSON.stringify(block).length + 1, 0);
    if (kept.length + group.length > most.blocks - 1 || size + cost > most.characters) {
      kept.push(note);
      break;
    }
    kept.push(...group);
    size += cost;
  }
  return { text: clip(escape(text), most.text), blocks: kept };
}
