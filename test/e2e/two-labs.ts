/** Two labs of the same names and addresses beside each other, and one bot for both in the first one's namespace. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { labCommand, mustSucceed, ownLab } from '../../tools/lab/harness.ts';
import { layWayTo, ownWay, type WayIn } from '../../tools/lab/operations/beside.ts';
import { botEnvironment, ports, workspaceStart } from '../../tools/lab/operations/bot.ts';
import { inOperations } from '../../tools/lab/operations/command.ts';
import { redisSocket, workspaceSocket } from '../../tools/lab/operations/serve.ts';
import { labPaths, projectRoot, type LabPaths } from '../../tools/lab/paths.ts';
import { describeProcess, removeProcess } from '../../tools/lab/processes.ts';
import {
  eventually,
  workspaceClient,
  type ChannelMessage,
  type WorkspaceClient,
} from '../../tools/slack-workspace/client.ts';
import { textOf } from './conversation.ts';

/** `lobby` belongs to no cluster. */
const channels = { oncall: 'C0ONCALL', west: 'C0WEST', lobby: 'C0LOBBY' } as const;

type Ways = Readonly<Record<'east' | 'west', Omit<WayIn, 'SSH_JUMP'> & Partial<WayIn>>>;

export function twoLabs() {
  const names = { east: ownLab('east'), west: ownLab('west') } as const;
  const labs = { east: labCommand(names.east), west: labCommand(names.west) };
  const must = { east: mustSucceed(labs.east), west: mustSucceed(labs.west) };
  const { operations } = labPaths(names.east);
  const config = `${operations}/clusters.json`;
  const served: { slack: WorkspaceClient | null; ways: Ways | null } = { slack: null, ways: null };

  function slack(): WorkspaceClient {
    if (served.slack === null) throw new Error('the workspace is not there yet');
    return served.slack;
  }
  function ways(): Ways {
    if (served.ways === null) throw new Error('the labs are not up yet');
    return served.ways;
  }
  /** Writes a configuration of both clusters, or of some, with these ways into them. */
  async function configure(file: string, given: Partial<Ways> = ways()): Promise<void> {
    const own = {
      east: { CHANNELS: [channels.oncall], APPROVERS: ['U0ALICE'], ALERT_CHANNEL: 'oncall' },
      west: { CHANNELS: [channels.west], APPROVERS: ['U0BOB'], ALERT_CHANNEL: 'west' },
    };
    const clusters = (['east', 'west'] as const).flatMap((name) =>
      given[name] === undefined ? [] : [[name, { ...own[name], ...given[name] }] as const],
    );
    await writeFile(file, JSON.stringify({ CLUSTERS: Object.fromEntries(clusters) }));
  }
  async function workspaceFile(): Promise<string> {
    const start = JSON.parse(readFileSync(workspaceStart, 'utf8')) as { channels: object[] };
    const members = ['U0ALICE', 'U0BOB', 'U0CAROL', 'U0CALICO'];
    for (const name of ['west', 'lobby'] as const) start.channels.push({ id: channels[name], name, members });
    const file = `${operations}/start.json`;
    await writeFile(file, JSON.stringify(start));
    return file;
  }

  return {
    names,
    labs,
    must,
    slack,
    ways,
    config,
    configure,
    async up(...flags: readonly string[]): Promise<void> {
      await Promise.all([must.east('up', ...flags), must.west('up', ...flags)]);
      served.ways = { east: ownWay(labPaths(names.east)), west: await layWayTo(names.east, names.west) };
      await configure(config);
      await must.east('serve', '--config', config, '--workspace', await workspaceFile());
      served.slack = workspaceClient(
        (JSON.parse(await must.east('status', '--json')) as { workspace: string }).workspace,
      );
      await answers();
    },
    /**
     * Gives each cluster a worker of its own in place of that of the bot. That of west is beside its cluster: in the
     * operations namespace of its lab, with a state folder of its own.
     */
    async workersApart(): Promise<void> {
      const [east, west] = [labPaths(names.east), labPaths(names.west)];
      await removeProcess(east, 'bot');
      const files = { east: `${operations}/east-alone.json`, west: `${operations}/west-alone.json` };
      await configure(files.east, { east: ownWay(east) });
      await configure(files.west, { west: ownWay(west) });
      const start = (paths: LabPaths, role: 'bot' | 'worker', file: string) =>
        describeProcess(paths, role, {
          argv: inOperations(paths, [`${operations}/bin/calico-chatops`, 'serve', '--role', role]),
          env: {
            ...botEnvironment(paths),
            CALICO_CHATOPS_CONFIG: file,
            APPROVAL_KEY_FILE: `${operations}/state/approval.key`,
            REDIS_URL: `unix:${redisSocket(east)}`,
          },
          log: `${paths.logs}/${role}.log`,
          earlierLog: null,
          restart: true,
        });
      await describeProcess(west, 'workspace-way', {
        argv: inOperations(west, [
          process.execPath,
          `${projectRoot}/tools/lab/operations/forwarder.ts`,
          `127.0.0.1:${ports.workspace}`,
          workspaceSocket(east),
        ]),
        env: {},
        log: `${west.logs}/workspace-way.log`,
        earlierLog: null,
        restart: true,
      });
      await start(east, 'bot', config);
      await start(east, 'worker', files.east);
      await start(west, 'worker', files.west);
      await answers();
    },
    async down(): Promise<void> {
      await Promise.all([labs.east('down'), labs.west('down')]);
    },
    answers,
    /** The threads of a channel, each as its messages: the parent first. */
    async threads(channel: keyof typeof channels): Promise<readonly (readonly ChannelMessage[])[]> {
      const all = await slack().messages(channel);
      return all
        .filter(({ ts, thread_ts: thread }) => thread === undefined || thread === ts)
        .map((parent) => [parent, ...all.filter(({ ts, thread_ts: thread }) => thread === parent.ts && ts !== thread)]);
    },
    /** What a person alone was told in a channel. */
    async whispers(channel: keyof typeof channels, user: string): Promise<readonly string[]> {
      return (await slack().messages(channel, user)).filter(({ is_ephemeral: own }) => own).map(textOf);
    },
    /** The program in the bot's namespace, with a configuration file. */
    program: (file: string, ...argv: readonly string[]) =>
      labs.east('ops', '--', 'env', `CALICO_CHATOPS_CONFIG=${file}`, 'calico-chatops', ...argv),
  };

  /** Waits until the bot has a connection to Slack. */
  async function answers(): Promise<void> {
    await eventually('the bot to connect', 60, async () =>
      slack()
        .command('alice', 'lobby', '/calico help')
        .then(
          () => true,
          () => false,
        ),
    );
  }
}
