import type { Block, Json } from './model.ts';

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object, or an empty one for anything else. */
export function objectOf(value: unknown): Json {
  return isObject(value) ? value : {};
}

/** The objects of a list; none for anything else. */
export function objectsOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The blocks of a list: its objects that have a type. */
export function blocksOf(value: unknown): Block[] {
  return objectsOf(value).filter(isBlock);
}

function isBlock(value: Json): value is Block {
  return (
    typeof value['type'] === 'string' && (value['block_id'] === undefined || typeof value['block_id'] === 'string')
  );
}

/** The text of a scalar; a JSON text for anything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
