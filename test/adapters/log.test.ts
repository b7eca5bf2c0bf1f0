import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { plantedSecrets, secretsIn } from '../support/planted-secrets.ts';

test('log lines hold no secrets, neither in what is said nor in an error and its cause', () => {
  const module = resolve(import.meta.dirname, '../../src/adapters/log.ts');
  const script = `const { createLog } = await import(${JSON.stringify(module)});
    const told = process.env.TOLD, log = createLog(), error = new Error(told, { cause: new Error(told) });
    log.info(told); log.warn(told, error); log.error(told, { told });`;
  const lines = execFileSync('/bin/sh', ['-c', '"$0" --input-type=module -e "$1" 2>&1', process.execPath, script], {
    encoding: 'utf8',
    env: { ...process.env, TOLD: plantedSecrets.map(({ text }) => text).join('\n') },
  });
  expect(lines.split('\n').length).toBeGreaterThan(3);
  expect(secretsIn(lines)).toEqual([]);
});
