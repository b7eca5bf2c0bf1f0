/** Secrets of the configuration that are read from files, as Kubernetes and Docker mount them. */
import { readRegularFileSync } from './adapters/regular-file.ts';
import { settings, type Settings } from './config-settings.ts';
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

export type SecretKey = (typeof secretKeys)[number];

/** Which secrets come from files, with the paths of those. */
export type SecretFiles = Readonly<Partial<Record<SecretKey, string>>>;

/**
 * Returns the files that are named for secrets.
 * @param file what the configuration file holds; the environment wins over it
 * @param problems gains a line for each that is not a path, or is named beside the value itself
 */
export function namedSecretFiles(
  environment: Readonly<Record<string, string | undefined>>,
  file: Readonly<Record<string, unknown>>,
  problems: string[],
): SecretFiles {
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
      if (typeof path === 'string') return [[key, path]];
      problems.push(`${fileKey}: must be a path`);
      return [];
    }),
  );
}

/**
 * Reads secrets from their files, each without the line end that editors add.
 * @param problems gains a line for each file that cannot be read, or holds no secret
 */
export function secretsFromFiles(files: SecretFiles, problems: string[]): Readonly<Partial<Record<SecretKey, string>>> {
  return Object.fromEntries(
    Object.entries(files).flatMap(([key, path]) => {
      const value = secretIn(path);
      if (value.problem === null) return [[key, value.text]];
      problems.push(`${key}_FILE: ${path} ${value.problem}`);
      return [];
    }),
  );
}

/**
 * Returns what reads a secret: from its file at each call, so that a renewed one is used without a restart. While the
 * file cannot be read or does not hold one, such as in the middle of a change, it is the one that was read last.
 */
export function secretNow(
  config: Pick<Settings, SecretKey> & { readonly secretFiles: SecretFiles },
  key: SecretKey,
): () => string {
  let last = config[key] ?? '';
  const path = config.secretFiles[key];
  if (path === undefined) return () => last;
  return () => {
    const { text, problem } = secretIn(path);
    if (problem === null && settings.shape[key].safeParse(text).success) last = text;
    return last;
  };
}

function secretIn(path: string): { readonly text: string; readonly problem: string | null } {
  try {
    const text = readRegularFileSync(path, mostBytes)
      .toString('utf8')
      .replace(/\r?\n$/, '');
    if (text === '') return { text, problem: 'is empty' };
    if (text.includes('\n')) return { text: '', problem: 'must hold one line' };
    return { text, problem: null };
  } catch (error) {
    return { text: '', problem: `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})` };
  }
}
