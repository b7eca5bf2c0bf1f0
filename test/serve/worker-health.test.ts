/** What a worker says of its clusters, of an hour that passes at once. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Clusters } from '../../src/compose-cluster.ts';
import { startWorkerHealth } from '../../src/compose-worker-health.ts';
import { programVersion } from '../../src/version.ts';
import { readWorkerHealth } from '../../src/model/worker-health.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** A watch over these clusters. @returns what was said by each, and what was logged */
function watch(names: readonly string[], clusters: unknown) {
  const said = new Map<string, string>();
  const logged: string[] = [];
  const context = {
    clusters: clusters as Clusters,
    config: { CLUSTERS: {}, clusters: names.map((name) => ({ name, channels: [], settings: {} })) },
    deps: {
      store: { remember: async (key: string, value: string) => void said.set(key, value) },
      clock: { now: () => new Date(0) },
      warn: () => undefined,
    },
    log: { warn: (text: string) => void logged.push(text) },
  } as unknown as Parameters<typeof startWorkerHealth>[0];
  const saidOf = (name: string) => readWorkerHealth(said.get(`worker-health.${name}`) ?? null);
  return { ...startWorkerHealth(context), saidOf, logged };
}

test('a cluster that cannot be checked is said, and the others are checked', async () => {
  const opened: string[] = [];
  const names = ['east', 'west'];
  const { stop, saidOf } = watch(names, {
    way: () => ({ nodeTroubles: [], guard: null }),
    open: async (name: string) => {
      opened.push(name);
      throw new Error(`no way into ${name}`);
    },
  });
  await jest.advanceTimersByTimeAsync(5000);
  await stop();
  expect(opened).toEqual(names);
  for (const name of names)
    expect(saidOf(name)).toEqual({
      at: new Date(0).toISOString(),
      version: programVersion(),
      blind: [{ text: expect.stringMatching(`^${name}: check: .*no way into ${name}`), next: expect.any(String) }],
    });
});

describe('what an administrator loosens while the bot runs', () => {
  const trouble = { text: 'no key', next: 'Write one' };
  /** A cluster with an agent, whose guard and account are as they are at each moment. */
  function loosened() {
    const now = { guard: 'guarded', isAdministrator: false };
    const clusters = {
      way: () => ({
        nodeTroubles: [trouble],
        guard: async () => ({ state: now.guard, why: 'away' }),
        mayI: async () => ({ ok: true, value: now.isAdministrator }),
      }),
      open: async () => ({
        cluster: { list: async () => ({ ok: true, value: [{ metadata: { name: 'n' } }] }) },
        close: async () => undefined,
      }),
    };
    return { now, ...watch(['east'], clusters) };
  }
  const open = expect.stringMatching(/^east: policy of the agent: the token of the bot starts any program as root/);
  const keys = 'east: nodes: no key';

  test.each<[string, (watching: ReturnType<typeof loosened>) => unknown]>([
    ['before the next fix', ({ askOpenings }) => askOpenings()],
    ['within five minutes', () => jest.advanceTimersByTimeAsync(300_000)],
  ])('a deleted admission policy is said %s, beside what was said, until it is back', async (_, ask) => {
    const watching = loosened();
    const { now, saidOf, logged } = watching;
    const asked = async () => {
      await ask(watching);
      await jest.advanceTimersByTimeAsync(1);
      return saidOf('east')?.blind.map(({ text }) => text);
    };
    now.guard = 'open';
    expect(await asked()).toContainEqual(open);
    expect(logged).toContainEqual(open);
    // Who could not ask knows no better than before.
    now.guard = 'unknown';
    expect(await asked()).toContainEqual(open);
    now.guard = 'guarded';
    expect(await asked()).not.toContainEqual(open);
    await watching.stop();
  });

  test('an account that became an administrator is said, and nothing else is forgotten', async () => {
    const { now, askOpenings, saidOf, stop } = loosened();
    now.isAdministrator = true;
    askOpenings();
    await jest.advanceTimersByTimeAsync(1);
    expect(saidOf('east')?.blind.map(({ text }) => text)).toEqual([
      keys,
      expect.stringMatching(/^east: account: the account may do everything/),
    ]);
    await stop();
  });
});
