/**
 * The benchmark: in a lab of its own, for the first case and for a healthy pod, how long it takes from `/calico
 * diagnose` to the first finding and to the verdict in the thread, beside the eleven steps of the first case as a
 * script in the same run; what it costs each node; how much memory bot and worker take. The times of a wrong verdict
 * say nothing: it ends the benchmark.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import type { Verdict } from '../../src/model/verdict.ts';
import { breakFault, healFaults } from '../lab/faults/apply.ts';
import { expectedOf, saidBy } from '../lab/diagnosis.ts';
import { firstCase } from '../lab/faults/catalogue/first-case.ts';
import type { Judgement } from '../lab/faults/fault.ts';
import { labCommand, mustSucceed, ownLab } from '../lab/lab-command.ts';
import { labPaths } from '../lab/paths.ts';
import { readTopology } from '../lab/state.ts';
import {
  eventually,
  linesOf,
  workspaceClient,
  type ChannelMessage,
  type WorkspaceClient,
} from '../slack-workspace/client.ts';

const rounds = Number(process.env['ROUNDS'] ?? 3);
const name = ownLab('bench');
const lab = labCommand(name);
const channel = 'oncall';
const healthy: Judgement = { asks: [], verdict: 'healthy', roots: [], consequences: [], latent: [] };

interface Timing {
  readonly firstStep: number;
  readonly firstFinding: number | null;
  readonly verdict: number;
}

const must = mustSucceed(lab);

/** What the message of a run begins with once its verdict is there. */
const verdictMark = /^:(?:large_green|large_yellow|large_orange|white|red)_circle:/m;

/** Seconds from the command to what a person sees: the first settled step, the first finding, the verdict. */
async function timeCommand(slack: WorkspaceClient): Promise<Timing> {
  const before = new Set((await slack.messages(channel)).map(({ ts }) => ts));
  const began = performance.now();
  const seconds = () => Math.round(performance.now() - began) / 1000;
  await slack.command('alice', channel, '/calico diagnose default/mypod');
  let firstStep: number | null = null;
  let firstFinding: number | null = null;
  const verdict = await eventually('the verdict', 60, async () => {
    const fresh = (await slack.messages(channel)).filter(({ ts }) => !before.has(ts));
    if (fresh.some((message) => says(message, /white_check_mark|:x:|:red_circle:/))) firstStep ??= seconds();
    if (fresh.some((message) => says(message, /Found so far:|Cause: |\d causes:/))) firstFinding ??= seconds();
    const said = fresh.some((message) => isParent(message) && says(message, verdictMark));
    return said ? seconds() : null;
  });
  return { firstStep: firstStep ?? verdict, firstFinding, verdict };
}

/** A message with answers names itself as its thread. */
function isParent({ ts, thread_ts: thread }: ChannelMessage): boolean {
  return thread === undefined || thread === ts;
}

function says(message: ChannelMessage, pattern: RegExp): boolean {
  return pattern.test(linesOf(message).join('\n'));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Resident memory in MB of the lab's program, its children included. */
function memory(pattern: string): Promise<string> {
  return must(
    'ops',
    '--',
    'sh',
    '-c',
    `for p in $(pgrep -f "${pattern}"); do tr '\\0' ' ' </proc/$p/cmdline | cut -c1-80; grep VmRSS ` +
      '/proc/$p/status; done',
  );
}

async function script(): Promise<{ seconds: number; lines: string }> {
  const began = performance.now();
  const lines = await must(
    'ops',
    '--',
    process.execPath,
    `${import.meta.dirname}/eleven-steps.ts`,
    'default',
    'mypod',
    'node-b',
  );
  return { seconds: Math.round(performance.now() - began) / 1000, lines };
}

async function measure(what: string, expected: Judgement, slack: WorkspaceClient): Promise<void> {
  console.log(`\n# ${what}`);
  const timings: Timing[] = [];
  const scripts: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    timings.push(await timeCommand(slack));
    const { seconds, lines } = await script();
    const sum = lines
      .trim()
      .split('\n')
      .reduce((total, line) => total + (JSON.parse(line) as { seconds: number }).seconds, 0);
    scripts.push(Math.min(seconds, sum));
  }
  const findings = timings.flatMap(({ firstFinding }) => (firstFinding === null ? [] : [firstFinding]));
  console.log(`first settled step in the thread  ${median(timings.map(({ firstStep }) => firstStep)).toFixed(2)} s`);
  console.log(`first finding in the thread       ${findings.length > 0 ? `${median(findings).toFixed(2)} s` : 'none'}`);
  console.log(`verdict in the thread             ${median(timings.map(({ verdict }) => verdict)).toFixed(2)} s`);
  console.log(`the eleven steps as a script      ${median(scripts).toFixed(2)} s   (medians of ${rounds})`);
  const directory = mkdtempSync(`${labPaths(name).root}/bench-case-`);
  const verdict = JSON.parse(
    (await lab('ops', '--', 'calico-chatops', 'diagnose', 'default/mypod', '--json', '--case', directory)).stdout,
  ) as Verdict;
  assert.deepEqual(saidBy(verdict), expectedOf(expected));
  console.log(
    `command line: first finding ${verdict.timings.firstFindingMs ?? '–'} ms, verdict ${verdict.timings.totalMs} ms`,
  );
  const usage = JSON.parse(readFileSync(`${directory}/cost.json`, 'utf8')) as Record<
    string,
    { exchanges: number; bytesIn: number; bytesOut: number }
  >;
  for (const [node, { exchanges, bytesIn, bytesOut }] of Object.entries(usage))
    console.log(`${node}: ${exchanges} SSH exchanges, ${bytesIn} bytes from it, ${bytesOut} to it`);
}

try {
  console.log('a lab of three nodes, stand-ins, iptables legacy');
  await must('up');
  await must('serve');
  const { workspace } = JSON.parse(await must('status', '--json')) as { workspace: string };
  const slack = workspaceClient(workspace);
  await eventually('the bot to connect', 30, async () =>
    slack.command('alice', channel, '/calico help').then(
      () => true,
      () => false,
    ),
  );
  await timeCommand(slack);
  await measure('a healthy pod', healthy, slack);
  await breakFault(readTopology(labPaths(name)), firstCase.name, []);
  await measure(firstCase.name, firstCase.expects, slack);
  console.log(`\n# memory of bot and worker\n${(await memory('main.ts serve')).trim()}`);
  await healFaults(readTopology(labPaths(name)), null);
} finally {
  await lab('down');
}
