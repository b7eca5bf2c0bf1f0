/** The configuration: environment over file, checked at once. The only reader of the environment. */
import { accessSync, constants, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { redisProblem, settings, type Settings } from './config-settings.ts';
import { ProgramError } from './errors.ts';
import { nearest } from './model/nearest.ts';

/** What a command cannot do without; each part's keys are listed in `required`. */
export type Need = 'nodes' | 'slack' | 'slack-events';

export type Config = Settings & { readonly STATE_DIR: string };

const fileKey = 'CALICO_CHATOPS_CONFIG';
const names = Object.keys(settings.shape);
const required: Readonly<Record<Need, readonly (keyof Settings)[]>> = {
  nodes: ['SSH_USER', 'SSH_KEY_FILE', 'SSH_KNOWN_HOSTS_FILE'],
  slack: ['SLACK_BOT_TOKEN'],
  // Either of two: see `missing`.
  'slack-events': [],
};

/**
 * Reads the configuration. A variable of the environment that is set wins over the file's key of the same name; empty
 * counts as not set.
 * @throws ProgramError `configuration`, naming every problem.
 */
export function loadConfig(environment: Readonly<Record<string, string | undefined>>, needs: readonly Need[]): Config {
  const problems: string[] = [];
  const fromFile = readFile(environment[fileKey], problems);
  const fromEnvironment = Object.fromEntries(
    names.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])),
  );
  const parsed = settings.safeParse({ ...fromFile, ...fromEnvironment });
  if (!parsed.success)
    problems.push(...parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`));
  const config = parsed.data;
  if (config)
    problems.push(
      ...missing(config, needs),
      ...unreadable(config, needs),
      ...[redisProblem(config)].filter((problem) => problem !== null),
    );
  if (!config || problems.length > 0) throw new ProgramError('configuration', problems.join('; '));
  return {
    ...config,
    STATE_DIR:
      config.STATE_DIR ?? join(environment['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'calico-chatops'),
  };
}

function readFile(path: string | undefined, problems: string[]): Readonly<Record<string, unknown>> {
  if (!path) return {};
  try {
    const content =
      z
        .record(z.string(), z.unknown())
        .nullable()
        .parse(parse(readFileSync(path, 'utf8'))) ?? {};
    for (const key of Object.keys(content).filter((one) => !names.includes(one))) {
      const meant = nearest(key.toUpperCase(), names);
      problems.push(`${path}: unknown key ${key}${meant ? `, did you mean ${meant}?` : ''}`);
    }
    return content;
  } catch (error) {
    const why =
      error instanceof z.ZodError
        ? 'it must be a map of keys to values'
        : String(error instanceof Error ? error.message.split('\n')[0] : error);
    problems.push(`${fileKey} ${path}: ${why}`);
    return {};
  }
}

function missing(config: Settings, needs: readonly Need[]): readonly string[] {
  const lacking = needs.flatMap((need) => required[need]).filter((name) => config[name] === undefined);
  const problems = lacking.map((name) => `${name} is not set`);
  if (
    needs.includes('slack-events') &&
    config.SLACK_APP_TOKEN === undefined &&
    config.SLACK_SIGNING_SECRET === undefined
  ) {
    problems.push('neither SLACK_APP_TOKEN (Socket Mode) nor SLACK_SIGNING_SECRET (HTTP) is set');
  }
  return problems;
}

function unreadable(config: Settings, needs: readonly Need[]): readonly string[] {
  const files = needs.includes('nodes') ? (['SSH_KEY_FILE', 'SSH_KNOWN_HOSTS_FILE'] as const) : [];
  const named: readonly (readonly [string, string])[] = [
    ...files.flatMap((name) => (config[name] === undefined ? [] : [[name, config[name]] as const])),
    ...(config.KUBECONFIG && needs.includes('nodes')
      ? config.KUBECONFIG.split(delimiter).map((path) => ['KUBECONFIG', path] as const)
      : []),
  ];
  return named.flatMap(([name, path]) => {
    try {
      accessSync(path, constants.R_OK);
      return [];
    } catch (error) {
      return [`${name}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`];
    }
  });
}
