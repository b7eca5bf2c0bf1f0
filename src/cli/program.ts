/**
 * The commands of the program. Each one's code is loaded when it is asked for, so that help and wrong usage are quick.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { Parsed } from '../model/target-grammar.ts';
import { parsePodName, parsePort, parseSource } from '../model/target-grammar.ts';
import { describeError } from '../errors.ts';
import { redactText } from '../model/redact.ts';
import { programVersion } from '../version.ts';
import { exitCode, type Surroundings } from './output.ts';
import { parsePersonName } from './person-name.ts';
import { line, plainOutput } from './plain-output.ts';

/**
 * Runs one command line.
 * @param argv what follows the program's name
 * @returns the exit code. Errors are told on standard error, in one line.
 */
export async function runProgram(argv: readonly string[], given: Surroundings): Promise<number> {
  // Errors quote what nodes and servers said.
  const surroundings = plainOutput({ ...given, err: (text) => given.err(redactText(text)) });
  const { out, err } = surroundings;
  try {
    if (argv[0] === 'trace') return await (await import('./trace.ts')).traceCommand(argv.slice(1), { out, err });
    let exit: number = exitCode.done;
    await program(surroundings, (code) => (exit = code)).parseAsync([...argv], { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.usage;
    const { code, message, next, exit } = describeError(error);
    err(line`error: ${message}${/[.?!]$/.test(message) ? '' : '.'} ${next}\n`);
    if (code === 'internal' && surroundings.environment['DEBUG'] && error instanceof Error) err(`${error.stack}\n`);
    return exit;
  }
}

function program({ out, err, ...rest }: Surroundings, finish: (exit: number) => void): Command {
  const surroundings: Surroundings = { out, err, ...rest };
  const root = new Command('calico-chatops')
    .description(
      'Finds out why a pod on a cluster with Calico is unreachable, and applies fixes that a person approves',
    )
    .version(programVersion(), '--version', 'print the version')
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err, outputError: (text, write) => write(oneLine(text)) });
  const add = (name: string, description: string) =>
    root.command(name).description(description).allowExcessArguments(false);

  add('diagnose', 'find out why a pod is unreachable')
    .argument('<namespace/pod>', 'the pod', checked(parsePodName))
    .option('--from <source>', 'pod:NAMESPACE/NAME, node:NAME or outside:ADDRESS', checked(parseSource))
    .option('--port <port>', 'such as 8080/tcp, 53/udp or icmp', checked(parsePort))
    .option('--cluster <name>', 'the cluster', 'default')
    .option('--json', 'print the verdict as one JSON document', false)
    .option('--case <folder>', 'save the run in this folder')
    .action(async (pod, options) =>
      finish(await (await import('./diagnose.ts')).diagnoseCommand({ ...pod, ...options }, surroundings)),
    );

  add('cancel', 'end a diagnosis that runs, in whichever process')
    .argument('<run>', 'its id')
    .action(async (run) => finish(await (await import('./cancel.ts')).cancelCommand(run, surroundings)));

  add('replay', 'judge a saved case again, without a cluster')
    .argument('<folder>', 'a folder that diagnose --case wrote')
    .option('--json', 'print the verdict as one JSON document', false)
    .option('--expect <rule>', 'fail unless this rule is a cause')
    .action(async (folder, options) =>
      finish(await (await import('./replay.ts')).replayCommand({ folder, ...options }, surroundings)),
    );

  // Parsed by itself; here for help only.
  add('trace', 'walk one packet through saved packet filter rules').helpOption(false);

  add('explain', 'explain a rule, and what to do')
    .argument('[rule]', 'its id; without it, all rules are listed')
    .action(async (rule) => finish(await (await import('./explain.ts')).explainCommand(rule ?? null, surroundings)));

  add('doctor', 'try everything that the program needs, and say how to correct what is wrong')
    .option('--json', 'print one JSON document', false)
    .action(async (options) => finish(await (await import('./doctor/doctor.ts')).doctorCommand(options, surroundings)));

  add('serve', 'run the bot, its worker and the alert webhook')
    .addOption(new Option('--role <role>', 'what this process runs').choices(['bot', 'worker', 'all']).default('all'))
    .action(async ({ role }) => finish(await (await import('./serve.ts')).serveCommand(role, surroundings)));

  const fix = add('fix', 'list planned fixes, and decide on them');
  fix
    .command('list')
    .description('list plans')
    .option('--json', 'print one JSON document', false)
    .action(async (options) => finish(await (await import('./fix.ts')).listFixes(options, surroundings)));
  fix
    .command('show')
    .description('show a plan')
    .argument('<plan>', 'its id')
    .option('--json', 'print one JSON document', false)
    .action(async (plan, options) => finish(await (await import('./fix.ts')).showFix(plan, options, surroundings)));
  for (const action of ['approve', 'reject', 'rollback'] as const) {
    fix
      .command(action)
      .description(descriptions[action])
      .argument('<plan>', 'its id')
      .option('--as <name>', 'your name: one word', checked(parsePersonName))
      .action(async (plan, options) =>
        finish(await (await import('./fix.ts')).decideFix(action, plan, options.as ?? null, surroundings)),
      );
  }
  add('audit', 'check the audit records of fixes')
    .command('verify')
    .description('check that no record was changed, removed or moved')
    .option('--json', 'print one JSON document', false)
    .action(async (options) => finish(await (await import('./audit.ts')).verifyAudit(options, surroundings)));

  for (const command of everyCommand(root))
    command.exitOverride().allowExcessArguments(false).copyInheritedSettings(root);
  return root;
}

const descriptions = {
  approve: 'approve a plan, apply it and verify it',
  reject: 'reject a plan',
  rollback: 'roll back a plan',
} as const;

function everyCommand(command: Command): readonly Command[] {
  return command.commands.flatMap((child) => [child, ...everyCommand(child)]);
}

function checked<T>(parse: (text: string) => Parsed<T>): (text: string) => T {
  return (text) => {
    const parsed = parse(text);
    if (!parsed.ok) throw new InvalidArgumentError(`${parsed.problem}.`);
    return parsed.value;
  };
}

const longestLine = 300;
/** Commander repeats what was typed, however long, and hints on lines of their own. */
function oneLine(text: string): string {
  const line = text
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replace(/^error: command-argument value '.*' is invalid for argument '[^']*'\. /, 'error: ')
    .replace(/^error: option '(--\w+) <\w+>' argument '.*' is invalid\./, 'error: $1:');
  return `${line.length > longestLine ? `${line.slice(0, longestLine)}…` : line}\n`;
}
