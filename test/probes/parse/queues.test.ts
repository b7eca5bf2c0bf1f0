import { describe, expect, test } from '@jest/globals';
import { holdsFilters, isMade, takesAll } from '../../../src/model/queues.ts';
import { parseFilters, parseQueues } from '../../../src/probes/parse/queues.ts';

/** iproute2 6.1. */
const listed = [
  'qdisc noqueue 0: dev lo root refcnt 2 ',
  ' Sent 0 bytes 0 pkt (dropped 0, overlimits 0 requeues 0) ',
  ' backlog 0b 0p requeues 0',
  'qdisc mq 0: offloaded dev eth0 root ',
  ' Sent 482 bytes 5 pkt (dropped 0, overlimits 0 requeues 0) ',
  ' backlog 0b 0p requeues 0',
  'qdisc fq_codel 0: dev eth0 parent :1 limit 10240p flows 1024 quantum 1514 target 5ms interval 100ms memory_limit 32Mb ecn drop_batch 64 ',
  ' Sent 482 bytes 5 pkt (dropped 2, overlimits 0 requeues 0) ',
  ' backlog 0b 0p requeues 0',
  '  maxpacket 0 drop_overlimit 0 new_flow_count 0 ecn_mark 0',
  'qdisc tbf 8009: dev cali1 root refcnt 3 rate 8Kbit burst 1600b limit 1b ',
  ' Sent 0 bytes 0 pkt (dropped 7, overlimits 0 requeues 0) ',
  ' backlog 0b 0p requeues 0',
  'qdisc clsact ffff: dev cali1 parent ffff:fff1 ',
  ' Sent 0 bytes 0 pkt (dropped 4, overlimits 0 requeues 0) ',
  ' backlog 0b 0p requeues 0',
  'qdisc blackhole 8008: dev tunl0 parent 1:3 refcnt 3 ',
  ' Sent 0 bytes 0 pkt (dropped 5, overlimits 0 requeues 0) ',
  '',
].join('\n');

describe('queues', () => {
  test('each with its place, its settings and what it dropped', () => {
    expect(parseQueues(listed).map((one) => [one.device, one.key, one.isRoot, one.text, one.dropped])).toEqual([
      ['lo', '0: root', true, 'noqueue', 0],
      ['eth0', '0: root', true, 'mq', 0],
      ['eth0', '0: parent :1', false, expect.stringMatching(/^fq_codel limit 10240p flows 1024 .*drop_batch 64$/), 2],
      ['cali1', '8009: root', true, 'tbf rate 8Kbit burst 1600b limit 1b', 7],
      ['cali1', 'ffff: parent ffff:fff1', false, 'clsact', 4],
      ['tunl0', '8008: parent 1:3', false, 'blackhole', 5],
    ]);
  });
  test("those that the kernel makes by itself are told from others', and places of filters from queues", () => {
    const made = parseQueues(listed).filter(isMade);
    expect(made.map(({ kind }) => kind)).toEqual(['tbf', 'clsact', 'blackhole']);
    expect(made.filter(holdsFilters).map(({ kind }) => kind)).toEqual(['clsact']);
  });
  test('nothing printed has no queue, and another form is refused', () => {
    expect(parseQueues('')).toEqual([]);
    expect(() => parseQueues('qdisc tbf 8009: root')).toThrow(
      'tc prints a queue in another form: qdisc tbf 8009: root',
    );
  });
  test('a list that is cut keeps what it has', () => {
    expect(parseQueues(listed.slice(0, listed.indexOf(' Sent 0 bytes 0 pkt (dropped 7')))).toHaveLength(4);
  });
});

test.each([
  ['blackhole', true],
  ['netem limit 1000 loss 100%', true],
  ['netem limit 1000 loss 10%', false],
  ['netem limit 1000 delay 100ms', false],
  ['pfifo limit 0p', true],
  ['pfifo limit 1000p', false],
  ['bfifo limit 0b', true],
  ['tbf rate 8Kbit burst 1600b limit 1b', true],
  ['tbf rate 8Kbit burst 1600b limit 41b', true],
  ['tbf rate 1Gbit burst 15Kb lat 50ms', false],
  ['tbf rate 8Kbit burst 1600b limit 42b', false],
  ['tbf rate 8Kbit burst 1600b limit 1Kb', false],
  ['tbf rate 1Kbit burst 40b lat 2s', true],
  ['tbf rate 1Kbit burst 40b/8 mpu 64b lat 2s', true],
  ['tbf rate 1Kbit burst 42b lat 2s', false],
  ['htb r2q 10 burst 40b', false],
])('has room for nothing: %s is %s', (text, expected) => {
  expect(takesAll({ kind: text.split(' ')[0] ?? '', text })).toBe(expected);
});

/** iproute2 6.1 on kernels with actions. */
const filters = [
  'filter protocol all pref 49152 bpf chain 0 ',
  'filter protocol all pref 49152 bpf chain 0 handle 0x1 t:[*fsobj] direct-action not_in_hw id 98 name guard tag 614b434cd8324ecc jited ',
  'filter protocol ip pref 7 u32 chain 0 ',
  'filter protocol ip pref 7 u32 chain 0 fh 800: ht divisor 1 ',
  'filter protocol ip pref 7 u32 chain 0 fh 800::800 order 2048 key ht 800 bkt 0 terminal flowid not_in_hw  (rule hit 5 success 3)',
  '  match 00060000/00ff0000 at 8 (success 3 ) ',
  '\taction order 1: gact action drop',
  '\t random type none pass val 0',
  '\t index 1 ref 1 bind 1 installed 20 sec used 3 sec',
  '\tAction statistics:',
  '\tSent 180 bytes 3 pkt (dropped 3, overlimits 0 requeues 0) ',
  '\tbacklog 0b 0p requeues 0',
  'filter protocol all pref 8 matchall chain 0 handle 0x1 ',
  '  not_in_hw',
  '\taction order 1: gact action pass',
  ' \tAction statistics:',
  '\tSent 960 bytes 12 pkt (dropped 0, overlimits 0 requeues 0) ',
  '\taction order 2: mirred (Egress Redirect to device ifb0) stolen',
  ' \tindex 1 ref 1 bind 1 installed 60 sec used 1 sec',
  ' \tAction statistics:',
  '\tSent 420 bytes 5 pkt (dropped 0, overlimits 0 requeues 0) ',
  '\taction order 3: mirred (Egress Mirror to device tap0) pipe',
  ' \tAction statistics:',
  '\tSent 840 bytes 10 pkt (dropped 0, overlimits 0 requeues 0) ',
  '\taction order 4:  police 0x1 rate 8Kbit burst 1Kb mtu 2Kb action drop overhead 0b ',
  '\tAction statistics:',
  '\tSent 900 bytes 9 pkts (dropped 2, overlimits 2 requeues 0) ',
  '',
].join('\n');

describe('filters', () => {
  test('only actions that take packets, each with how many, and programs by name', () => {
    const { actions, programs } = parseFilters(filters, 'cali1', 'ingress');
    expect(actions.map(({ kind, to, text, packets }) => [kind, to, text, packets])).toEqual([
      ['drop', null, 'gact action drop', 3],
      ['redirect', 'ifb0', 'mirred (Egress Redirect to device ifb0) stolen', 5],
      ['drop', null, 'police 0x1 rate 8Kbit burst 1Kb mtu 2Kb action drop overhead 0b', 2],
    ]);
    expect(programs).toEqual(['guard']);
  });
  test('none', () => {
    expect(parseFilters('', 'cali1', 'egress')).toEqual({ device: 'cali1', hook: 'egress', actions: [], programs: [] });
  });
});
