import { act } from './api.js';
import { renderBlocks } from './blocks.js';
import { h } from './dom.js';

/** Draws the topmost of the person's modals; one that did not change keeps what was typed. */
export function drawModal(views) {
  const shown = document.querySelector('dialog.modal');
  const view = views.at(-1);
  if (shown && shown.dataset.hash === (view && view.id + view.hash)) return;
  shown?.close();
  shown?.remove();
  if (!view) return;
  const dialog = modal(view);
  document.body.append(dialog);
  dialog.showModal();
}

function modal(view) {
  const use = (block, element, value) =>
    act('click', {
      view_id: view.id,
      block_id: block.block_id,
      action_id: element.action_id,
      state: stateOf(dialog, view),
      ...(value === undefined ? {} : { value }),
    });
  const close = () => void act('close', { view_id: view.id });
  const form = h(
    'form',
    { onsubmit: (event) => (event.preventDefault(), void submit()) },
    h(
      'header',
      {},
      h('h2', {}, view.title?.text ?? ''),
      h('button', { type: 'button', class: 'button icon', 'aria-label': 'Close', onclick: close }, '✕'),
    ),
    h('div', { class: 'body blocks' }, renderBlocks(view.blocks, use)),
    h(
      'footer',
      {},
      h('button', { type: 'button', class: 'button', onclick: close }, view.close?.text ?? 'Cancel'),
      view.submit ? h('button', { type: 'submit', class: 'button solid primary' }, view.submit.text) : null,
    ),
  );
  const dialog = h(
    'dialog',
    {
      class: 'modal',
      data: { hash: view.id + view.hash },
      oncancel: (event) => (event.preventDefault(), close()),
      onsuggest: (event) => void offer(event.detail),
    },
    form,
  );

  async function offer({ element, value, answer }) {
    answer((await act('suggest', { view_id: view.id, action_id: element.action_id, value })).groups ?? []);
  }

  async function submit() {
    const state = stateOf(dialog, view);
    const missing = view.blocks
      .filter((block) => isMissing(block, state))
      .map((block) => [block.block_id, 'Please complete this required field.']);
    show(Object.fromEntries(missing));
    if (missing.length > 0) return;
    const answer = await act('submit', { view_id: view.id, state });
    show(answer.errors ?? {});
  }

  function show(errors) {
    for (const block of dialog.querySelectorAll('.block.input'))
      block.querySelector('.error').textContent = errors[block.dataset.blockId] ?? '';
  }
  return dialog;
}

function isMissing(block, state) {
  const value = state[block.block_id]?.[block.element?.action_id] ?? '';
  return block.type === 'input' && !block.optional && value.length === 0;
}

function stateOf(dialog, view) {
  const state = {};
  for (const block of view.blocks) {
    for (const control of dialog.querySelectorAll(`[data-block-id="${CSS.escape(block.block_id)}"] [data-action-id]`)) {
      if (control.currentValue) (state[block.block_id] ??= {})[control.dataset.actionId] = control.currentValue() ?? '';
    }
  }
  return state;
}
