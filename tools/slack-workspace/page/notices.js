import { h } from './dom.js';

/** Shows a short notice for six seconds. */
export function notify(text) {
  const notice = h('div', { class: 'notice' }, text);
  document.querySelector('#notices').append(notice);
  setTimeout(() => notice.remove(), 6000);
}
