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
