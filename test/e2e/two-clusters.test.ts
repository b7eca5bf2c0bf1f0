/**
 * One bot for two clusters whose nodes, pods and addresses are called the same: what is asked of one is never done in
 * the other, and one that is away holds up nothing of the other.
 */
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { breakFault, healFaults } from '../../tools/lab/faults/apply.ts';
import { describeLab } from '../../tools/lab/harness.ts';
import { silence } from '../../tools/lab/operations/beside.ts';
import { labPaths, projectRoot } from '../../tools/lab/paths.ts';
import { processPid, signalProcess, startProcess, stopProcess } from '../../tools/lab/processes.ts';
import { readTopology } from '../../tools/lab/state.ts';
import { takenBackAfterEach } from '../../tools/lab/take-backs.ts';
import { buttonsOf, eventually, type ChannelMessage } from '../../tools/slack-workspace/client.ts';
import { alertOf, deliverTo } from './alerts.ts';
import { conversation, textOf } from './conversation.ts';
import { loginsAt } from './disturbances.ts';
import { twoLabs } from './two-labs.ts';

const both = ['east', 'west'] as const;
const roomOf = { east: 'oncall', west: 'west' } as const;
const asked = '/calico diagnose default/mypod';
const page = readFileSync(`${projectRoot}/docs/install.md`, 'utf8');

/** A command as the page of several clusters has it. */
function told(command: string): string {
  expect(page).toContain(`\`${command}\``);
  return command;
}

describeLab('one bot for two clusters', () => {
  const labs = twoLabs();
  const { names, must } = labs;
  const takeBacks = takenBackAfterEach();
  const topologyOf = (cluster: (typeof both)[number]) => readTopology(labPaths(names[cluster]));
  const breakIn = async (cluster: (typeof both)[number], fault: string) => {
    takeBacks.push(() => healFaults(topologyOf(cluster), null));
    await breakFault(topologyOf(cluster), fault, []);
  };
  const talkIn = (cluster: (typeof both)[number]) => conversation(labs.slack(), roomOf[cluster]);
  /** Waits for the thread of a channel that says so, among those that came after the first `known`. */
  const threadSaying = (channel: 'oncall' | 'west' | 'lobby', words: RegExp, known = 0) =>
    eventually(`a thread in #${channel} that says ${words}`, 150, async () =>
      (await labs.threads(channel)).slice(known).find((thread) => words.test(thread.map(textOf).join('\n'))),
    );
  const countIn = async (channel: 'oncall' | 'west' | 'lobby') => (await labs.threads(channel)).length;
  const hasProfile = async (cluster: (typeof both)[number]) =>
    (await labs.labs[cluster]('calicoctl', '--', 'get', 'profile', 'kns.default')).status === 0;

  beforeAll(async () => {
    await labs.up('--dataplane', 'legacy');
  }, 400_000);
  afterAll(async () => {
    await labs.down();
  }, 120_000);

  test('a command goes to the cluster that it names, else to that of its channel, and elsewhere the bot asks', async () => {
    await breakIn('west', 'policy-deny');
    await labs.slack().command('carol', 'oncall', asked);
    await labs.slack().command('carol', 'west', asked);
    await labs.slack().command('carol', 'oncall', `${asked} in west`);
    await threadSaying('oncall', /mypod in east is reachable/);
    await threadSaying('west', /mypod in west is unreachable/);
    const named = await threadSaying('oncall', /mypod in west is unreachable/);
    expect(named.map(textOf).join('\n')).toMatch(/deny-web/);

    const before = await countIn('lobby');
    await labs.slack().command('carol', 'lobby', asked);
    await eventually('the question which', 20, async () =>
      (await labs.whispers('lobby', 'carol')).some((text) => text.includes('There are several clusters: east, west')),
    );
    expect(await countIn('lobby')).toBe(before);

    await labs.slack().command('carol', 'lobby', told('/calico diagnose shop/api in west'));
    await threadSaying('lobby', /shop\/api in west is reachable/);
    const [, ...words] = told('calico-chatops diagnose shop/api --cluster west').split(' ');
    expect(await labs.program(labs.config, ...words)).toMatchObject({ status: 0, stderr: '' });

    // Asked again in its thread, it is about the cluster of the thread, and not of the channel.
    const recheck = named.flatMap(buttonsOf).find(({ action }) => action === 'recheck');
    if (recheck === undefined) throw new Error('no button to check again');
    await healFaults(topologyOf('west'), null);
    await labs.slack().click('carol', 'oncall', recheck);
    await threadSaying('oncall', /mypod in west is reachable|mypod in west: .*[Rr]eachable now/);
  }, 300_000);

  test('a node of the same name and address in the other cluster is not taken for this one: its host key is another', async () => {
    const flow = ['diagnose', 'default/mypod', '--from', 'pod:default/client', '--port', '8080/tcp'];
    const logins = () => Promise.all([loginsAt(names.east, 'node-a'), loginsAt(names.west, 'node-a')]);
    const [east, west] = await logins();
    expect(topologyOf('east').nodes).toEqual(topologyOf('west').nodes);
    expect([east > 0, west > 0]).toEqual([true, true]);

    const { SSH_JUMP: _bastion, ...astray } = labs.ways().west;
    const file = `${labPaths(names.east).operations}/astray.json`;
    await labs.configure(file, { ...labs.ways(), west: astray });
    const { stdout } = await labs.program(file, ...flow, '--cluster', 'west', '-o', 'json');
    const verdict = JSON.parse(stdout) as { verdict: string; blindSpots: { code: string; node: string }[] };
    expect(verdict.verdict).toBe('inconclusive');
    expect([...new Set(verdict.blindSpots.map(({ code }) => code))]).toContain('ssh-host-key');
    expect(await logins()).toEqual([east, west]);
  }, 120_000);

  test('the same alert of both clusters is a thread of each, in its own channel', async () => {
    for (const cluster of both) await breakIn(cluster, 'policy-deny');
    const known = { oncall: await countIn('oncall'), west: await countIn('west') };
    // One says it by its address, the other by its label.
    await deliverTo(must.east, alertOf('firing'), '?cluster=west');
    await deliverTo(must.east, alertOf('firing', { cluster: 'east' }));
    for (const cluster of both) {
      const thread = await threadSaying(
        roomOf[cluster],
        new RegExp(`mypod in ${cluster} is unreachable`),
        known[roomOf[cluster]],
      );
      expect(thread.map(textOf).join('\n')).toContain('mypod does not answer');
    }
    await healFaults(topologyOf('west'), null);
    await deliverTo(must.east, alertOf('resolved'), '?cluster=west');
    await threadSaying('west', /[Aa]lert resolved/, known.west);
    const east = (await labs.threads('oncall')).slice(known.oncall);
    expect(east.flat().map(textOf).join('\n')).not.toMatch(/[Aa]lert resolved/);
    await deliverTo(must.east, alertOf('resolved', { cluster: 'east' }));
    await threadSaying('oncall', /[Aa]lert resolved/, known.oncall);
    expect([(await countIn('oncall')) - known.oncall, (await countIn('west')) - known.west]).toEqual([1, 1]);
  }, 300_000);

  test('an approval in one cluster does nothing in the other, and approvers of one decide nothing there', async () => {
    for (const cluster of both) await breakIn(cluster, 'controller-forbidden');
    for (const cluster of both) await labs.slack().command('carol', roomOf[cluster], asked);
    const create = /Create profile kns\.default/;
    await talkIn('west').approve('alice', create);
    await eventually('the refusal', 30, async () =>
      (await labs.whispers('west', 'alice')).some((text) => text.includes('You cannot decide about this fix')),
    );
    await talkIn('east').approve('alice', create);
    expect(await talkIn('east').card(create, /^(?:verified|failed|rolled-back|refused)/)).toContain(
      'Fixed and verified',
    );
    expect([await hasProfile('east'), await hasProfile('west')]).toEqual([true, false]);

    // The names of the two are exchanged in the configuration: a plan is of a cluster, and not of a name.
    await labs.configure(labs.config, { east: labs.ways().west, west: labs.ways().east });
    await restartBot();
    await talkIn('west').approve('bob', create);
    await threadSaying('west', /Not applied: the plan was made for another cluster/);
    expect(await hasProfile('west')).toBe(false);
    await labs.configure(labs.config);
    await restartBot();
    await talkIn('west').approve('bob', create);
    expect(await talkIn('west').card(create, /^(?:verified|failed|rolled-back|refused)/)).toContain(
      'Fixed and verified',
    );
    expect(await hasProfile('west')).toBe(true);
    expect((await labs.program(labs.config, 'audit', 'verify')).stdout).toMatch(/^ok: /);
  }, 500_000);

  async function restartBot(): Promise<void> {
    const paths = labPaths(names.east);
    const before = processPid(paths, 'bot');
    signalProcess(paths, 'bot', 'SIGTERM');
    await eventually('another bot', 60, async () => ![null, before].includes(processPid(paths, 'bot')));
    await labs.answers();
  }

  test('one that falls silent holds up no diagnosis of the other; its threads, doctor and status say that it is away', async () => {
    const known = { oncall: await countIn('oncall'), west: await countIn('west') };
    takeBacks.push(await silence(names.west));
    // More than a worker diagnoses at once.
    for (const user of ['alice', 'bob', 'carol', 'alice', 'bob'])
      await labs.slack().command(user, 'west', `${asked} in west`);
    await labs.slack().command('carol', 'oncall', asked);
    const snapshot = await eventually('the thread of east to begin', 60, async () => {
      const began = (await labs.threads('oncall')).length > known.oncall;
      return began ? (await labs.threads('west')).slice(known.west) : null;
    });
    expect(snapshot.filter(hasEnded)).toEqual([]);
    await threadSaying('oncall', /mypod in east is reachable/, known.oncall);
    const ended = await eventually('the threads of west to end', 200, async () => {
      const threads = (await labs.threads('west')).slice(known.west);
      return threads.length === 5 && threads.every(hasEnded) ? threads : null;
    });
    for (const thread of ended)
      expect(thread.map(textOf).join('\n')).toMatch(/I cannot tell whether .*mypod in west is/);

    await labs.slack().command('carol', 'lobby', '/calico status');
    const status = await eventually('the status', 30, async () =>
      (await labs.whispers('lobby', 'carol')).find((text) => text.includes('What I cannot see')),
    );
    // Its nodes are away as well, each in a line.
    expect(status?.match(/^• west: (?:API server|\S+: GET|GET).*$/gm)).toEqual([
      expect.stringMatching(/: no answer within \d+ ms; \d+ checks not run$/),
    ]);
    expect(status).not.toMatch(/^• east: /m);
    const { status: exit, stdout } = await labs.program(labs.config, 'doctor', '-o', 'json');
    const wrong = (JSON.parse(stdout).checks as readonly { readonly part: string; readonly state: string }[]).filter(
      ({ state }) => state !== 'ok',
    );
    expect(wrong.filter(({ state, part }) => state === 'failed' || /^(?:east|west): /.test(part))).toEqual([
      expect.objectContaining({ part: 'west: Kubernetes API', state: 'limited' }),
    ]);
    expect(exit).toBe(1);
  }, 400_000);

  test('a worker of each takes the jobs of its own cluster alone, and uses the approvals of it', async () => {
    await labs.workersApart();
    const west = labPaths(names.west);
    const through = await readFile(`${west.logs}/bastion.log`, 'utf8');
    await stopProcess(west, 'worker');
    await breakIn('west', 'controller-forbidden');
    const known = { oncall: await countIn('oncall'), west: await countIn('west') };
    await labs.slack().command('carol', 'west', asked);
    await labs.slack().command('carol', 'oncall', asked);
    await threadSaying('oncall', /mypod in east is reachable/, known.oncall);
    await eventually('the metrics to say that west has no worker', 90, async () => {
      const metrics = await must.east('ops', '--', 'curl', '-sS', 'http://127.0.0.1:8080/metrics');
      return ['east"} 1', 'west"} 0'].every((line) => metrics.includes(`calico_chatops_worker_up{cluster="${line}`));
    });
    expect(await countIn('west')).toBe(known.west);

    await startProcess(west, 'worker');
    await threadSaying('west', /mypod in west is unreachable/, known.west);
    const create = /Create profile kns\.default/;
    await talkIn('west').approve('bob', create);
    expect(await talkIn('west').card(create, /^(?:verified|failed|rolled-back|refused)/)).toContain(
      'Fixed and verified',
    );
    expect(await readdir(`${west.operations}/state/used-approvals`)).toHaveLength(1);
    // It stands beside its cluster, and needs no bastion.
    expect(await readFile(`${west.logs}/bastion.log`, 'utf8')).toBe(through);
  }, 400_000);
});

/** A thread whose run has an end. */
function hasEnded(thread: readonly ChannelMessage[]): boolean {
  return /is (?:un)?reachable|I cannot tell|could not be diagnosed|cancelled/.test(thread.map(textOf).join('\n'));
}
