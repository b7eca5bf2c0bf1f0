/** One diagnosis at the command line, against an API server that knows nothing or never answers. */
import { Redis } from 'ioredis';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { redisOptions } from '../../src/adapters/redis-connection.ts';
import { createRunStore } from '../../src/adapters/run-store.ts';
import { main, ownEnvironment, program, type Ended } from './program.ts';
import { kubeconfigAt } from '../support/kubeconfig.ts';
import { listen } from '../support/listening.ts';
import { startTestRedis } from '../support/redis.ts';
import { until } from '../../tools/lab/run.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let folder: string;
let api: Server;
let port: number;
let asked: PromiseWithResolvers<void>;
/** What the API server was asked for. */
let paths: string[];
/** Whether the API server answers; what it says is that there is no such object. */
let answers: boolean;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cc-diagnose-'));
  asked = Promise.withResolvers();
  answers = true;
  paths = [];
  api = createServer((request, response) => {
    paths.push(request.url ?? '');
    asked.resolve();
    if (answers)
      response
        .writeHead(404, { 'content-type': 'application/json' })
        .end(JSON.stringify({ kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 }));
  });
  port = await listen(api);
  await writeFile(join(folder, 'empty'), '');
});
afterEach(async () => {
  api.closeAllConnections();
  api.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

async function environment(): Promise<Record<string, string>> {
  await writeFile(join(folder, 'kubeconfig'), JSON.stringify(kubeconfigAt(port)));
  const empty = join(folder, 'empty');
  return {
    KUBECONFIG: join(folder, 'kubeconfig'),
    REDIS_URL: redis.address,
    STATE_DIR: join(folder, 'state'),
    SSH_USER: 'bot',
    SSH_KEY_FILE: empty,
    SSH_KNOWN_HOSTS_FILE: empty,
  };
}

/** The types of a run's events, and the run's id. There is one run in this Redis whose events end so. */
async function newestRun(): Promise<{ readonly run: string; readonly types: readonly string[] }> {
  const client = new Redis(redisOptions(redis.address));
  const store = createRunStore({ address: redis.address, onError: () => undefined });
  try {
    const run = (await client.keys('calico-chatops:run:*')).toSorted().at(-1)?.split(':').at(-1) ?? '';
    return { run, types: (await store.events(run)).map(({ type }) => type) };
  } finally {
    client.disconnect();
    await store.close();
  }
}

function started(argv: readonly string[], own: Readonly<Record<string, string>>) {
  const ended = Promise.withResolvers<Ended>();
  const child = execFile(
    process.execPath,
    [main, ...argv],
    { env: { ...ownEnvironment(), ...own }, timeout: 120_000 },
    (error, out, err) => {
      ended.resolve({ exit: error ? Number(error.code ?? -1) : 0, out, err });
    },
  );
  return { child, ended: ended.promise };
}

test('a pod that is not there is exit 3, and the run is stored as failed', async () => {
  const ended = await program(['diagnose', 'default/mypod', '--json'], await environment());
  expect(ended).toMatchObject({
    exit: 3,
    out: '',
    err: expect.stringContaining('"message": "there is no namespace default"'),
  });
  // Where the API server takes seconds, steps that could not be checked settle before it is known why.
  const { types } = await newestRun();
  expect(types.filter((type) => type !== 'step-settled')).toEqual(['started', 'failed']);
}, 150_000);

test('a pod that is not there is exit 3 also where no run can be kept', async () => {
  const ended = await program(['diagnose', 'default/mypod'], {
    ...(await environment()),
    REDIS_URL: 'redis://127.0.0.1:1',
  });
  // Such steps are told here.
  expect(ended).toMatchObject({
    exit: 3,
    out: expect.stringMatching(/^(?:\? .*\n)*$/),
    err: expect.stringContaining('error: there is no namespace default. '),
  });
}, 150_000);

test('what reads the output ends before there is a verdict: that is not the exit of a healthy pod', async () => {
  answers = false;
  const { child, ended } = started(['diagnose', 'default/mypod'], {
    ...(await environment()),
    REDIS_URL: 'redis://127.0.0.1:1',
  });
  // The warning that no run can be kept goes there.
  child.stderr?.destroy();
  expect(await ended).toMatchObject({ exit: 141, out: '' });
}, 150_000);

test('Ctrl-C cancels the run, and does not wait for an API server that never answers', async () => {
  answers = false;
  const { child, ended } = started(['diagnose', 'default/mypod', '--json'], await environment());
  await Promise.race([asked.promise, ended]);
  child.kill('SIGINT');
  expect(await ended).toMatchObject({
    exit: 130,
    out: '',
    err: expect.stringMatching(/^The run r-\w+ was cancelled by /),
  });
  // A read that is waited for is asked once more half-way to its time-out. The pod is asked for twice without that,
  // before the look and in it, where the process is late to hear of its end.
  const pod = '/api/v1/namespaces/default/pods/mypod';
  expect(paths.length).toBeGreaterThan(0);
  expect(paths.filter((path) => path === pod).length).toBeLessThanOrEqual(2);
  const once = paths.filter((path) => path !== pod);
  expect(once.toSorted()).toEqual([...new Set(once)].toSorted());
  expect((await newestRun()).types.at(-1)).toBe('cancelled');
}, 150_000);

test('another process cancels the run', async () => {
  answers = false;
  const own = await environment();
  const { run: before } = await newestRun();
  const { ended } = started(['diagnose', 'default/mypod'], own);
  const run = await until('the run to be stored', 60, async () => {
    const newest = await newestRun();
    return newest.run === before ? null : newest.run;
  });
  expect(await program(['cancel', run], own)).toEqual({ exit: 0, out: `cancelled ${run}\n`, err: '' });
  expect(await ended).toMatchObject({ exit: 130, err: expect.stringContaining(`The run ${run} was cancelled by `) });
  expect(await program(['cancel', run], own)).toMatchObject({
    exit: 3,
    err: expect.stringContaining(`the run ${run} has ended`),
  });
  expect(await program(['cancel', 'r-none'], own)).toMatchObject({
    exit: 3,
    err: expect.stringContaining('there is no run "r-none"'),
  });
}, 150_000);
