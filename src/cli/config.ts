/** `calico-chatops config`: what the program reads of its configuration, and whether it is valid. */
import { inspectConfig, type Origin } from '../config.ts';
import { secretKeys } from '../config-secrets.ts';
import { configSchema } from '../config-schema.ts';
import type { Settings } from '../config-settings.ts';
import { exitCode, type Format, type Surroundings } from './output.ts';
import { documentOf, jsonDocument, line } from './plain-output.ts';

/**
 * `config check`: reads environment and file, and says every problem. It connects to nothing; `doctor` does.
 * @returns 0 if the configuration is valid, 3 if not
 */
export function checkConfig(format: Format, { out, told, environment }: Surroundings): number {
  const { problems } = inspectConfig(environment, []);
  const ok = problems.length === 0;
  if (format === 'text')
    told(ok ? 'The configuration is valid.\n' : problems.map((problem) => line`FAIL ${problem}\n`).join(''));
  else out(documentOf({ schema: 'calico-chatops/config-check/v1', ok, problems }, format));
  return ok ? exitCode.done : exitCode.usage;
}

/**
 * `config show`: every key with its value and where the value comes from. Secrets are not shown.
 * @returns 0 if the configuration is valid, 3 if not: keys with wrong values are then shown with their defaults
 */
export function showConfig(format: Format, { out, err, told, environment }: Surroundings): number {
  const { config, problems, origins } = inspectConfig(environment, []);
  const settings = [...origins].map(([key, origin]) => ({ key, value: shown(key, config[key]), from: origin }));
  if (format === 'text') told(settings.map(settingLine).join(''));
  else out(documentOf({ schema: 'calico-chatops/config/v1', settings, problems }, format));
  for (const problem of problems) err(line`${problem}\n`);
  return problems.length === 0 ? exitCode.done : exitCode.usage;
}

/** `config schema`: the JSON Schema of the configuration file. */
export function printConfigSchema({ out }: Pick<Surroundings, 'out'>): number {
  out(jsonDocument(configSchema()));
  return exitCode.done;
}

type Shown = string | number | boolean | readonly (string | number)[] | null;

function shown(key: keyof Settings, value: Settings[keyof Settings]): Shown {
  if (value === undefined) return null;
  if (secretKeys.some((secret) => secret === key)) return '[secret]';
  if (key === 'CLUSTERS') return Object.keys(value);
  if (typeof value !== 'object' || !isPlace(value)) return value as Shown;
  const user = 'user' in value && value.user !== null ? `${value.user}@` : '';
  return `${user}${value.host}:${value.port}`;
}

function isPlace(
  value: object,
): value is { readonly user?: string | null; readonly host: string; readonly port: number } {
  return 'host' in value && 'port' in value;
}

const origins: Readonly<Record<Origin, string>> = {
  environment: 'environment',
  file: 'file',
  'secret-file': 'its file',
  default: 'default',
};

function settingLine({ key, value, from }: { readonly key: string; readonly value: Shown; readonly from: Origin }) {
  const text = value === null ? 'not set' : Array.isArray(value) ? value.join(', ') || 'none' : String(value);
  return line`${key.padEnd(24)} ${text}  (${value === null ? 'no default' : origins[from]})\n`;
}
