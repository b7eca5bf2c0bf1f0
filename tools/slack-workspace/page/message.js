import { act } from './api.js';
import { renderBlocks } from './blocks.js';
import { h } from './dom.js';
import { emoji } from './emoji.js';
import { files } from './files.js';
import { mrkdwn } from './mrkdwn.js';
import { goTo } from './place.js';
import { fullTimeOf, timeOf } from './when.js';
import { userOf, world } from './world.js';

/** Who wrote a message, as it shows. */
export function authorOf(message) {
  const user = userOf(message.user);
  const isApp = message.bot_id !== undefined || message.user === 'USLACKBOT';
  return {
    name: message.username ?? user?.real_name ?? message.user ?? 'unknown',
    isApp,
    id: message.user ?? message.username ?? '',
  };
}

/** A person's or app's picture: the first letter on a colour of its own. */
export function avatar({ name, id, isApp }) {
  const hue = [...id].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 360, 7);
  const node = h(
    'span',
    { class: isApp ? 'avatar app' : 'avatar', 'aria-hidden': 'true' },
    name.slice(0, 1).toUpperCase(),
  );
  node.style.setProperty('--hue', hue);
  return node;
}

/** A message. `compact` leaves out who wrote it, as it follows one by the same; `inThread` leaves out the thread's summary. */
export function messageRow(message, { compact, inThread }) {
  const author = authorOf(message);
  return h(
    'article',
    {
      class: ['message', compact ? 'compact' : '', message.is_ephemeral ? 'ephemeral' : ''].join(' '),
      data: { ts: message.ts },
    },
    h(
      'div',
      { class: 'gutter' },
      compact ? h('time', { class: 'short', title: fullTimeOf(message.ts) }, timeOf(message.ts)) : avatar(author),
    ),
    h(
      'div',
      { class: 'content' },
      message.is_ephemeral
        ? h('div', { class: 'visibility' }, h('span', { 'aria-hidden': 'true' }, '👁'), ' Only visible to you')
        : null,
      message.subtype === 'thread_broadcast' ? h('div', { class: 'visibility' }, 'replied to a thread') : null,
      compact
        ? null
        : h(
            'div',
            { class: 'byline' },
            h('span', { class: 'author' }, author.name),
            author.isApp ? h('span', { class: 'badge' }, 'APP') : null,
            h('time', { title: fullTimeOf(message.ts) }, timeOf(message.ts)),
          ),
      body(message),
      files(message.files ?? []),
      reactions(message.reactions ?? []),
      inThread ? null : threadSummary(message),
    ),
    inThread || message.is_ephemeral
      ? null
      : h(
          'div',
          { class: 'hover-actions' },
          h(
            'button',
            {
              type: 'button',
              title: 'Reply in thread',
              onclick: () => goTo({ thread: message.thread_ts ?? message.ts }),
            },
            '💬',
          ),
          shortcuts(message),
        ),
  );
}

function shortcuts({ channel, ts }) {
  return (world.shortcuts ?? []).map((one) =>
    h(
      'button',
      {
        type: 'button',
        title: one.description,
        onclick: () => void act('shortcut', { channel, ts, callback_id: one.callback_id }),
      },
      one.name,
    ),
  );
}

function body(message) {
  const use = (block, element, value) =>
    act('click', {
      channel: message.channel,
      ts: message.ts,
      // A button is known by what it does: a message that changed since it was drawn has other ids for its blocks.
      ...(element.type === 'button' ? {} : { block_id: block.block_id }),
      action_id: element.action_id,
      ...(value === undefined ? {} : { value }),
    });
  const edited = message.edited
    ? h('small', { class: 'edited', title: fullTimeOf(message.edited.ts) }, ' (edited)')
    : null;
  const main = message.blocks?.length
    ? [h('div', { class: 'blocks' }, renderBlocks(message.blocks, use)), edited]
    : message.text === ''
      ? []
      : [h('div', { class: 'text' }, mrkdwn(message.text), edited)];
  return [...main, ...(message.attachments ?? []).map((one) => attachment(one, use))];
}

const colours = { good: '#2eb67d', warning: '#ecb22e', danger: '#e01e5a' };

function attachment(one, use) {
  const colour =
    colours[one.color] ?? (/^#?[0-9a-f]{6}$/i.test(one.color ?? '') ? `#${one.color.replace('#', '')}` : null);
  const node = h(
    'div',
    { class: 'attachment' },
    one.pretext ? h('div', { class: 'text' }, mrkdwn(one.pretext)) : null,
    one.author_name ? h('div', { class: 'card-subtitle' }, one.author_name) : null,
    one.title
      ? h(
          'div',
          { class: 'card-title' },
          one.title_link ? h('a', { href: one.title_link, target: '_blank', rel: 'noreferrer' }, one.title) : one.title,
        )
      : null,
    one.text ? h('div', { class: 'text' }, mrkdwn(one.text)) : null,
    one.fields
      ? h(
          'div',
          { class: 'fields' },
          one.fields.map((field) =>
            h('div', { class: 'text' }, h('strong', {}, field.title), h('br'), mrkdwn(field.value)),
          ),
        )
      : null,
    one.blocks ? h('div', { class: 'blocks' }, renderBlocks(one.blocks, use)) : null,
    one.footer ? h('div', { class: 'block context' }, one.footer) : null,
  );
  if (colour) node.style.setProperty('--bar', colour);
  return node;
}

function reactions(list) {
  return list.length === 0
    ? null
    : h(
        'div',
        { class: 'reactions' },
        list.map((one) =>
          h(
            'span',
            {
              class: one.users.includes(world.me) ? 'reaction mine' : 'reaction',
              title: one.users.map((id) => userOf(id)?.real_name ?? id).join(', '),
            },
            emoji(one.name),
            ' ',
            one.count,
          ),
        ),
      );
}

function threadSummary(message) {
  if (!message.reply_count) return null;
  const users = message.reply_users
    .slice(0, 4)
    .map((id) => authorOf({ user: id, bot_id: userOf(id)?.bot_id ?? undefined }));
  return h(
    'button',
    { type: 'button', class: 'thread-summary', onclick: () => goTo({ thread: message.ts }) },
    users.map(avatar),
    h('strong', {}, message.reply_count === 1 ? '1 reply' : `${message.reply_count} replies`),
    h('span', {}, `Last reply at ${timeOf(message.latest_reply)}`),
  );
}
