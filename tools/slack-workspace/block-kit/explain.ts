import type { z } from 'zod';

/** One problem as Slack words it: what is wrong and a JSON pointer to where. */
export function explainIssue(issue: z.core.$ZodIssue, root: string): string {
  const { words, path } = describe(issue);
  const pointer = [root, ...path.map(String)].filter((part) => part !== '').join('/');
  return `${words} [json-pointer:/${pointer}]`;
}

function describe(issue: z.core.$ZodIssue): { words: string; path: PropertyKey[] } {
  const path = [...issue.path];
  const field = String(path.at(-1) ?? '');
  switch (issue.code) {
    case 'too_big':
      return {
        path,
        words:
          issue.origin === 'string'
            ? `must be less than ${Number(issue.maximum) + 1} characters`
            : `no more than ${issue.maximum} items allowed`,
      };
    case 'too_small':
      return {
        path,
        words:
          issue.origin === 'string'
            ? `must be more than ${Number(issue.minimum) - 1} characters`
            : `no less than ${issue.minimum} items allowed`,
      };
    case 'unrecognized_keys':
      return { path, words: `invalid additional property: ${issue.keys.join(', ')}` };
    case 'invalid_union':
      return field === 'type'
        ? { path, words: 'unsupported type' }
        : { path, words: 'failed to match all allowed schemas' };
    case 'invalid_value':
      return { path, words: 'value must be one of the allowed values' };
    case 'invalid_type':
      return issue.input === undefined && /received undefined/.test(issue.message)
        ? { path: path.slice(0, -1), words: `missing required field: ${field}` }
        : { path, words: `must provide ${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}` };
    case 'custom':
      return { path, words: issue.message };
    default:
      return { path, words: issue.message };
  }
}
