import { h } from './dom.js';
import { textObject } from './text-object.js';

/** Asks as a confirmation object says; true at once without one. */
export function confirmed(confirm) {
  if (!confirm) return Promise.resolve(true);
  return new Promise((resolve) => {
    const answer = (yes) => {
      dialog.close();
      dialog.remove();
      resolve(yes);
    };
    const dialog = h(
      'dialog',
      { class: 'confirm', oncancel: (event) => (event.preventDefault(), answer(false)) },
      h('h2', {}, confirm.title?.text ?? 'Are you sure?'),
      h('div', { class: 'body text' }, textObject(confirm.text)),
      h(
        'footer',
        {},
        h('button', { type: 'button', class: 'button', onclick: () => answer(false) }, confirm.deny?.text ?? 'Cancel'),
        h(
          'button',
          { type: 'button', class: `button solid ${confirm.style ?? 'primary'}`, onclick: () => answer(true) },
          confirm.confirm?.text ?? 'Yes',
        ),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}
