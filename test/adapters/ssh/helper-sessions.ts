/** Sessions with the helper of a node of the tests' own, and what they leave on that node. */
import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { until } from '../../../tools/lab/run.ts';
import { commands } from './node-commands.ts';
import { startTestNode, type TestNode } from './test-node.ts';

export const helper = '/usr/local/bin/calico-chatops-node';
/** What an ordinary session takes on two quiet cores, looking whether it has gone included. */
const quietSessionMs = 500;

export interface Session {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it has written so far. */
  readonly said: { stdout: string; stderr: string };
  readonly ended: Promise<unknown>;
  send(text: string): void;
  /** Closes both pipes, as sshd does when the client is gone. */
  hangUp(): void;
}

export let node: TestNode;
const sessions: Session[] = [];

/** Starts the node for the tests of this block. After each of them nothing of its sessions may be left. */
export function withHelper(): void {
  beforeAll(async () => {
    node = await startTestNode(commands);
  }, 60_000);
  afterEach(async () => {
    for (const session of sessions.splice(0)) {
      session.hangUp();
      await session.ended;
    }
    await gone();
  });
  afterAll(() => node.stop());
}

export const open = (read = true): Session => {
  const [program = '', ...args] = node.enter([helper]);
  const child = spawn(program, args);
  const said = { stdout: '', stderr: '' };
  if (read) child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString('latin1')));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  child.stdin.on('error', () => undefined);
  const session: Session = {
    child,
    said,
    ended: once(child, 'close'),
    send: (text) => void child.stdin.write(text),
    hangUp: () => {
      child.stdin.destroy();
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
  sessions.push(session);
  return session;
};
export const greeted = async (session: Session) => {
  await until('the helper to greet', 20, async () =>
    session.said.stdout.startsWith('calico-chatops-node 1\n') ? true : null,
  );
  return session;
};
export const answers = async (session: Session, text: string, seconds = 60) => {
  await until(`the answer ${text}`, seconds, async () => (session.said.stdout.includes(text) ? true : null));
};
/** Ids of the processes of all sessions, their commands included. */
export const members = async () =>
  (
    await node.inside(
      "for p in /proc/[0-9]*; do ls -l $p/fd 2>/dev/null | grep -q '/run/calico-chatops/' && echo ${p#/proc/}; done; true",
    )
  )
    .trim()
    .split('\n')
    .filter((line) => line !== '');
/** What the processes of all sessions, and those that they waited for, have used of a processor. */
export const processorMs = async () => {
  const stats = await node.inside(
    `cat ${(await members()).map((id) => `/proc/${id}/stat`).join(' ')} 2>/dev/null; true`,
  );
  const ticks = stats
    .split('\n')
    .flatMap((line) =>
      line
        .slice(line.lastIndexOf(')') + 2)
        .split(' ')
        .slice(11, 15),
    )
    .map(Number);
  return ticks.reduce((sum, one) => sum + (Number.isNaN(one) ? 0 : one), 0) * 10;
};
export const files = () => node.inside('ls /run/calico-chatops/1 /run');
export const folders = async () =>
  (await node.inside('ls -d /run/calico-chatops/*/ 2>/dev/null; true'))
    .trim()
    .split('\n')
    .filter((line) => line !== '');
/** Waits until every process and folder of the sessions is gone. @returns the milliseconds that it took */
export const gone = async (): Promise<number> => {
  const began = performance.now();
  await until('every process and folder of the session to go', 60, async () =>
    (await members()).length === 0 && (await folders()).length === 0 ? true : null,
  );
  return performance.now() - began;
};

/** Whether all of it goes in this time, as long as that is on this machine: measured before, and again afterwards. */
export async function goesWithin(ms: number, end: () => Promise<unknown>): Promise<void> {
  const before = await justNow(ms);
  await end();
  const took = await gone();
  expect(took).toBeLessThan(Math.max(before, await justNow(ms)));
}

/**
 * Returns how much longer than `ms` something may take just now: by as much as an ordinary session, with one short
 * request, takes longer than on a quiet machine.
 */
export const justNow = async (ms: number): Promise<number> => {
  const began = performance.now();
  const session = await greeted(open());
  session.send('1 test-who\n');
  await answers(session, 'root\n', 60);
  session.hangUp();
  await session.ended;
  await gone();
  return ms * Math.max(1, (performance.now() - began) / quietSessionMs);
};
