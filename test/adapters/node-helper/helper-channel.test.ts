import { expect, test } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { NodeSSH } from 'node-ssh';
import { HelperChannel } from '../../../src/adapters/node-helper/helper-channel.ts';
import { sshConnection } from '../../../src/adapters/ssh/ssh-way.ts';

// A busy node answers in one piece: the program began, wrote to standard error, and ended. What comes so is told in one go.
test('a program that ends in the moment in which it begins is a missing helper, not a lost connection', async () => {
  const channel = Object.assign(new PassThrough(), { stderr: new PassThrough() });
  const client = Object.assign(new EventEmitter(), {
    exec: (_command: string, callback: (error: undefined, opened: typeof channel) => void) => {
      callback(undefined, channel);
      channel.stderr.write('sh: 1: nothing: not found\n');
      channel.emit('exit', 127);
    },
  });
  const connection = sshConnection('node', { connection: client } as unknown as NodeSSH, 'nothing');
  const opening = HelperChannel.open(connection, {
    label: 'node',
    timeoutMs: 5000,
    lostCode: 'ssh-lost',
    onClosed: () => undefined,
  });
  setImmediate(() => channel.emit('close'));
  await expect(opening).rejects.toMatchObject({
    code: 'node-helper-missing',
    message: expect.stringContaining('not found'),
  });
});
