/** Secrets of the configuration that are read from files, as Kubernetes and Docker mount them. */
import { readFileSync } from 'node:fs';
import type { Settings } from './config-settings.ts';
import { own } from './model/own.ts';

/** Keys whose values are secrets: shown nowhere, and each may come from the file that `KEY_FILE` names. */
export const secretKeys = [
  'SLACK_BOT_TOKEN',
  'SLACK_APP_TOKEN',
  'SLACK_SIGNING_SECRET',
  'ALERT_TOKEN',
  'ALERT_BASIC_AUTH',
  'REDIS_URL',
] as const satisfies readonly (keyof Settings)[];

export const secretFileKeys = secretKeys.map((key) => `${key}_FILE` as const);

/** A secret is one line. A larger file is not one. */
const mostBytes = 16_384;

/**
 * Reads the secrets whose files are named, each without the line end that editors add.
 * @param file what the configuration file holds; the environment wins over it
 * @param problems gains a line for each file that cannot be read, is empty, or is named beside the value itself
 */
export function secretsFromFiles(
  environment: Readonly<Record<string, string | undefined>>,
  file: Readonly<Record<string, unknown>>,
  problems: string[],
): Readonly<Partial<Record<(typeof secretKeys)[number], string>>> {
  return Object.fromEntries(
    secretKeys.flatMap((key) => {
      const fileKey = `${key}_FILE`;
      const place = [environment, file].find((given) => own(given, fileKey) || own(given, key));
      const path = place && own(place, fileKey);
      if (!place || !path) return [];
      if (own(place, key)) {
        problems.push(`${key}: both ${key} and ${fileKey} are set. Set one of them`);
        return [];
      }
      if (typeof path !== 'string') {
        problems.push(`${fileKey}: must be a path`);
        return [];
      }
      const value = secretIn(path);
      if (value.problem === null) return [[key, value.text]];
      problems.push(`${fileKey}: ${path} ${value.problem}`);
      return [];
    }),
  );
}

function secretIn(path: string): { readonly text: string; readonly problem: string | null } {
  try {
    const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    if (text === '') return { text, problem: 'is empty' };
    if (text.length > mostBytes || text.includes('\n')) return { text: '', problem: 'must hold one line' };
    return { text, problem: null };
  } catch (error) {
    return { text: '', problem: `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})` };
  }
}
