import { objectOf, objectsOf, textOf } from '../json.ts';
import type { Json } from '../model.ts';

/**
 * What an element says when a person gave it `raw`: the part of a payload beside its ids,
 * e.g. `{type: 'static_select', selected_option: …}`. Without `raw` it is the initial value.
 * Several choices may come as an array or separated by commas. A value that is no option is left out (null).
 */
export function elementState(element: Json & { type: string }, raw: unknown): Json {
  const { type } = element;
  const given = raw === undefined || raw === null ? undefined : raw;
  switch (type) {
    case 'button':
    case 'icon_button':
      return { type, text: element['text'], value: element['value'] };
    case 'feedback_buttons':
      return { type, value: given ?? objectOf(element['positive_button'])['value'] };
    case 'static_select':
    case 'external_select':
    case 'overflow':
    case 'radio_buttons':
      return {
        type,
        selected_option: given === undefined ? (element['initial_option'] ?? null) : option(element, textOf(given)),
      };
    case 'multi_static_select':
    case 'multi_external_select':
    case 'checkboxes':
      return {
        type,
        selected_options:
          given === undefined
            ? (element['initial_options'] ?? [])
            : many(given)
                .map((value) => option(element, value))
                .filter(Boolean),
      };
    case 'datepicker':
      return { type, selected_date: given ?? element['initial_date'] ?? null };
    case 'timepicker':
      return { type, selected_time: given ?? element['initial_time'] ?? null };
    case 'datetimepicker':
      return { type, selected_date_time: given === undefined ? (element['initial_date_time'] ?? null) : Number(given) };
    case 'rich_text_input':
      return {
        type,
        rich_text_value: given === undefined ? (element['initial_value'] ?? null) : richText(textOf(given)),
      };
    default:
      return { type, ...pickedOrTyped(element, given) };
  }
}

/** Selects of people and channels name what they hold; anything else is a typed text. */
function pickedOrTyped(element: Json & { type: string }, given: unknown): Json {
  const match = /^(multi_)?(users|channels|conversations)_select$/.exec(element.type);
  const noun = match?.[2];
  if (!noun) return { value: given === undefined ? (element['initial_value'] ?? null) : textOf(given) };
  const singular = noun.slice(0, -1);
  return match[1]
    ? { [`selected_${noun}`]: given === undefined ? (element[`initial_${noun}`] ?? []) : many(given) }
    : { [`selected_${singular}`]: given ?? element[`initial_${singular}`] ?? null };
}

function option(element: Json, value: string): Json | null {
  const grouped = objectsOf(element['option_groups']).flatMap((group) => objectsOf(group['options']));
  const options = [...objectsOf(element['options']), ...grouped];
  return options.find((one) => one['value'] === value) ?? null;
}

function many(given: unknown): string[] {
  return Array.isArray(given)
    ? given.map(textOf)
    : textOf(given)
        .split(',')
        .map((value) => value.trim())
        .filter(Boolean);
}

function richText(text: string): Json {
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }] };
}

/** Whether a state holds nothing, so that a required input may not be submitted. */
export function isEmptyState(state: Json): boolean {
  return Object.entries(state).every(
    ([key, value]) =>
      key === 'type' ||
      value === null ||
      value === undefined ||
      value === '' ||
      (Array.isArray(value) && value.length === 0),
  );
}
