import { expect, test } from '@jest/globals';
import type { Log } from '../src/adapters/log.ts';
import { checkAudit } from '../src/compose-store.ts';

test.each([
  ['is told while the program runs', false, ['the audit chain could not be checked']],
  ['is not told while the program ends: it closed the connection itself', true, []],
])('an audit chain that cannot be read %s', async (_, isEnding, told) => {
  const warned: string[] = [];
  const log = { warn: (what: string) => void warned.push(what) } as unknown as Log;
  const audit = { verify: () => Promise.reject(new Error('Connection is closed.')) } as never;
  await checkAudit(audit, log, () => isEnding);
  expect(warned).toEqual(told);
});
