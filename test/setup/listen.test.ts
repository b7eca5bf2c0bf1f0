import { createServer } from 'node:http';
import { expect, test } from '@jest/globals';
import { checkHttp } from '../../src/cli/doctor/check-http.ts';
import { loadConfig } from '../../src/config.ts';

test.each(['ALERT_TOKEN', 'ALERT_BASIC_AUTH'])('%s without LISTEN is a limit, with the key to set', async (key) => {
  const found = await checkHttp(loadConfig({ [key]: 'prometheus:a-long-password' }, []));
  expect(found).toMatchObject([
    {
      state: 'limited',
      text: expect.stringContaining(`${key} is set: alerts`),
      next: expect.stringContaining('LISTEN'),
    },
  ]);
});

test('a program that answers JSON of its own has taken the port, and is no bot', async () => {
  const other = createServer((_, response) => response.end('{"ok":true}'));
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  other.listen(0, '127.0.0.1', resolve);
  await listening;
  try {
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : null;
    const [line] = await checkHttp(loadConfig({ LISTEN: `127.0.0.1:${port}` }, []));
    expect(line).toMatchObject({ state: 'failed', text: expect.stringContaining('is taken by another program') });
  } finally {
    other.close();
  }
});
