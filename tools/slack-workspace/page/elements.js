import { confirmed } from './confirm.js';
import { h } from './dom.js';
import { plainText } from './mrkdwn.js';
import { textObject } from './text-object.js';
import { typeahead } from './typeahead.js';
import { channelTitle, world } from './world.js';

/**
 * An interactive element. `use(element, value, control)` is called when the person acts on it (after a confirmation),
 * or, inside an input block, `use` is null and the value is read from the control's `currentValue()` on submit.
 */
export function interactive(element, use) {
  const control = make(
    element,
    use &&
      (async (value, node) => {
        if (!(await confirmed(element.confirm))) return reset(node);
        node.setAttribute('aria-busy', 'true');
        await use(element, value);
        node.removeAttribute('aria-busy');
      }),
  );
  control.dataset.actionId = element.action_id ?? '';
  return control;
}

function reset(node) {
  if (node instanceof HTMLSelectElement) node.selectedIndex = 0;
}

function make(element, use) {
  switch (element.type) {
    case 'button':
    case 'workflow_button':
      return button(element, use);
    case 'icon_button':
      return h(
        'button',
        {
          type: 'button',
          class: 'button icon',
          title: element.text.text,
          onclick: (event) => use?.(undefined, event.currentTarget),
        },
        plainText(element.text.text),
      );
    case 'feedback_buttons':
      return h(
        'span',
        { class: 'feedback' },
        [
          ['👍', element.positive_button],
          ['👎', element.negative_button],
        ].map(([sign, choice]) =>
          h(
            'button',
            {
              type: 'button',
              class: 'button icon',
              title: choice.text.text,
              onclick: (event) => use?.(choice.value, event.currentTarget),
            },
            sign,
          ),
        ),
      );
    case 'checkboxes':
      return checks(element, 'checkbox', use);
    case 'radio_buttons':
      return checks(element, 'radio', use);
    case 'overflow':
      return overflow(element, use);
    case 'external_select':
      return typeahead(element, use);
    default:
      return element.type.endsWith('_select') ? select(element, use) : typed(element, use);
  }
}

function button(element, use) {
  const label = plainText(element.text.text);
  const attributes = { class: `button ${element.style ?? ''}`, 'aria-label': element.accessibility_label };
  if (element.url && !use)
    return h('a', { ...attributes, href: element.url, target: '_blank', rel: 'noreferrer' }, label);
  return h(
    'button',
    {
      ...attributes,
      type: 'button',
      onclick: (event) => {
        if (element.url) window.open(element.url, '_blank', 'noreferrer');
        void use?.(element.value, event.currentTarget);
      },
    },
    label,
  );
}

function overflow(element, use) {
  const menu = h(
    'details',
    { class: 'overflow' },
    h('summary', { class: 'button icon', 'aria-label': 'More' }, '⋯'),
    h(
      'div',
      { class: 'menu' },
      element.options.map((option) =>
        h(
          'button',
          {
            type: 'button',
            onclick: () => {
              menu.open = false;
              void use?.(option.value, menu);
            },
          },
          textObject(option.text),
        ),
      ),
    ),
  );
  return menu;
}

function checks(element, type, use) {
  const chosen = new Set(
    (element.initial_options ?? (element.initial_option ? [element.initial_option] : [])).map((one) => one.value),
  );
  const name = `${type}-${Math.random().toString(36).slice(2)}`;
  const group = h(
    'div',
    { class: 'checks', role: 'group' },
    element.options.map((option) =>
      h(
        'label',
        {},
        h('input', {
          type,
          name,
          value: option.value,
          checked: chosen.has(option.value),
          onchange: () => use?.(group.currentValue(), group),
        }),
        h(
          'span',
          {},
          textObject(option.text),
          option.description ? h('small', {}, textObject(option.description)) : null,
        ),
      ),
    ),
  );
  group.currentValue = () => {
    const values = [...group.querySelectorAll('input:checked')].map((input) => input.value);
    return type === 'radio' ? values[0] : values;
  };
  return group;
}

function select(element, use) {
  const multiple = element.type.startsWith('multi_');
  const initial = new Set(initialValues(element));
  const options = optionsOf(element).map(({ group, label, value }) => ({
    group,
    node: h('option', { value, selected: initial.has(value) }, label),
  }));
  const groups = new Map();
  for (const { group, node } of options) groups.set(group, [...(groups.get(group) ?? []), node]);
  const body = [...groups].flatMap(([group, nodes]) =>
    group === null ? nodes : [h('optgroup', { label: group }, nodes)],
  );
  const placeholder = multiple
    ? []
    : [
        h(
          'option',
          { value: '', selected: initial.size === 0, disabled: true },
          element.placeholder?.text ?? 'Select an option',
        ),
      ];
  const control = h(
    'select',
    {
      multiple,
      'aria-label': element.placeholder?.text ?? 'Select',
      onchange: (event) => use?.(control.currentValue(), event.currentTarget),
    },
    placeholder,
    body,
  );
  control.currentValue = () => {
    const values = [...control.selectedOptions].map((one) => one.value).filter(Boolean);
    return multiple ? values : values[0];
  };
  return control;
}

function initialValues(element) {
  return [
    element.initial_option?.value,
    element.initial_user,
    element.initial_channel,
    element.initial_conversation,
    ...(element.initial_options ?? []).map((one) => one.value),
    ...(element.initial_users ?? []),
    ...(element.initial_channels ?? []),
    ...(element.initial_conversations ?? []),
  ].filter(Boolean);
}

function optionsOf(element) {
  if (element.type.includes('users'))
    return world.users.map((one) => ({ group: null, value: one.id, label: one.real_name }));
  if (/channels|conversations/.test(element.type))
    return world.channels.map((one) => ({ group: null, value: one.id, label: channelTitle(one) }));
  const groups = element.option_groups ?? [{ label: null, options: element.options ?? [] }];
  return groups.flatMap((group) =>
    group.options.map((option) => ({ group: group.label?.text ?? null, value: option.value, label: option.text.text })),
  );
}

const inputTypes = {
  datepicker: 'date',
  timepicker: 'time',
  datetimepicker: 'datetime-local',
  number_input: 'number',
  email_text_input: 'email',
  url_text_input: 'url',
};

function typed(element, use) {
  const multiline = element.multiline || element.type === 'rich_text_input';
  const control = h(multiline ? 'textarea' : 'input', {
    type: multiline ? null : (inputTypes[element.type] ?? 'text'),
    placeholder: element.placeholder?.text,
    minlength: element.min_length,
    maxlength: element.max_length,
    min: element.min_value,
    max: element.max_value,
    autocomplete: 'off',
    rows: multiline ? 4 : null,
    onchange: () => use?.(control.currentValue(), control),
  });
  control.value = element.initial_value ?? element.initial_date ?? element.initial_time ?? '';
  control.currentValue = () => {
    if (control.value === '') return undefined;
    return element.type === 'datetimepicker' ? Math.floor(new Date(control.value).getTime() / 1000) : control.value;
  };
  return control;
}
