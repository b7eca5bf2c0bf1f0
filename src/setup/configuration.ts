/** What to do about a problem of the configuration, and which later checks only repeat it. */
import type { Check } from './check.ts';

/** @param file that CALICO_CHATOPS_CONFIG names */
export function configurationNext(problem: string, file: string | undefined): string {
  if (/^\w+_FILE: .* is empty$/.test(problem)) return 'Write the value into this file';
  return `Correct it in the environment${file ? ` or in ${file}` : ''}`;
}

/** Whether it is a file for a secret of Slack with nothing in it yet, as `init` writes it: only `serve` needs one. */
export function isUnwrittenSlackSecret(problem: string): boolean {
  return /^SLACK_\w+_FILE: .* is empty$/.test(problem);
}

/** Whether the file of the configuration could not be read or understood: none of its keys is known. */
export function isUnread(problems: readonly string[]): boolean {
  return problems.some((problem) => /^CALICO_CHATOPS_CONFIG[: ]/.test(problem));
}

/** Returns the keys that problems are about; a file of a secret counts as the secret, too. */
export function keysOf(problems: readonly string[]): readonly string[] {
  return problems.flatMap((problem) => {
    const [, one, other] = /^([A-Z][A-Z_]*) and ([A-Z][A-Z_]*): /.exec(problem) ?? [];
    if (one !== undefined && other !== undefined) return [one, other];
    const [, key] = /^([A-Z][A-Z_]*)(?:[.:]|$)/.exec(problem.split(' ')[0] ?? '') ?? [];
    return key === undefined ? [] : [...new Set([key, key.replace(/_FILE$/, '')])];
  });
}

/** Whether a check says no more than that a key with a problem has no value. */
export function isFollowUp({ part, text }: Check, keys: readonly string[]): boolean {
  return keys.some(
    (key) =>
      part === key ||
      (key === 'NODES_VIA' && part === 'nodes') ||
      text.startsWith(`${key} is not set`) ||
      (key === 'KUBECONFIG' && text.startsWith('the kubeconfig ')) ||
      (text.startsWith('neither ') && text.includes(key)),
  );
}
