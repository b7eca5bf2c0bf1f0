/** What stands where a secret was. */
const redacted = '[redacted]';

const secretName = /passw(?:or)?d|secret|token|api[-_]?key|private[-_]?key|credential/i;

/** Secrets by their own shape, and values after a name that says so. Matches keep what stands before the secret. */
const patterns: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----[\s\S]*?(?:-----END \1PRIVATE KEY-----|$)/g, redacted],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, redacted],
  [/\b(xox[a-z]|xapp)-[\w-]{8,}/g, redacted],
  [/\b(bearer|basic)(\s+)[\w+/=.~-]{8,}/gi, `$1$2${redacted}`],
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s/:@]+:)[^\s/@]+@/gi, `$1${redacted}@`],
  [/((?:password|passwd|client[-_]secret|api[-_]?key|(?:access|auth|id|refresh)[-_]?token)["']?\s*[:=]\s*["']?)(?!\[redacted\])[^\s"',;}]+/gi, `$1${redacted}`],
];

/** Text without passwords, tokens and private keys. Redacting it again changes nothing. */
export function redactText(text: string): string {
  return patterns.reduce((clean, [pattern, replacement]) => clean.replaceAll(pattern, replacement), text);
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

function redactMap(map: Json): Json {
  if (typeof map !== 'object' || map === null || Array.isArray(map)) return redacted;
  return Object.fromEntries(Object.keys(map).map((key) => [key, redacted]));
}

/**
 * A Kubernetes object (or anything like JSON) without secrets: values of Secrets, of environment variables and fields
 * whose name says so, and of every text in it.
 */
export function redactJson(value: Json): Json {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(redactJson);
  const fields = Object.entries(value);
  const isSecret = fields.some(([key, one]) => key === 'kind' && one === 'Secret');
  const secretVariable = fields.some(([key, one]) => key === 'name' && typeof one === 'string' && secretName.test(one));
  return Object.fromEntries(fields.map(([key, one]) => {
    if (isSecret && (key === 'data' || key === 'stringData')) return [key, redactMap(one)];
    if (typeof one === 'string' && ((secretVariable && key === 'value') || /^(?:password|token|client-key-data)$/i.test(key))) return [key, redacted];
    return [key, redactJson(one)];
  }));
}
