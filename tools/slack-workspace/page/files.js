import { h } from './dom.js';

const LINES = 12;

/** Shared files as cards: a picture, or the first lines and the whole on demand; and a download. */
export function files(list) {
  return list.map((file) => (file.mimetype === 'image/png' ? pictureCard(file) : textCard(file)));
}

function pictureCard(file) {
  const shown = { src: new URL(file.url_private).pathname, alt: file.alt_txt ?? '', class: 'picture' };
  return h('div', { class: 'file' }, head(file, null), h('img', shown));
}

function textCard(file) {
  const first = file.preview.split('\n').slice(0, LINES).join('\n');
  const isCut = first.length < file.preview.length || file.size > 600;
  const code = h('pre', { class: 'code' }, isCut ? `${first}\n…` : first);
  const more = h(
    'button',
    {
      type: 'button',
      class: 'link',
      onclick: async () => {
        code.textContent = await (await fetch(new URL(file.url_private).pathname)).text();
        more.remove();
      },
    },
    'Show all',
  );
  return h('div', { class: 'file' }, head(file, isCut ? more : null), code);
}

/** @param more a button that shows the rest, or null */
function head(file, more) {
  return h(
    'div',
    { class: 'file-head' },
    h('span', { class: 'file-icon', 'aria-hidden': 'true' }, '📄'),
    h('strong', {}, file.title || file.name),
    h('span', { class: 'file-size' }, sizeOf(file.size)),
    h(
      'span',
      { class: 'file-actions' },
      more,
      h(
        'a',
        { href: `${new URL(file.url_private_download).pathname}?download=1`, download: file.name },
        'Download',
      ),
    ),
  );
}

function sizeOf(bytes) {
  return bytes < 1024
    ? `${bytes} B`
    : bytes < 1024 * 1024
      ? `${(bytes / 1024).toFixed(1)} kB`
      : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
