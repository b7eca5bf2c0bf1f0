export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Returns a member of an object; undefined: the value is not an object, or has no such member. */
export function member(value: Json | undefined, key: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

export function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

export function numberOf(value: Json | undefined): number | null {
  return typeof value === 'number'
    ? value
    : typeof value === 'string' && /^(?:0x[0-9a-f]+|\d+)$/i.test(value)
      ? Number(value)
      : null;
}

/** Returns a string, number or boolean as text; '' for anything else. */
export function scalarText(value: Json | undefined): string {
  return typeof value === 'object' || value === undefined ? '' : String(value);
}

/** @throws SyntaxError */
export function parseJson(text: string): Json {
  // JSON.parse gives nothing else than this type.
  const parsed: unknown = JSON.parse(text);
  return isJson(parsed) ? parsed : null;
}

function isJson(value: unknown): value is Json {
  return value !== undefined;
}

/** Returns the name and value of the only member, as nft writes expressions and statements. */
export function single(value: Json | undefined): readonly [name: string, body: Json] | null {
  const [entry] = isObject(value) ? Object.entries(value) : [];
  return entry ?? null;
}

/** Is the value nested deeper than this many arrays and objects? Looks no deeper than that itself. */
export function isDeeper(value: Json, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth === 0) return true;
  return Object.values(value).some((inner) => isDeeper(inner, depth - 1));
}
