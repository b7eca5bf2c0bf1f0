/**
 * The demo: a lab with the first case in it, Redis, bot, worker and workspace; `/calico diagnose default/mypod`; the
 * thread in the terminal as it grows. It stays up until Ctrl-C; with ONCE=1 a person approves the fixes, the cloud's
 * owner lets IPIP through, and the demo ends when the pod answers; with PICTURE=FILE it ends when a picture of the
 * thread is in the file.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { firstCase } from '../lab/faults/catalogue/first-case.ts';
import { ipipBlocked } from '../lab/faults/catalogue/ipip-blocked.ts';
import { buttonsOf, eventually, workspaceClient, type WorkspaceClient } from '../slack-workspace/client.ts';
import { takePicture } from './picture.ts';
import { terminalThread } from './terminal-thread.ts';

const name = 'demo';
const channel = 'oncall';
const engineer = 'alice';
const isOnce = process.env['ONCE'] === '1';
const picture = process.env['PICTURE'] ?? '';

async function lab(verb: string, ...rest: string[]): Promise<void> {
  const child = spawn(process.execPath, [`${import.meta.dirname}/../lab/main.ts`, verb, '--name', name, ...rest], {
    stdio: 'inherit',
  });
  const [status] = (await once(child, 'exit')) as [number | null];
  if (status !== 0) throw new Error(`lab ${verb} ended with ${status}`);
}

async function workspaceAddress(): Promise<string> {
  const child = spawn(process.execPath, [`${import.meta.dirname}/../lab/main.ts`, 'status', '--name', name, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(child, 'close');
  return (JSON.parse(text) as { workspace: string }).workspace;
}

function say(text: string): void {
  console.log(`\n== ${text}`);
}

async function approveAndHeal(slack: WorkspaceClient): Promise<void> {
  const plans = await eventually('the fix cards', 60, async () => {
    const buttons = (await slack.messages(channel)).flatMap(buttonsOf).filter(({ action }) => action === 'approve_fix');
    return buttons.length >= 2 ? buttons : null;
  });
  say(`${engineer} approves ${plans.length} fixes (IPIP is still blocked: they heal their own causes all the same)`);
  for (const plan of plans) await slack.click(engineer, channel, plan);
  await eventually('the fixes to end', 180, async () => {
    const cards = (await slack.messages(channel)).filter(({ ts }) => plans.some((plan) => plan.ts === ts));
    const failed = cards.find(({ text }) => /^(?:failed|rolled-back|refused|expired)/.test(text ?? ''));
    if (failed) throw new Error(`a fix did not heal: ${failed.text}`);
    return cards.every(({ text }) => /^(?:verified|superseded)/.test(text ?? ''));
  });
  say("the cloud's owner lets IP protocol 4 through");
  await lab('heal', ipipBlocked.name);
  const recheck = (await slack.messages(channel)).flatMap(buttonsOf).find(({ action }) => action === 'recheck');
  if (!recheck) throw new Error('there is no button to check again');
  say(`${engineer} presses Re-check`);
  await slack.click(engineer, channel, recheck);
  await eventually('the pod to be found healthy', 90, async () =>
    (await slack.messages(channel)).some(({ blocks }) => JSON.stringify(blocks ?? []).includes('is reachable from')),
  );
  say('from the client pod');
  await lab('pod', 'default/client', '--', 'ping', '-c', '2', '-W', '1', '10.244.1.5');
}

/** Prints the channel until it is told that the demo ended, and once more then. */
async function watch(slack: WorkspaceClient, ended: AbortSignal): Promise<void> {
  const print = terminalThread();
  while (!ended.aborted) {
    print(await slack.messages(channel));
    await setTimeout(300, undefined, { signal: ended }).catch(() => {});
  }
  print(await slack.messages(channel));
}

async function main(): Promise<number> {
  say('the lab, with the first case in it');
  await lab('down');
  await lab('up');
  await lab('break', firstCase.name);
  say('Redis, bot, worker and workspace');
  await lab('serve');
  const address = await workspaceAddress();
  const slack = workspaceClient(address);
  say(`the workspace: ${address}#user=${engineer}&channel=${channel}`);
  say(`${engineer} types: /calico diagnose default/mypod`);
  await eventually('the bot to connect', 30, async () =>
    slack.command(engineer, channel, '/calico diagnose default/mypod').then(
      () => true,
      () => false,
    ),
  );
  const ended = new AbortController();
  const watching = watch(slack, ended.signal);
  try {
    if (picture !== '') {
      await takePicture(slack, { address, person: 'U0ALICE', channel: 'C0ONCALL', file: picture });
    } else if (isOnce) {
      await approveAndHeal(slack);
    } else {
      await new Promise<void>((resolve) => {
        process.once('SIGINT', resolve);
        process.once('SIGTERM', resolve);
      });
    }
  } finally {
    ended.abort();
    await watching;
  }
  say('taking the lab down');
  await lab('down');
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`demo: ${error instanceof Error ? error.message : String(error)}`);
  await lab('down').catch(() => {});
  process.exitCode = 1;
}
