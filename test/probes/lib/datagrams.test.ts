/** Datagrams as the commands send them, to a socket of this machine. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { spawnSync, spawn } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { bashDnsAsk, bashUdpAsk, dnsQuestionBytes } from '../../../src/commands/bash.ts';
import type { Command } from '../../../src/model/command.ts';
import { answerOf } from '../../../src/probes/parse/probe-answer.ts';
import { transcript } from '../transcript.ts';

const udp = { protocol: 'udp', number: 53 } as const;
/** The command's own line, to the loopback, which a template does not allow. */
const argvOf = ({ argv }: Command, port: number) =>
  argv.map((token) =>
    token
      .replaceAll('{address:address}', '127.0.0.1')
      .replaceAll('{port:number}', `${port}`)
      .replaceAll('{size:number}', '640'),
  );

/** What a service got, and what the command says of its answer. */
async function asked(command: Command, answer: Buffer | null) {
  const service = createSocket('udp4').bind(0, '127.0.0.1');
  await once(service, 'listening');
  let got = Buffer.alloc(0);
  service.on('message', (message, from) => {
    got = message;
    if (answer) service.send(answer, from.port, from.address);
  });
  const [program = '', ...args] = argvOf(command, service.address().port);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [exit] = (await once(child, 'close')) as [number | null];
  service.close();
  return { got, answer: answerOf(transcript({ exit, stderr }), udp) };
}

test.each<[string, Buffer | null, string]>([
  ['text', Buffer.from('here'), 'reply'],
  ['a byte of zeros', Buffer.from([0]), 'reply'],
  ['an empty datagram', Buffer.alloc(0), 'reply'],
  ['nothing', null, 'none'],
])('a service that answers with %s', async (_, said, answer) => {
  const found = await asked(bashUdpAsk, said);
  expect([found.got.toString(), found.answer]).toEqual(['0'.repeat(640), answer]);
});

test('a closed port refuses', async () => {
  const service = createSocket('udp4').bind(0, '127.0.0.1');
  await once(service, 'listening');
  const { port } = service.address();
  service.close();
  await once(service, 'close');
  const [program = '', ...args] = argvOf(bashUdpAsk, port);
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  expect(answerOf(transcript({ exit: status, stderr }), udp)).toBe('refused');
});

test('a DNS server is asked for the name servers of the root', async () => {
  const { got, answer } = await asked(bashDnsAsk, Buffer.from('anything'));
  expect(answer).toBe('reply');
  expect(got.length).toBe(dnsQuestionBytes);
  // An id, "recursion desired", one question: no label, type NS, class IN.
  expect([...got]).toEqual([0x36, 0x36, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1]);
});
