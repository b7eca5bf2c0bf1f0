import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { grepKernelCounters } from '../../src/commands/grep.ts';
import { parseKernelCounters } from '../../src/model/kernel-counter-files.ts';

const conntrack = `/proc/sys/net/netfilter/nf_conntrack_count:42
/proc/sys/net/netfilter/nf_conntrack_max:262144
/proc/net/stat/nf_conntrack:entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart
/proc/net/stat/nf_conntrack:0000002a  00000000 00000000 00000000 00000012 0000000a 00000000 00000001 00000000 00000003 0000001f 00000000 00000000  00000000 00000000 00000000 00000000
/proc/net/stat/nf_conntrack:0000002a  00000000 00000000 00000000 00000000 00000000 00000000 00000001 00000000 00000000 00000001 00000000 00000000  00000000 00000000 00000000 00000000
`;
const snmp = `/proc/net/snmp:Ip: Forwarding DefaultTTL InReceives
/proc/net/snmp:Ip: 1 64 100
/proc/net/snmp:Tcp: RtoAlgorithm InErrs OutRsts InCsumErrors
/proc/net/snmp:Tcp: 1 0 0 4
/proc/net/snmp:Udp: InDatagrams NoPorts InErrors InCsumErrors IgnoredMulti
/proc/net/snmp:Udp: 9 0 5 5 0
/proc/net/snmp:UdpLite: InDatagrams InCsumErrors
/proc/net/snmp:UdpLite: 0 77
`;

describe("the kernel's counters", () => {
  test('of all processors together', () => {
    expect(parseKernelCounters(conntrack + snmp)).toEqual({
      conntrack: { count: 42, max: 262_144, dropped: 32 },
      wrongChecksums: { tcp: 4, udp: 5 },
    });
  });
  test('with the time for which idle connections are kept, where the kernel says it', () => {
    const kept = '/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established:300\n';
    expect(parseKernelCounters(kept + conntrack).conntrack).toMatchObject({ count: 42, establishedSeconds: 300 });
  });
  test('of this very kernel', () => {
    const [program = '', ...rest] = grepKernelCounters.argv;
    const printed = execFileSync('sh', ['-c', '"$0" "$@" || test $? = 2', program, ...rest], { encoding: 'utf8' });
    expect(parseKernelCounters(printed).wrongChecksums).toEqual({ tcp: expect.any(Number), udp: expect.any(Number) });
  });
  test.each([
    ['nothing tracks connections', snmp, { conntrack: null, wrongChecksums: { tcp: 4, udp: 5 } }],
    ['a column is not there', conntrack.replace(' drop ', ' other '), { conntrack: null, wrongChecksums: null }],
    ['a value is not there', conntrack.replaceAll(/_max:\d+/g, '_max:'), { conntrack: null, wrongChecksums: null }],
    ['it ends in the middle', snmp.slice(0, 200), { conntrack: null, wrongChecksums: null }],
    ['nothing was printed', '', { conntrack: null, wrongChecksums: null }],
  ])('not known: %s', (_, text, counters) => {
    expect(parseKernelCounters(text)).toEqual(counters);
  });
});
