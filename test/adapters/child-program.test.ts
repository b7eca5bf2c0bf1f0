import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChildProgram, type ChildProgram } from '../../src/adapters/child-program.ts';
import { until } from '../../tools/lab/run.ts';

let folder: string;
let number = 0;
let child: ChildProgram | null = null;
let logged: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cc-child-'));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(async () => {
  await child?.stop(0);
  child = null;
});

const told = () => logged.filter((line) => line.startsWith('error'));

/** Starts a child that first writes its pid to a file and then does this. */
async function start(
  script: string,
  firstPauseMs = 20,
): Promise<{ readonly program: ChildProgram; readonly pids: () => Promise<readonly number[]> }> {
  number += 1;
  logged = [];
  const [file, pidFile] = [join(folder, `${number}.mjs`), join(folder, `${number}.pids`)];
  await writeFile(
    file,
    `import { appendFileSync } from 'node:fs';\nappendFileSync(${JSON.stringify(pidFile)}, process.pid + '\\n');\n${script}`,
  );
  child = startChildProgram({
    name: 'helper',
    file,
    argv: [],
    environment: { PATH: process.env['PATH'] },
    log: (level, text) => void logged.push(`${level}: ${text}`),
    firstPauseMs,
  });
  return {
    program: child,
    pids: async () =>
      (await readFile(pidFile, 'utf8').catch(() => ''))
        .split('\n')
        .filter((line) => line !== '')
        .map(Number),
  };
}
const ready = 'process.send({ ready: true });';
const stays = `process.on('disconnect', () => process.exit(0));`;

test('a child that says why it could not start is not started again', async () => {
  const { program, pids } = await start(
    `process.send({ ready: false, code: 'configuration', message: 'no key' }, () => process.exit(3));`,
  );
  await expect(program.ready).rejects.toMatchObject({
    name: 'CouldNotStart',
    code: 'configuration',
    message: 'no key',
  });
  await program.stop(1000);
  expect([await pids(), logged]).toEqual([[expect.any(Number)], []]);
});

test('a child that ends again and again is started again after ever longer pauses, each told in one line', async () => {
  const { program } = await start(`${ready}\nprocess.exitCode = 7; process.disconnect();`);
  await program.ready;
  await until('four ends', 20, async () => (told().length >= 4 ? true : null));
  expect(told().slice(0, 4)).toEqual(
    [0.02, 0.04, 0.08, 0.16].map((pause) => `error: the helper ended (exit 7); restarting it in ${pause} s`),
  );
}, 30_000);

test('a program that is not there is told as such', async () => {
  child = startChildProgram({
    name: 'helper',
    file: join(folder, 'none.mjs'),
    argv: [],
    environment: {},
    log: () => undefined,
  });
  await expect(child.ready).rejects.toThrow('the helper ended before it was ready (exit 1)');
});

test('stopping asks the child, and waits until it has ended', async () => {
  const { program, pids } = await start(
    `${ready}\nprocess.on('disconnect', () => setTimeout(() => process.exit(0), 200));`,
  );
  await program.ready;
  await program.stop(10_000);
  for (const pid of await pids()) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  expect(logged).toEqual([]);
});

test('stopping ends a child that does not', async () => {
  const { program, pids } = await start(
    `${ready}\nprocess.on('disconnect', () => undefined); process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000);`,
  );
  await program.ready;
  await program.stop(50);
  for (const pid of await pids()) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('stopping in a pause starts no other', async () => {
  const { program, pids } = await start(`${ready}\n${stays}`, 700);
  await program.ready;
  process.kill((await pids())[0] ?? 0, 'SIGKILL');
  await until('the end to be told', 10, async () => (logged.length > 0 ? true : null));
  await program.stop(1000);
  const before = (await pids()).length;
  expect(logged[0]).toBe('error: the helper ended (SIGKILL); restarting it in 0.7 s');
  // Another one that passes the same pause is the clock.
  const other = await start(`${ready}\nprocess.exitCode = 7; process.disconnect();`, 700);
  await until('a whole pause of another', 20, async () => ((await other.pids()).length >= 2 ? true : null));
  expect((await pids()).length).toBe(before);
});
