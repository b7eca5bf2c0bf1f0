import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, jest, test } from '@jest/globals';
import { startWorkspace } from '../start-workspace.ts';

jest.setTimeout(30_000);

const program = fileURLToPath(new URL('../main.ts', import.meta.url));

function run(...args: string[]): ChildProcess {
  return spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = '';
  for await (const chunk of stream ?? []) text += chunk.toString();
  return text;
}

test('the program says where it listens, answers the control API, and ends on SIGTERM', async () => {
  const child = run('--port', '0');
  const [line] = await once(child.stdout ?? child, 'data');
  const { url, apiUrl } = JSON.parse(String(line));
  expect(apiUrl).toBe(`${url}/api/`);
  const posted = await fetch(`${url}/_control/message`, {
    method: 'POST',
    body: JSON.stringify({ user: 'alice', channel: '#oncall', text: 'hi' }),
  });
  expect(await posted.json()).toMatchObject({ ok: true, channel: 'C0ONCALL' });
  const messages = await (await fetch(`${url}/_control/messages?channel=oncall`)).json();
  expect(messages).toMatchObject({ ok: true, messages: [{ text: 'hi', user: 'U0ALICE' }] });
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
});

test.each([
  ['without a port', [], 'usage:'],
  ['with a missing start file', ['--port', '0', '--start', '/nonexistent.json'], 'ENOENT'],
  ['on every address', ['--port', '0', '--host', '0.0.0.0'], 'name one address'],
])('%s the program says why and exits 3', async (_name, args, why) => {
  const child = run(...args);
  const exited = once(child, 'exit');
  expect(await textOf(child.stderr)).toContain(why);
  expect(await exited).toEqual([3, null]);
});

test('a taken port is refused', async () => {
  const workspace = await startWorkspace();
  try {
    const child = run('--port', new URL(workspace.url).port);
    const exited = once(child, 'exit');
    expect(await textOf(child.stderr)).toContain('EADDRINUSE');
    expect(await exited).toEqual([3, null]);
  } finally {
    await workspace.stop();
  }
});

test('a page of another site may not act here', async () => {
  const workspace = await startWorkspace();
  try {
    const answer = await fetch(`${workspace.url}/_control/message`, {
      method: 'POST',
      headers: { origin: 'https://elsewhere.example' },
      body: JSON.stringify({ user: 'alice', channel: 'oncall', text: 'x' }),
    });
    expect(answer.status).toBe(403);
    expect(workspace.messages({ channel: 'oncall' })).toEqual([]);
  } finally {
    await workspace.stop();
  }
});
