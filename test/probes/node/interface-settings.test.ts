import { expect, test } from '@jest/globals';
import { LookError } from '../../../src/model/look-error.ts';
import { interfaceSettings } from '../../../src/probes/node/interface-settings.ts';
import { codeOf, probing, type Script } from '../scripted.ts';

/** As grep prints it on Linux 6.18. */
const printed = `/proc/sys/net/ipv4/conf/all/forwarding:1
/proc/sys/net/ipv4/conf/all/proxy_arp:0
/proc/sys/net/ipv4/conf/all/rp_filter:0
/proc/sys/net/ipv4/conf/cali4e199eba087/forwarding:1
/proc/sys/net/ipv4/conf/cali4e199eba087/proxy_arp:1
/proc/sys/net/ipv4/conf/cali4e199eba087/rp_filter:1
/proc/sys/net/ipv4/conf/default/forwarding:1
/proc/sys/net/ipv4/conf/default/proxy_arp:0
/proc/sys/net/ipv4/conf/default/rp_filter:2
/proc/sys/net/ipv4/conf/eth0.100/forwarding:0
/proc/sys/net/ipv4/conf/eth0.100/rp_filter:0
/etc/sysctl.d/90-hardening.conf:net.ipv4.conf.all.rp_filter = 1
/usr/lib/sysctl.d/50-default.conf:-net.ipv4.conf.*.rp_filter = 2
`;
const fact = (answer: Script[string]) =>
  probing(interfaceSettings, { script: { 'grep-interface-settings': answer } }).fact('interface-settings@target');

test('every interface, and the files that set the same keys', async () => {
  expect(await fact({ stdout: printed })).toMatchObject({
    status: 'observed',
    value: {
      interfaces: [
        { name: 'all', forwarding: true, proxyArp: false, reversePath: 0 },
        { name: 'cali4e199eba087', forwarding: true, proxyArp: true, reversePath: 1 },
        { name: 'default', forwarding: true, proxyArp: false, reversePath: 2 },
        { name: 'eth0.100', forwarding: false, proxyArp: null, reversePath: 0 },
      ],
      saved: [
        { file: '/etc/sysctl.d/90-hardening.conf', line: 'net.ipv4.conf.all.rp_filter = 1' },
        { file: '/usr/lib/sysctl.d/50-default.conf', line: '-net.ipv4.conf.*.rp_filter = 2' },
      ],
    },
  });
});

test('an interface that went away while it was read costs no other', async () => {
  expect(codeOf(await fact({ stdout: printed, exit: 2 }))).toBe('observed');
});

test('the evidence holds what is off, and what holds for every interface', async () => {
  const { evidence } = await fact({ stdout: printed });
  expect(evidence[0]?.excerpt.split('\n')).toEqual(
    printed.split('\n').filter((line) => /all|default|rp_filter:1|eth0.100\/forwarding|conf:/.test(line)),
  );
});

test.each<[string, Script[string], string]>([
  ['nothing printed', { stdout: '', exit: 1 }, 'command-failed'],
  ['nothing but errors', { stdout: '', exit: 2 }, 'not-parsed'],
  ['no /proc', { stdout: '/etc/sysctl.conf:net.ipv4.ip_forward = 1\n', exit: 2 }, 'not-parsed'],
  ['a grep without --include', { exit: 1, stderr: 'grep: unrecognized option: include' }, 'command-failed'],
  ['cut', { stdout: printed, truncated: true }, 'output-too-large'],
  ['wedged', { exit: null, timedOut: true }, 'timeout'],
  ['the connection was lost', new LookError('ssh-lost', 'gone'), 'ssh-lost'],
])('%s: nothing is known', async (_, answer, code) => {
  expect(codeOf(await fact(answer))).toBe(code);
});

/** As grep prints it of a kernel that knows force_forwarding. */
const six = (all: number, more = '') =>
  `/proc/sys/net/ipv6/conf/all/forwarding:${all}\n/proc/sys/net/ipv6/conf/eth0/forwarding:1\n` +
  `/proc/sys/net/ipv6/conf/eth0/force_forwarding:0\n${more}`;
const read6 = (stdout: string) =>
  probing(interfaceSettings, { script: { 'grep-interface-settings-6': { stdout } }, facts: { family: 6 } }).fact(
    'interface-settings@target',
  );

test('of IPv6 the whole node forwards, or an interface that is told to', async () => {
  const forwards = async (stdout: string) => {
    const found = await read6(stdout);
    if (found.status === 'unavailable') throw new Error(found.reason);
    return found.value.interfaces.map(({ name, forwarding }) => [name, forwarding]);
  };
  expect(await forwards(six(1))).toEqual([
    ['all', true],
    ['eth0', true],
  ]);
  expect(await forwards(six(0, '/proc/sys/net/ipv6/conf/cali1/force_forwarding:1\n'))).toEqual([
    ['all', false],
    ['eth0', false],
    ['cali1', true],
  ]);
  expect(codeOf(await read6('/proc/sys/net/ipv6/conf/eth0/forwarding:1\n'))).toBe('not-parsed');
});
