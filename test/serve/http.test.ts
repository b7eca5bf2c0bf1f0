/** The real program against whoever reaches its port, and against signed requests that no Slack would send. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { checkHttp } from '../../src/cli/doctor/check-http.ts';
import { loadConfig } from '../../src/config.ts';
import { everyMethod, exchange, rawRequests, statusesOf } from '../adapters/raw-request.ts';
import { freePort } from '../../tools/lab/free-port.ts';
import { startServe, startSurroundings, type ServedProgram, type Surroundings } from './served-program.ts';

/** Loaded into both processes: makes what nobody catches, with a request hanging on it, and exceptions likewise. */
const uncaught = `for (const [signal, raise] of [
  ['SIGUSR2', (error) => void Promise.reject(error)],
  ['SIGWINCH', (error) => setImmediate(() => { throw error; })],
]) process.on(signal, () => raise(Object.assign(new Error('made by a signal'), { req: { headers: { authorization: 'Bearer the-secret' } } })));`;

let around: Surroundings;
let program: ServedProgram;
let port: number;

beforeAll(async () => {
  port = await freePort();
  around = await startSurroundings(port);
  program = await startServe(around, { mode: 'http', port, preload: uncaught });
}, 60_000);
afterAll(async () => {
  program.process.kill('SIGTERM');
  await program.ended;
  await around.stop();
});

/** The same process as at the start still answers. */
async function alive(): Promise<void> {
  expect((await fetch(`${program.url}/healthz`)).status).toBe(200);
  expect([program.process.exitCode, program.process.signalCode]).toEqual([null, null]);
}

test('doctor knows the bot that serves at its port', async () => {
  const place = new URL(program.url).host;
  expect(await checkHttp(loadConfig({ LISTEN: place }, []))).toMatchObject([
    { state: 'ok', text: `calico-chatops serves at ${place} already` },
  ]);
});

const form = 'application/x-www-form-urlencoded';

/** Sends a body to Slack's request URL, signed as Slack signs. @param age of the signature, in seconds */
async function signed(body: string, type: string, change: Record<string, string> = {}, age = 0): Promise<number> {
  const at = String(Math.floor(Date.now() / 1000) - age);
  const signature = `v0=${createHmac('sha256', around.workspace.start.signing_secret).update(`v0:${at}:${body}`).digest('hex')}`;
  const headers = { 'content-type': type, 'x-slack-request-timestamp': at, 'x-slack-signature': signature, ...change };
  return (await fetch(`${program.url}/slack/events`, { method: 'POST', headers, body })).status;
}

describe('a raw request', () => {
  test.each(rawRequests.filter(({ bytes }) => !bytes.includes('/alertmanager')))('$what', async (raw) => {
    expect(statusesOf(await exchange(port, raw))).toEqual(raw.answers);
    await alive();
  });

  test.each(everyMethod)('%s of the request URL', async (method) => {
    const bytes = `${method} /slack/events?x=the-secret HTTP/1.1\r\nhost: x\r\nauthorization: Bearer the-secret\r\ncookie: the-secret\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`;
    const answer = await exchange(port, { bytes });
    expect(statusesOf(answer)).toEqual([method === 'POST' ? 401 : 405]);
    if (method !== 'POST') expect(answer).toMatch(/^allow: POST\r$/im);
    await alive();
  });
});

describe('a signed request', () => {
  const json = 'application/json';
  test.each<[string, number, string, string]>([
    ['null', 400, 'null', json],
    ['a number', 400, '7', json],
    ['a text', 400, '"text"', json],
    ['a list', 400, '[]', json],
    ['a payload of null', 400, 'payload=null', form],
    ['a payload that is a list', 400, 'payload=[1]', form],
    ['a payload that is no JSON', 400, 'payload={the-secret', form],
    ['no JSON', 400, '{', json],
    ['nothing', 400, '', json],
    ['an event of nothing', 500, '{"type":"event_callback","event":null}', json],
    ['an action of nobody', 500, 'payload={"type":"block_actions","actions":[]}', form],
    ['an action that is none', 500, 'payload={"type":"block_actions","actions":null,"user":null}', form],
    ['a view of nothing', 500, 'payload={"type":"view_submission","view":null,"user":{}}', form],
    ['a challenge', 200, '{"type":"url_verification","challenge":"x"}', json],
    ['a check of the certificate', 200, 'ssl_check=1&token=x', form],
  ])('%s', async (_what, status, body, type) => {
    expect(await signed(body, type)).toBe(status);
    await alive();
  });

  test('a payload beside ssl_check is not taken without a signature', async () => {
    const click = encodeURIComponent(JSON.stringify({ type: 'block_actions', user: { id: 'U0ALICE' } }));
    expect(await signed(`ssl_check=1&payload=${click}`, form, { 'x-slack-signature': 'v0=forged' })).toBe(200);
    expect(await signed(`payload=${click}`, form, { 'x-slack-signature': 'v0=forged' })).toBe(401);
    await alive();
  });

  test('that is sent again later, by somebody who kept it, is refused', async () => {
    const click = `payload=${encodeURIComponent('{"type":"block_actions","actions":null,"user":null}')}`;
    expect(await signed(click, form)).toBe(500);
    expect(await signed(click, form, {}, 330)).toBe(401);
    // Nor does a new time help, which the signature does not cover.
    const now = String(Math.floor(Date.now() / 1000));
    expect(await signed(click, form, { 'x-slack-request-timestamp': now }, 330)).toBe(401);
    await alive();
  });

  test('more than Slack sends', async () => {
    expect(await signed(`payload=${'x'.repeat(5 * 1024 * 1024)}`, form)).toBe(413);
    await alive();
  });
});

test('a rejection that nobody handled is one line, and bot and worker go on', async () => {
  for (const pid of [program.process.pid ?? 0, program.worker() ?? 0]) {
    const before = program.said().length;
    process.kill(pid, 'SIGUSR2');
    await program.heard(new RegExp(`^[^]{${before}}[^]*made by a signal`));
  }
  await alive();
  const helped = await around.workspace.command({ user: 'carol', channel: 'oncall', text: '/calico help' });
  expect(helped).toMatchObject({ acked: true });
});

test('nothing of a request is in the log: one line of JSON for each', () => {
  const lines = program.said().trimEnd().split('\n');
  expect(program.said()).not.toMatch(/the-secret|authorization|cookie/i);
  expect(lines.filter((line) => !line.startsWith('{'))).toEqual([]);
  expect(lines.filter((line) => line.includes('POST /slack/events could not be answered'))).toHaveLength(5);
});

test('an exception that nobody caught is one line, and then the program ends', async () => {
  process.kill(program.process.pid ?? 0, 'SIGWINCH');
  expect(await program.ended).toBe(4);
  expect(program.said()).toMatch(/ending after running jobs finish/);
  expect(program.said()).not.toContain('the-secret');
});
