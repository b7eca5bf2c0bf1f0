/** The configuration: environment over file, checked at once. The only reader of the environment. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { readRegularFileSync, regularFileProblem } from './adapters/regular-file.ts';
import { clustersOf, type ClusterConfig, type ClusterSettings } from './config-clusters.ts';
import { namedSecretFiles, secretFileKeys, secretsFromFiles, type SecretFiles } from './config-secrets.ts';
import { postsProblem, redisProblem, settings, type Settings } from './config-settings.ts';
import { ProgramError } from './errors.ts';
import { configurationNext, isUnread, isUnwrittenSlackSecret, keysOf } from './setup/configuration.ts';
import { nearest } from './model/nearest.ts';
import { noKubeconfig } from './model/no-kubeconfig.ts';
import { own } from './model/own.ts';

/** What a command cannot do without: see `missing`. `cluster`: without KUBECONFIG there are two other ways. */
export type Need = 'nodes' | 'cluster' | 'slack' | 'slack-events';

export type Config = Settings & {
  readonly STATE_DIR: string;
  /** Of the secrets that come from files. */
  readonly secretFiles: SecretFiles;
  /** At least one. */
  readonly clusters: readonly ClusterConfig[];
  /** The folder that `init` wrote, if the file of the configuration is in one; null: it is not. */
  readonly initFolder: string | null;
};

/** The variable that names the file. */
export const fileKey = 'CALICO_CHATOPS_CONFIG';
/** Some hundred clusters take a tenth of it. */
const mostBytes = 1024 * 1024;
const names = Object.keys(settings.shape) as readonly (keyof Settings)[];
export { names as settingNames };

/** Where a value of the configuration comes from. */
export type Origin = 'environment' | 'file' | 'secret-file' | 'default';

/** The configuration as far as it holds, and what is wrong with it. */
export interface InspectedConfig {
  /** Without the keys whose values are not valid. */
  readonly config: Config;
  readonly problems: readonly string[];
  /** Of every key. A key without a value and without a default has the origin `default`, too. */
  readonly origins: ReadonlyMap<keyof Settings, Origin>;
}

/**
 * Reads the configuration. A variable of the environment that is set wins over the file's key of the same name; empty
 * counts as not set.
 */
export function inspectConfig(
  environment: Readonly<Record<string, string | undefined>>,
  needs: readonly Need[],
): InspectedConfig {
  const problems: string[] = [];
  const file = readFile(environment[fileKey], problems);
  const fromEnvironment = pick(environment, names);
  const fromFile = pick(file, namesAnother(fromEnvironment) ? names.filter((name) => name !== 'KUBE_CONTEXT') : names);
  const secretFiles = namedSecretFiles(environment, file, problems);
  const fromSecrets = secretsFromFiles(secretFiles, problems);
  const given: Record<string, unknown> = { ...fromFile, ...fromSecrets, ...fromEnvironment };
  const origins = new Map<keyof Settings, Origin>(
    names.map((name) => [
      name,
      name in fromEnvironment
        ? 'environment'
        : name in fromSecrets
          ? 'secret-file'
          : name in fromFile
            ? 'file'
            : 'default',
    ]),
  );
  const wrong = settings.safeParse(given).error?.issues ?? [];
  problems.push(
    ...asOneCause(
      wrong.map(({ path, message }) => `${path.join('.')}: ${message}`),
      given,
    ),
  );
  for (const { path } of wrong) delete given[String(path[0])];
  const config = settings.parse(given);
  const clusters = clustersOf(config, problems);
  // What has a problem of its own is not told a second time, as missing.
  const wrongKeys = [...wrong.map(({ path }) => String(path[0])), ...keysOf(problems)];
  problems.push(
    // How nodes are reached is not known where this key is wrong, and so is what that way lacks.
    ...missing(config, wrongKeys.includes('NODES_VIA') ? needs.filter((need) => need !== 'nodes') : needs).filter(
      (problem) => !problem.split(/\W+/).some((word) => wrongKeys.includes(word)),
    ),
    // One of several clusters that cannot be read does not keep the program from the others: it is told as a limit.
    ...(config.CLUSTERS === undefined ? unreadable(config, needs) : []),
    ...[redisProblem(config), postsProblem(config)].filter((problem) => problem !== null),
  );
  return {
    config: {
      ...config,
      secretFiles,
      clusters,
      initFolder: initFolderOf(environment[fileKey]),
      STATE_DIR:
        config.STATE_DIR ?? join(environment['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'calico-chatops'),
    },
    problems,
    origins,
  };
}

/** Each of the two tokens of Slack in the place of the other is one cause. */
function asOneCause(problems: readonly string[], given: Readonly<Record<string, unknown>>): readonly string[] {
  const [bot, app] = [String(given['SLACK_BOT_TOKEN']), String(given['SLACK_APP_TOKEN'])];
  if (!bot.startsWith('xapp-') || !app.startsWith('xoxb-')) return problems;
  return [
    'SLACK_BOT_TOKEN and SLACK_APP_TOKEN: must be exchanged: the bot token begins with xoxb-, the other with xapp-',
    ...problems.filter((problem) => !/^SLACK_(?:BOT|APP)_TOKEN: /.test(problem)),
  ];
}

/** A command line with a kubeconfig and no context means its current one: the file's context is of another. */
function namesAnother({ CLUSTERS, KUBECONFIG, KUBE_CONTEXT }: Readonly<Record<string, unknown>>): boolean {
  return CLUSTERS === 'none' && KUBECONFIG !== undefined && KUBE_CONTEXT === undefined;
}

/** Returns the keys that are set; empty counts as not set. */
function pick(from: Readonly<Record<string, unknown>>, keys: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = own(from, key);
      return value === undefined || value === null || value === '' ? [] : [[key, value]];
    }),
  );
}

/**
 * As inspectConfig, for who cannot go on with a part of it. Without Slack nobody needs a token that is not written yet.
 * @throws ProgramError `configuration`, naming every problem.
 */
export function loadConfig(environment: Readonly<Record<string, string | undefined>>, needs: readonly Need[]): Config {
  const { config, problems: found } = inspectConfig(environment, needs);
  // Of a file that could not be read, every other problem would only say what it misses.
  const all = isUnread(found) ? found.filter((problem) => isUnread([problem])) : found;
  const isForSlack = needs.includes('slack') || needs.includes('slack-events');
  const problems = all.filter((problem) => isForSlack || !isUnwrittenSlackSecret(problem));
  if (problems.length === 0) return config;
  const steps = new Set(problems.map((problem) => configurationNext(problem, environment[fileKey])));
  const [step] = steps;
  const isMissing = problems.some((problem) => /^(?:[A-Z_]+ is not|neither .* is) set/.test(problem));
  throw new ProgramError(
    'configuration',
    problems.join('; '),
    // Of what is not set, or of several kinds, the table says what to do.
    steps.size > 1 || isMissing ? {} : { next: `${step}, then run calico-chatops doctor.` },
  );
}

function readFile(path: string | undefined, problems: string[]): Readonly<Record<string, unknown>> {
  if (!path) return {};
  const unreadable = regularFileProblem(path, mostBytes);
  if (unreadable !== null) {
    problems.push(`${fileKey}: ${path} cannot be read (${unreadable})`);
    return {};
  }
  try {
    const content = flat(
      z
        .record(z.string(), z.unknown())
        .nullable()
        .parse(parse(readRegularFileSync(path, mostBytes).toString('utf8'))) ?? {},
    );
    const known = [...names, ...secretFileKeys];
    for (const key of Object.keys(content).filter((one) => !known.some((name) => name === one))) {
      const meant = nearest(key.toUpperCase(), known);
      problems.push(`${path}: unknown key ${key}${meant ? `, did you mean ${meant}?` : ''}`);
    }
    return content;
  } catch (error) {
    const why =
      error instanceof z.ZodError
        ? 'it must be a map of keys to values'
        : String(error instanceof Error ? error.message.split('\n')[0]?.replace(/:$/, '') : error);
    problems.push(`${fileKey} ${path}: ${why}`);
    return {};
  }
}

const ofInit = ['apply', 'rbac/calico-chatops.yaml'];

/** `init` writes its script beside the file, and what it applies. Another script of this name is not meant. */
function initFolderOf(path: string | undefined): string | null {
  const folder = path ? dirname(resolve(path)) : null;
  return folder !== null && ofInit.every((name) => existsSync(join(folder, name))) ? folder : null;
}

/** A file may write `nodes: {via: agent}` for `NODES_VIA: agent`. */
function flat({ nodes, ...content }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (nodes === undefined) return content;
  if (typeof nodes !== 'object' || nodes === null || Array.isArray(nodes)) return { nodes, ...content };
  const entries = Object.entries(nodes).map(([key, value]) => [`NODES_${key.toUpperCase()}`, value] as const);
  return { ...Object.fromEntries(entries), ...content };
}

/** Where nothing says which cluster is meant. */
function hasKubeconfig({ KUBECONFIG: paths }: ClusterSettings): boolean {
  return paths !== undefined || [join(homedir(), '.kube', 'config'), podToken].some((path) => existsSync(path));
}

const podToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';

function missing(config: Settings, needs: readonly Need[]): readonly string[] {
  const isAlone = config.CLUSTERS === undefined;
  const problems = [
    ...(needs.includes('slack') && config.SLACK_BOT_TOKEN === undefined ? ['SLACK_BOT_TOKEN is not set'] : []),
    ...(isAlone && needs.includes('cluster') && !hasKubeconfig(config) ? [noKubeconfig] : []),
    ...(isAlone && needs.includes('nodes') ? missingForNodes(config).map((name) => `${name} is not set`) : []),
  ];
  if (
    needs.includes('slack-events') &&
    config.SLACK_APP_TOKEN === undefined &&
    config.SLACK_SIGNING_SECRET === undefined
  ) {
    problems.push('neither SLACK_APP_TOKEN (Socket Mode) nor SLACK_SIGNING_SECRET (HTTP) is set');
  }
  return problems;
}

function missingForNodes(own: ClusterSettings): readonly (keyof Settings)[] {
  if (own.NODES_VIA === 'agent') return [];
  return (['SSH_USER', 'SSH_KEY_FILE', 'SSH_KNOWN_HOSTS_FILE'] as const)
    .filter((name) => own[name] === undefined)
    .filter((name) => name !== 'SSH_KEY_FILE' || own.SSH_AGENT_SOCKET === undefined);
}

function unreadable(config: ClusterSettings, needs: readonly Need[]): readonly string[] {
  const files =
    needs.includes('nodes') && config.NODES_VIA === 'ssh' ? (['SSH_KEY_FILE', 'SSH_KNOWN_HOSTS_FILE'] as const) : [];
  const named: readonly (readonly [string, string])[] = [
    ...files.flatMap((name) => (config[name] === undefined ? [] : [[name, config[name]] as const])),
    ...(config.KUBECONFIG && (needs.includes('nodes') || needs.includes('cluster'))
      ? config.KUBECONFIG.split(delimiter).map((path) => ['KUBECONFIG', path] as const)
      : []),
  ];
  return named.flatMap(([name, path]) => {
    const problem = regularFileProblem(path);
    return problem === null ? [] : [`${name}: ${path} cannot be read (${problem})`];
  });
}
