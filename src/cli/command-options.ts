/** Options that several commands share. */
import { delimiter } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { regularFileProblem } from '../adapters/regular-file.ts';
import { parseTarget, parseTargetIn, type TargetName } from '../model/asked-flow.ts';
import { typedFlow } from '../model/typed-flow.ts';
import { typedHost } from '../model/typed-host.ts';
import { isOption } from '../model/typed-words.ts';
import { addressIn, isObjectName, parsePodName, quoted, type Parsed, type PodName } from '../model/target-grammar.ts';
import { formats, type Format, type Surroundings } from './output.ts';

export interface FormatOptions {
  readonly output: Format;
  readonly json: boolean;
}

/** `-o text|json|yaml`, and `--json` as the short form. */
export function withFormat(command: Command): Command {
  return command
    .addOption(new Option('-o, --output <format>', 'how to print what was found').choices(formats).default('text'))
    .option('--json', 'the same as -o json', false);
}

export const formatOf = ({ output, json }: FormatOptions): Format => (json ? 'json' : output);

/** The format that a command line asks for, also where it is not valid otherwise. */
export function askedFormat(argv: readonly string[]): Format {
  const at = argv.findIndex((word) => /^(?:-o|--output)$/.test(word));
  const joined = argv
    .map((word) => /^(?:-o|--output)=?(json|yaml)$/.exec(word)?.[1])
    .find((word) => word !== undefined);
  const given = joined ?? (at < 0 ? undefined : argv[at + 1]);
  if (given === 'json' || given === 'yaml') return given;
  return argv.includes('--json') ? 'json' : 'text';
}

export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** Which cluster, as kubectl is told. */
export function withCluster(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'the kubeconfig, instead of KUBECONFIG', readable)
    .option('--context <name>', 'a context of it, instead of its current one');
}

/** Commander names the option. As in KUBECONFIG, there may be several files. */
function readable(files: string): string {
  if (files === '') throw new InvalidArgumentError('the path is empty.');
  for (const file of files.split(delimiter)) {
    const problem = regularFileProblem(file);
    if (problem === null) continue;
    const shell = file.startsWith('~') ? ': your shell replaces ~ only without = before it' : '';
    throw new InvalidArgumentError(`${file} cannot be read (${problem})${shell}.`);
  }
  return files;
}

/**
 * Options win over the environment, and the environment over the file. A command line with a kubeconfig or a context
 * means that cluster, and none of CLUSTERS.
 */
export function clusterOf({ kubeconfig, context }: ClusterOptions, surroundings: Surroundings): Surroundings {
  const { environment } = surroundings;
  if (kubeconfig === undefined && context === undefined) return surroundings;
  return {
    ...surroundings,
    environment: {
      ...environment,
      // A context is one of its kubeconfig.
      ...(kubeconfig === undefined ? { KUBE_CONTEXT: context } : { KUBECONFIG: kubeconfig, KUBE_CONTEXT: context }),
      CLUSTERS: 'none',
    },
  };
}

/** A parser of commander's, by one of ours. */
export function checked<T>(parse: (text: string) => Parsed<T>): (text: string) => T {
  return (text) => {
    const parsed = parse(text);
    if (!parsed.ok) throw new InvalidArgumentError(`${parsed.problem}.`);
    return parsed.value;
  };
}

/** A pod as NAMESPACE/POD, or as POD with the namespace beside it. */
export function podOf(command: Command, text: string, namespace: string | undefined): PodName {
  const isWhole = text.includes('/');
  if (isWhole && namespace !== undefined && !text.startsWith(`${namespace}/`))
    command.error(`error: ${quoted(text)} names a namespace itself: leave -n ${namespace} out.`);
  const parsed = parsePodName(isWhole || namespace === undefined ? text : `${namespace}/${text}`);
  return parsed.ok ? parsed.value : command.error(`error: ${parsed.problem}${wayOut(text, namespace)}.`);
}

/** A target, or a name with the namespace beside it. Of several words none is taken: a script may mean another. */
export function targetOf(command: Command, text: string, namespace: string | undefined): TargetName {
  const more = command.args.slice(1);
  const parsed = namespace === undefined ? parseTarget(text) : parseTargetIn(namespace, text);
  if (parsed.ok && more.length === 0) return parsed.value;
  const meant = meantLine(command.name(), [text, ...more, ...(namespace === undefined ? [] : ['-n', namespace])]);
  if (more.length > 0) {
    const said = `error: too many arguments for '${command.name()}': it takes 1, and options begin with --`;
    command.error(`${said}.${meant === null ? ` See calico-chatops ${command.name()} --help.` : ` Run ${meant}`}`);
  }
  const problem = parsed.ok ? '' : parsed.problem;
  return command.error(`error: ${problem}${meant === null ? `${wayOut(text, namespace)}.` : `. Run ${meant}`}`);
}

/** The command line for what was typed, where it can be told; null: it cannot. */
function meantLine(verb: string, words: readonly string[]): string | null {
  const typed = typedFlow(words);
  const [name = '', ...options] = typed.ok ? typed.words : [typed.meant];
  const isWhole =
    parseTarget(name).ok && options.length % 2 === 0 && options.every((one, at) => at % 2 > 0 || isOption(one));
  const shown = options.map((one, at) => (at % 2 > 0 ? one : `--${one.replace(/^--/, '')}`));
  return isWhole ? ['calico-chatops', verb, name, ...shown].join(' ') : null;
}

/** A name alone lacks its namespace, and so does an address. */
function wayOut(text: string, namespace: string | undefined): string {
  if (namespace !== undefined) return '';
  const host = typedHost(text)?.target ?? text;
  if (addressIn(host) !== null) return `: write address:NAMESPACE/${host}`;
  return isObjectName(text) ? `: write NAMESPACE/${text}, or -n NAMESPACE ${text}` : '';
}
