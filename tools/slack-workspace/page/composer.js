import { act } from './api.js';
import { h } from './dom.js';
import { notify } from './notices.js';
import { world } from './world.js';

/**
 * A box to write in. `where()` tells channel, thread (or null) and placeholder at the moment of sending.
 * A line that begins with a command's slash is a slash command; Slack has none in threads.
 */
export function composer(where) {
  const input = h('textarea', { rows: 1, 'aria-label': 'Message', oninput: changed, onkeydown: keyed });
  const send = h('button', { type: 'submit', class: 'send', 'aria-label': 'Send', disabled: true }, '➤');
  const hints = h('div', { class: 'hints', role: 'listbox', hidden: true });
  const form = h(
    'form',
    { class: 'composer', onsubmit: (event) => (event.preventDefault(), void submit()) },
    hints,
    input,
    send,
  );

  function changed() {
    input.style.height = 'auto';
    input.style.height = `${Math.min(input.scrollHeight, 200)}px`;
    send.disabled = input.value.trim() === '';
    const matching = /^\/\S*$/.test(input.value)
      ? world.commands.filter((one) => one.command.startsWith(input.value))
      : [];
    hints.hidden = matching.length === 0;
    hints.replaceChildren(
      ...matching.map((one) =>
        h(
          'button',
          { type: 'button', role: 'option', onclick: () => complete(one.command) },
          h('strong', {}, one.command),
          ' ',
          h('code', {}, one.usage_hint),
          h('span', {}, one.description),
        ),
      ),
    );
  }

  function complete(command) {
    input.value = `${command} `;
    changed();
    input.focus();
  }

  function keyed(event) {
    if (event.key === 'Tab' && !hints.hidden) {
      event.preventDefault();
      complete(hints.querySelector('strong').textContent);
    }
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void submit();
  }

  async function submit() {
    const text = input.value.trim();
    if (text === '') return;
    const { channel, thread } = where();
    const isCommand = text.startsWith('/');
    if (isCommand && thread) return notify(`${text.split(' ')[0]} is not supported in threads. Sorry!`);
    input.value = '';
    changed();
    const answer = isCommand
      ? await act('command', { channel, text })
      : await act('message', { channel, text, ...(thread ? { thread_ts: thread } : {}) });
    if (answer.ok === false && input.value === '') {
      input.value = text;
      changed();
    }
  }

  form.refresh = () => {
    input.placeholder = where().placeholder;
    input.disabled = where().disabled === true;
  };
  return form;
}
