/**
 * The commands of the program. Each one's code is loaded when it is asked for, so that help and wrong usage are quick.
 */
import { Command, Option } from 'commander';
import { flowOf, parseGoal } from '../model/asked-flow.ts';
import { parseFamily, parsePort, parseSource, parseWait } from '../model/target-grammar.ts';
import { programVersion } from '../version.ts';
import { checked, clusterOf, formatOf, podOf, targetOf, withCluster, withFormat } from './command-options.ts';
import { examplesOf } from './examples.ts';
import type { Surroundings } from './output.ts';
import { parsePersonName } from './person-name.ts';
import { shells } from './completion/shells.ts';

/** @param finish is told the exit code */
export function commandTree(surroundings: Surroundings, finish: (exit: number) => void): Command {
  const { out, err } = surroundings;
  const root = new Command('calico-chatops')
    .description(
      'Finds out why a pod on a cluster with Calico is unreachable, and applies fixes that a person approves',
    )
    .version(programVersion(), '--version', 'print the version')
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err, outputError: (text, write) => write(early(usageLine(text, ''))) });
  /** As kubectl takes them, options stand before the command. */
  const early = (text: string) => {
    const [, option = null] = /^error: unknown option '(--?[a-z]+)/.exec(text) ?? [];
    const known = everyCommand(root).flatMap(({ options }) => options.flatMap(({ long, short }) => [long, short]));
    const isKnown = option !== null && known.includes(option);
    return isKnown ? `error: write ${option} behind the command, such as diagnose. See calico-chatops --help.\n` : text;
  };
  const add = (name: string, description: string) => root.command(name).description(description);

  const diagnose = add('diagnose', 'find out why a pod is unreachable, or cannot reach something')
    .argument(
      '<target>',
      'NAMESPACE/POD, svc:NAMESPACE/NAME, deploy:, sts:, ds:, labels:NAMESPACE/KEY=VALUE or address:NAMESPACE/IP; ' +
        'the name alone with -n',
    )
    .option('-n, --namespace <name>', 'the namespace of the target')
    .option('--from <source>', 'pod:NAMESPACE/NAME, node:NAME or outside:ADDRESS', checked(parseSource))
    .option(
      '--to <end>',
      'where the pod sends: svc:NAMESPACE/NAME, pod:NAMESPACE/NAME, node:NAME, outside:ADDRESS, api or dns',
      checked(parseGoal),
    )
    .option('--port <port>', 'such as 8080/tcp, 53/udp or icmp', checked(parsePort))
    .option(
      '--wait <seconds>',
      'wait so long for packets of the source itself (at most 300 s), instead of sending test packets',
      checked(parseWait),
    )
    .option('--family <family>', 'ipv4 or ipv6, for a pod with both kinds of address', checked(parseFamily))
    .option('--cluster <name>', 'a cluster of CLUSTERS')
    .option('--case <folder>', 'save the run in this folder')
    .option('-v, --verbose', 'show the evidence too', false)
    .action(
      async (name: string, { namespace, from = null, to = null, port = null, wait = null, family, ...options }) => {
        const flow = flowOf(targetOf(diagnose, name, namespace), { from, to, port, wait, family });
        const asked = flow.ok ? flow.value : diagnose.error(`error: ${flow.problem}.`);
        const { diagnoseCommand } = await import('./diagnose.ts');
        finish(
          await diagnoseCommand(
            { cluster: null, ...options, asked, format: formatOf(options), configured: surroundings.environment },
            clusterOf(options, surroundings),
          ),
        );
      },
    );
  withFormat(withCluster(diagnose));

  addPolicyCommand(
    add('policy', 'show which policies select a pod, and whether a source may reach it'),
    surroundings,
    finish,
  );

  add('cancel', 'end a diagnosis that runs, in whichever process')
    .argument('<run>', 'its id')
    .action(async (run) => finish(await (await import('./cancel.ts')).cancelCommand(run, surroundings)));

  withFormat(add('replay', 'judge a saved case again, without a cluster'))
    .argument('<folder>', 'a folder that diagnose --case wrote')
    .option('--expect <rule>', 'fail unless this rule is a cause')
    .option('-v, --verbose', 'show the evidence too', false)
    .action(async (folder, options) => {
      const { replayCommand } = await import('./replay.ts');
      finish(await replayCommand({ folder, ...options, format: formatOf(options) }, surroundings));
    });

  // Parsed by itself; here for help only.
  add('trace', 'walk one packet through saved packet filter rules').helpOption(false);

  withFormat(add('explain', 'explain a rule, and what to do'))
    .argument('[rule]', 'its id; without it, all rules are listed')
    .action(async (rule, options) => {
      const { explainCommand } = await import('./explain.ts');
      finish(await explainCommand(rule ?? null, formatOf(options), surroundings));
    });

  withFormat(
    withCluster(add('doctor', 'try everything that the program needs, and say how to correct what is wrong')),
  ).action(async (options) => {
    const { doctorCommand } = await import('./doctor/doctor.ts');
    finish(await doctorCommand(formatOf(options), clusterOf(options, surroundings)));
  });

  withCluster(add('init', 'ask what is not known, and write the files of an installation; nothing is applied'))
    .argument('[folder]', 'where to write them', 'calico-chatops')
    .option('--approvers <ids>', 'Slack ids of those who may approve fixes, with commas')
    .addOption(new Option('--via <access>', 'how the bot reads the nodes (ssh)').choices(['ssh', 'agent']))
    .option('--image <image>', "the image of the agent's pods, with --via agent")
    .option('--alert-channel <channel>', 'the Slack channel of alerts')
    .option('--listen <address>', 'where the bot waits for Alertmanager, with --alert-channel (0.0.0.0:8080)')
    .option('-y, --yes', 'ask nothing: what no option says is as usual', false)
    .action(async (folder, options) => {
      const { initCommand } = await import('./init/init.ts');
      finish(await initCommand({ folder, ...options }, clusterOf(options, surroundings)));
    });

  addConfigCommands(add('config', 'check and show the configuration'), surroundings, finish);

  withCluster(add('serve', 'run the bot, its worker and the alert webhook'))
    .addOption(new Option('--role <role>', 'what this process runs').choices(['bot', 'worker', 'all']).default('all'))
    .action(async ({ role, ...options }) =>
      finish(await (await import('./serve.ts')).serveCommand(role, clusterOf(options, surroundings))),
    );

  addFixCommands(add('fix', 'list planned fixes, and decide on them'), surroundings, finish);

  withFormat(add('audit', 'check the audit records of fixes').command('verify'))
    .description('check that no record was changed, removed or moved')
    .action(async (options) => finish(await (await import('./audit.ts')).verifyAudit(formatOf(options), surroundings)));

  add('completion', 'print what makes a shell complete commands, options, namespaces and pods')
    .argument('<shell>', shells.join(', '))
    .action(async (shell) =>
      finish((await import('./completion/completion.ts')).completionCommand(shell, surroundings)),
    );

  withFormat(add('version', 'print the version of the program and of Node')).action(async (options) =>
    finish((await import('./version-command.ts')).versionCommand(formatOf(options), surroundings)),
  );

  root
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(async (words: readonly string[]) =>
      finish(await (await import('./completion/complete.ts')).completeCommand(root, words, surroundings)),
    );

  root.hook('preAction', async (_, command) => {
    const path = pathOf(command);
    if (usingSettings.test(path)) (await import('./unused-note.ts')).noteUnusedFile(command.opts(), surroundings);
  });

  for (const command of [root, ...everyCommand(root)]) {
    const examples = examplesOf(pathOf(command));
    if (examples.length > 0)
      command.addHelpText('after', `\nExamples:\n${examples.map((one) => `  ${one}`).join('\n')}`);
    if (command === root) continue;
    // Inherited settings include excess arguments: they come first. diagnose answers those itself.
    command
      .exitOverride()
      .copyInheritedSettings(root)
      .allowExcessArguments(command === diagnose);
    command.configureOutput({ outputError: (text, write) => write(usageLine(text, ` ${pathOf(command)}`)) });
  }
  return root;
}

/** Those that go on without a file of the configuration, and do less then. Others refuse, or need none. */
const usingSettings = /^(?:diagnose|policy|cancel|config check|config show|fix .+|audit verify)$/;

/** A source alone would leave open what is asked, and so would a port. */
function addPolicyCommand(policy: Command, surroundings: Surroundings, finish: (exit: number) => void): void {
  policy
    .argument('<namespace/pod>', 'the pod; POD alone with -n')
    .option('-n, --namespace <name>', 'the namespace of POD')
    .option('--from <source>', 'pod:NAMESPACE/NAME, node:NAME or outside:ADDRESS; with --port', checked(parseSource))
    .option('--port <port>', 'such as 8080/tcp, 53/udp or icmp; with --from', checked(parsePort))
    .option('--cluster <name>', 'a cluster of CLUSTERS')
    .action(async (name: string, { namespace, from = null, port = null, ...options }) => {
      const pod = podOf(policy, name, namespace);
      if ((from === null) !== (port === null)) policy.error('error: --from and --port go together.');
      const { policyCommand } = await import('./policy/policy.ts');
      const { cluster = null } = options;
      finish(
        await policyCommand(
          { ...pod, cluster, from, port, format: formatOf(options) },
          clusterOf(options, surroundings),
        ),
      );
    });
  withFormat(withCluster(policy));
}

function addConfigCommands(config: Command, surroundings: Surroundings, finish: (exit: number) => void): void {
  withFormat(config.command('check').description('say every problem; nothing is connected')).action(async (options) =>
    finish((await import('./config.ts')).checkConfig(formatOf(options), surroundings)),
  );
  withFormat(config.command('show').description('print every key, its value and its origin; no secrets')).action(
    async (options) => finish((await import('./config.ts')).showConfig(formatOf(options), surroundings)),
  );
  config
    .command('schema')
    .description('print the JSON Schema of the configuration file')
    .action(async () => finish((await import('./config.ts')).printConfigSchema(surroundings)));
}

function addFixCommands(fix: Command, surroundings: Surroundings, finish: (exit: number) => void): void {
  withFormat(fix.command('list').description('list plans')).action(async (options) =>
    finish(await (await import('./fix.ts')).listFixes(formatOf(options), surroundings)),
  );
  withFormat(fix.command('show').description('show a plan'))
    .argument('<plan>', 'its id')
    .action(async (plan, options) =>
      finish(await (await import('./fix.ts')).showFix(plan, formatOf(options), surroundings)),
    );
  for (const action of ['approve', 'reject', 'rollback'] as const) {
    withCluster(fix.command(action).description(descriptions[action]))
      .argument('<plan>', 'its id')
      .option('--as <name>', 'your name: one word', checked(parsePersonName))
      .action(async (plan, { as: name, ...options }) =>
        finish(
          await (await import('./fix.ts')).decideFix(action, plan, name ?? null, clusterOf(options, surroundings)),
        ),
      );
  }
}

/** The words that lead to a command, such as `fix show`. */
function pathOf(command: Command): string {
  return command.parent?.parent ? `${pathOf(command.parent)} ${command.name()}` : command.parent ? command.name() : '';
}

const descriptions = {
  approve: 'approve a plan, apply it and verify it',
  reject: 'reject a plan',
  rollback: 'roll back a plan',
} as const;

export function everyCommand(command: Command): readonly Command[] {
  return command.commands.flatMap((child) => [child, ...everyCommand(child)]);
}

const longestLine = 300;
/**
 * Commander repeats what was typed, however long, and hints on lines of their own.
 * @param command whose help is named where no hint is; not given: no help is named
 */
export function usageLine(text: string, command?: string): string {
  const line = text
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replace(/^error: command-argument value '.*' is invalid for argument '[^']*'\. /, 'error: ')
    .replace(/^error: option '(--\w+) <\w+>' argument '.*' is invalid\./, 'error: $1:')
    .replace(/^(error: too many arguments for .*)\. Expected (\d+) .*$/, '$1: it takes $2, and options begin with --');
  const short = line.length > longestLine ? `${line.slice(0, longestLine)}…` : line;
  return `${short}${command === undefined || /[.?)]$/.test(short) ? '' : `. See calico-chatops${command} --help.`}\n`;
}
