import { h } from './dom.js';

const pauseMs = 150;

/**
 * A select whose options the app gives while the person types. Whoever shows it answers its `suggest` events:
 * `detail.answer` takes groups of options.
 */
export function typeahead(element, use) {
  let chosen = element.initial_option?.value;
  let timer;
  let turn = 0;
  const list = h('div', { class: 'suggestions', role: 'listbox', hidden: true });
  const input = h('input', {
    type: 'text',
    role: 'combobox',
    autocomplete: 'off',
    placeholder: element.placeholder?.text ?? 'Select an option',
    oninput: () => {
      chosen = undefined;
      clearTimeout(timer);
      timer = setTimeout(ask, pauseMs);
    },
    onfocus: () => ask(),
  });
  input.value = element.initial_option?.text.text ?? '';
  const control = h('div', { class: 'typeahead' }, input, list);
  control.currentValue = () => chosen;

  function ask() {
    const asked = (turn += 1);
    const answer = (groups) => asked === turn && show(groups);
    control.dispatchEvent(
      new CustomEvent('suggest', {
        bubbles: true,
        detail: { element, value: chosen === undefined ? input.value : '', answer },
      }),
    );
  }

  function show(groups) {
    const options = groups
      .filter(({ options: all }) => all.length > 0)
      .flatMap(({ label, options: all }) => [
        label === null ? null : h('div', { class: 'suggestion-group' }, label),
        ...all.map((option) =>
          h(
            'button',
            { type: 'button', role: 'option', class: 'suggestion', onclick: () => choose(option) },
            option.text.text,
          ),
        ),
      ]);
    list.replaceChildren(
      ...(options.length > 0 ? options.filter(Boolean) : [h('div', { class: 'suggestion-group' }, 'No results')]),
    );
    list.hidden = false;
  }

  function choose(option) {
    chosen = option.value;
    input.value = option.text.text;
    list.hidden = true;
    void use?.(chosen, control);
  }
  return control;
}
