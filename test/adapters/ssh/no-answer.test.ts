/** A node that does not answer is told apart from one that answers and does not let the bot in. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { isSilentToArp } from '../../../src/adapters/ssh/arp-silence.ts';
import { connect } from '../../../src/adapters/ssh/connect.ts';
import { Bastion } from '../../../src/adapters/ssh/bastion.ts';
import { parseKnownHosts } from '../../../src/adapters/ssh/known-hosts.ts';
import { freePort } from '../../../tools/lab/free-port.ts';
import { startBastion } from './bastion-server.ts';
import { keys } from './hostile-server.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const options = { user: 'bot', privateKey: keys.private, knownHosts: parseKnownHosts(''), connectTimeoutMs: 5000 };
const node = { name: 'n1', address: '127.0.0.1' };

test.each([
  ['ETIMEDOUT', 'ssh-no-answer'],
  ['ECONNREFUSED', 'ssh-refused'],
  ['ECONNRESET', 'ssh-refused'],
])('%s is %s', async (code, looked) => {
  const through = () => Promise.reject(Object.assign(new Error(`connect ${code}`), { code }));
  await expect(connect(node, { ...options, port: 22, through })).rejects.toMatchObject({
    code: looked,
    message: `n1 (127.0.0.1:22): connect ${code}`,
  });
});

test.each(['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN'])('%s is no silence of the node', async (code) => {
  const through = () => Promise.reject(Object.assign(new Error(`connect ${code}`), { code }));
  await expect(connect(node, { ...options, port: 22, through })).rejects.toMatchObject({
    code: 'ssh-unreachable',
    message: `n1 (127.0.0.1:22): connect ${code} (this machine, a router or a firewall has no way there)`,
  });
});

test('over IPv6, a silent neighbour is not told apart from a way that is missing', async () => {
  const noWay = Object.assign(new Error('connect EHOSTUNREACH'), { code: 'EHOSTUNREACH' });
  const toIpv6 = { ...options, port: 22, through: () => Promise.reject(noWay) };
  await expect(connect({ name: 'n1', address: '2001:db8::1' }, toIpv6)).rejects.toMatchObject({
    code: 'ssh-unreachable',
    message: expect.stringContaining('(nobody answers at this address, or this machine'),
  });
});

/** What Linux 6.18 prints. */
const arp = `IP address       HW type     Flags       HW address            Mask     Device
192.0.2.1        0x1         0x2         02:42:c0:00:02:01     *        eth0
192.0.2.9        0x1         0x0         00:00:00:00:00:00     *        eth0
192.0.2.10       0x1         0x0         00:00:00:00:00:00     *        eth0
192.0.2.10       0x1         0x2         02:42:c0:00:02:0a     *        eth1
203.0.113.9      0x1         0x0         00:00:00:00:00:00     *        eth2
203.0.113.10     0x1         0x0         00:00:00:00:00:00     *        eth2
`;

test.each([
  ['an address that nobody answers for', arp, '192.0.2.9', true],
  ['one that answers: something else says that there is no way', arp, '192.0.2.1', false],
  ['one that answers on another interface', arp, '192.0.2.10', false],
  ['one behind a router', arp, '198.51.100.1', false],
  ['a longer address', arp, '192.0.2', false],
  ['one beside which no neighbour of the interface answers', arp, '203.0.113.9', false],
  ['no table', '', '192.0.2.9', false],
])('silence to ARP: %s', (_, table, address, expected) => {
  expect(isSilentToArp(table, address)).toBe(expected);
});

const behind = async (forwards: boolean | 'never-answers', hostPort?: number) => {
  const server = await startBastion(forwards);
  const bastion = new Bastion({ user: 'jumper', host: '127.0.0.1', port: hostPort ?? server.port });
  closing.push(
    () => server.close(),
    () => bastion.close(),
  );
  const known = { ...options, knownHosts: parseKnownHosts(`[127.0.0.1]:${server.port} ${server.hostKey}\n`) };
  return (connectTimeoutMs: number) =>
    connect(node, {
      ...known,
      port: 22,
      connectTimeoutMs,
      through: (address, port) => bastion.stream(address, port, { ...known, connectTimeoutMs }),
    });
};

describe('through a bastion', () => {
  test('one that waits for the node is not waited for without end', async () => {
    await expect((await behind('never-answers'))(2000)).rejects.toMatchObject({
      code: 'ssh-no-answer',
      message: 'n1 (127.0.0.1:22): the bastion 127.0.0.1 has no answer from there within 2000 ms',
    });
  });

  test('one that forwards nothing says nothing about the node', async () => {
    await expect((await behind(false))(5000)).rejects.toMatchObject({ code: 'ssh-refused' });
  });

  test('nor does one that is not there', async () => {
    await expect((await behind(true, await freePort()))(5000)).rejects.toMatchObject({ code: 'ssh-refused' });
  });
});
