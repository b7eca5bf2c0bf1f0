import { describe, expect, test } from '@jest/globals';
import { savedIn, savedSettings } from '../../src/model/saved-settings.ts';

const settings = (...lines: readonly string[]) => ({
  interfaces: [],
  saved: lines.map((line) => ({ file: '/etc/sysctl.d/90-node.conf', line })),
});

describe('a line of a sysctl file', () => {
  test.each([
    ['net.ipv4.ip_forward = 0', { name: 'all', key: 'forwarding', value: '0' }],
    ['net/ipv4/ip_forward=0', { name: 'all', key: 'forwarding', value: '0' }],
    ['net.ipv4.conf.all.rp_filter=1', { name: 'all', key: 'rp_filter', value: '1' }],
    ['-net.ipv4.conf.*.rp_filter = 2', { name: '*', key: 'rp_filter', value: '2' }],
    ['net.ipv4.conf.eth0/100.forwarding = 0', { name: 'eth0.100', key: 'forwarding', value: '0' }],
    ['net/ipv4/conf/eth0.100/forwarding = 0', { name: 'eth0.100', key: 'forwarding', value: '0' }],
  ])('%s', (line, expected) => {
    expect(savedSettings(settings(line))).toEqual([{ file: '/etc/sysctl.d/90-node.conf', ...expected }]);
  });
  test.each(['net.ipv6.conf.all.forwarding = 0', 'net.ipv4.conf.eth0.100.forwarding = 0', 'net.ipv4', ''])(
    'none of an IPv4 interface: "%s"',
    (line) => {
      expect(savedSettings(settings(line))).toEqual([]);
    },
  );
});

describe('the file that turns forwarding of cali1 off', () => {
  const off = { interface: 'cali1', key: 'forwarding', values: ['0'], all: true };
  test.each([
    ['net.ipv4.conf.cali1.forwarding = 0', '/etc/sysctl.d/90-node.conf'],
    ['net.ipv4.ip_forward = 0', '/etc/sysctl.d/90-node.conf'],
    ['net.ipv4.conf.cali*.forwarding = 0', '/etc/sysctl.d/90-node.conf'],
    ['net.ipv4.conf.cali1.forwarding = 1', null],
    ['net.ipv4.conf.cali2.forwarding = 0', null],
    ['net.ipv4.conf.eth*.forwarding = 0', null],
    ['net.ipv4.conf.cali1.rp_filter = 0', null],
  ])('%s: %s', (line, file) => {
    expect(savedIn(settings(line), off)).toBe(file);
  });
  test('where writing the key of all reaches no interface, that line does not count', () => {
    expect(savedIn(settings('net.ipv4.conf.all.forwarding = 0'), { ...off, all: false })).toBeNull();
  });
});
