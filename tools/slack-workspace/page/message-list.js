import { h, reconcile } from './dom.js';
import { authorOf, messageRow } from './message.js';
import { dayOf } from './when.js';

const FOLLOW_PX = 80;
const COMPACT_SECONDS = 300;

/** Draws messages into a scrolling list; one who was at its end stays there. */
export function drawMessages(container, messages, { inThread = false, place }) {
  const moved = container.dataset.place !== place;
  const atEnd = moved || container.scrollHeight - container.scrollTop - container.clientHeight < FOLLOW_PX;
  reconcile(container, withDividers(messages, inThread), {
    key: (item) => item.key,
    signature: (item) => JSON.stringify(item),
    make: (item) =>
      item.day
        ? h('div', { class: 'day' }, h('span', {}, item.day))
        : item.replies
          ? h('div', { class: 'day replies' }, h('span', {}, item.replies))
          : messageRow(item.message, item),
  });
  container.dataset.place = place;
  if (atEnd) container.scrollTop = container.scrollHeight;
}

function withDividers(messages, inThread) {
  return messages.flatMap((message, index) => {
    const before = messages[index - 1];
    const items = [];
    if (!inThread && (!before || dayOf(before.ts) !== dayOf(message.ts)))
      items.push({ key: `day-${message.ts}`, day: dayOf(message.ts) });
    if (inThread && index === 1)
      items.push({ key: 'replies', replies: messages.length === 2 ? '1 reply' : `${messages.length - 1} replies` });
    return [
      ...items,
      {
        key: message.ts,
        message,
        inThread,
        compact: items.length === 0 && before !== undefined && follows(before, message),
      },
    ];
  });
}

function follows(before, message) {
  return (
    authorOf(before).id === authorOf(message).id &&
    authorOf(before).name === authorOf(message).name &&
    Number(message.ts) - Number(before.ts) < COMPACT_SECONDS &&
    !before.is_ephemeral === !message.is_ephemeral &&
    !before.reply_count
  );
}
