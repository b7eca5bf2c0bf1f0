import { expect, test } from '@jest/globals';
import { defineComputed, type ComputedFact } from '../../../src/model/computed.ts';
import { observed } from '../../../src/model/evidence.ts';
import type { Transcript } from '../../../src/model/command.ts';
import type { Flow } from '../../../src/model/flow.ts';
import { flowConnections } from '../../../src/probes/node/flow-connections.ts';
import { flowBetween, podEnd } from '../../support/sample-flow.ts';
import { codeOf, probing } from '../scripted.ts';

const client = podEnd({ name: 'client', address: '10.244.2.7', node: 'n1', interface: 'cali2' });
const udp: Flow = { ...flowBetween(client, podEnd()), port: { protocol: 'udp', number: 53 } };
const counters = (count: number) => ({
  conntrack: { count, max: 262_144, dropped: 0 },
  wrongChecksums: null,
});
const entry = (to: string) =>
  `udp      17 29 src=10.244.2.7 dst=10.244.1.5 sport=40001 dport=53 [UNREPLIED] src=${to} dst=10.244.2.7 ` +
  'sport=53 dport=40001 mark=0 use=1\n';
const at = '2026-11-23T18:00:00.000Z';

function read(
  said: Partial<Transcript>,
  more: { readonly flow?: Flow; readonly count?: number; ebpf?: boolean; computed?: readonly ComputedFact[] } = {},
) {
  const { flow = udp, count = 12, ebpf = false, computed } = more;
  return probing(flowConnections, {
    computed: computed ?? [],
    script: {
      'conntrack-list-udp': { at, ...said },
      'conntrack-list-tcp': { at, ...said },
      'bash-ebpf-connections': { at, ...said },
    },
    facts: {
      flow,
      ...(computed ? {} : { reachability: { attempts: [] } }),
      dataplanes: [{ node: 'n1', dataplane: ebpf ? 'ebpf' : 'iptables-nft', signs: [] }],
      'kernel-counters@target': counters(count),
      'kernel-counters@source': counters(count),
      service: { endpoints: [] } as never,
    },
  }).fact('flow-connections');
}

const looks = async (said: Partial<Transcript>, flow: Flow = udp) => {
  const fact = await read(said, { flow });
  return fact.status === 'observed' ? fact.value.map(({ node, readings }) => [node, readings.length]) : fact.code;
};

test('of IPv6 as of IPv4', async () => {
  const [source, destination] = ['fd00:10:244:2::7', 'fd00:10:244:1::5'];
  const flow = {
    ...udp,
    source: { ...udp.source, address: source },
    destination: { ...udp.destination, address: destination },
  };
  const six = entry(destination).replaceAll('10.244.2.7', source).replaceAll('10.244.1.5', destination);
  const fact = await read({ stdout: six }, { flow });
  expect(fact).toMatchObject({
    status: 'observed',
    value: [{ readings: [{ connections: [{ original: { source, destination } }] }, {}] }],
  });
});

test('reads UDP twice, and again where an entry leads elsewhere', async () => {
  expect(await looks({ stdout: '' })).toEqual([['n1', 2]]);
  expect(await looks({ stdout: entry('10.244.1.5') })).toEqual([['n1', 2]]);
  expect(await looks({ stdout: entry('10.244.1.60') })).toEqual([['n1', 4]]);
});

/** One look after the other: when it began, in seconds, and in how many the entry of a stray ends. */
const inTurn = async (...said: readonly (readonly [second: number, expiresIn: number])[]) => {
  let next = 0;
  const answer = () => {
    const [second = 0, expiresIn = 0] = said[next] ?? [];
    next += 1;
    const began = new Date(Date.parse(at) + second * 1000).toISOString();
    return { at: began, durationMs: 5, stdout: entry('10.244.1.60').replace('17 29', `17 ${expiresIn}`) };
  };
  const fact = await probing(flowConnections, {
    script: { 'conntrack-list-udp': answer },
    facts: {
      flow: udp,
      reachability: { attempts: [] },
      dataplanes: [{ node: 'n1', dataplane: 'iptables-nft', signs: [] }],
      'kernel-counters@target': counters(12),
      'kernel-counters@source': counters(12),
      service: { endpoints: [] } as never,
    },
  }).fact('flow-connections');
  return fact.status === 'observed' ? fact.value[0]?.readings.length : fact.code;
};

test('watches a stray entry of UDP only until a packet of it has shown', async () => {
  expect(await inTurn([0, 20], [0.4, 29])).toBe(2);
  expect(await inTurn([0, 29], [0.4, 29], [1.2, 29])).toBe(3);
  expect(await inTurn([0, 29], [0.4, 28], [1.2, 27], [2.3, 26])).toBe(4);
  expect(await inTurn([0, 29], [1.2, 27], [2.3, 26])).toBe(3);
  expect(await inTurn([0, 29], [2.5, 26])).toBe(2);
});

test('reads TCP once: its state says what becomes of it', async () => {
  expect(await looks({ stdout: '' }, { ...udp, port: { protocol: 'tcp', number: 80 } })).toEqual([['n1', 1]]);
});

/** Does the probe wait for the test packets? */
const isAsked = async (protocol: 'tcp' | 'udp') => {
  let asked = false;
  const sent = defineComputed({
    id: 'reachability',
    description: '',
    essential: false,
    needs: [],
    compute: () => Promise.resolve(observed({ attempts: [] }, [])).finally(() => (asked = true)),
  });
  const flow: Flow = { ...udp, port: { protocol, number: 80 } };
  await read({ stdout: '' }, { flow, computed: [sent] }).then(codeOf);
  return asked;
};

test('reads TCP beside the test packets, and UDP before and after them', async () => {
  expect([await isAsked('tcp'), await isAsked('udp')]).toEqual([false, true]);
});

test('asks for the address of the Service on the node of the sender', async () => {
  const service = { name: 'default/web', address: '198.51.100.20', port: udp.port };
  const fact = await read({ stdout: '' }, { flow: { ...udp, service } });
  expect(fact).toMatchObject({ value: [{ destination: '198.51.100.20', port: 53 }] });
});

test.each([
  ['no conntrack on the node', { exit: 127, stderr: 'sudo: conntrack: command not found' }, {}, 'tool-missing'],
  ['it may not be read', { exit: 1, stderr: 'Operation failed: sorry, you must be root' }, {}, 'command-failed'],
  ['it was late', { exit: null, timedOut: true }, {}, 'timeout'],
  ['a table that costs the node seconds to read', { stdout: '' }, { count: 50_001 }, 'output-too-large'],
  ['programs translate what goes to a Service alone', { stdout: '' }, { ebpf: true }, 'not-applicable'],
  ['a ping', { stdout: '' }, { flow: { ...udp, port: { protocol: 'icmp' } as const } }, 'not-applicable'],
  ['a sender outside', { stdout: '' }, { flow: { ...udp, source: { ...client, node: null } } }, 'not-applicable'],
])('not known: %s', async (_, said, more, code) => {
  const fact = await read(said, more);
  expect(codeOf(fact)).toBe(code);
  if (code === 'tool-missing')
    expect(fact).toMatchObject({ reason: expect.stringContaining('apt-get install conntrack') });
});

const service = { name: 'default/web', address: '10.96.250.214', port: { protocol: 'tcp', number: 8080 } } as const;
const toService: Flow = { ...udp, port: service.port, service };
const dumped = (lines: string) => ({ stdout: `# connections\n${lines}# end 0\n` });

test('of a Service, the table of the eBPF programs is read before the test packets and after them', async () => {
  const fact = await read(
    dumped(
      'TCP 10.244.2.7:57766 -> 10.96.250.214:8080 -> 10.244.1.5:8080  Active ago 4.1s SYN-SENT\n' +
        'TCP 10.244.2.7:57767 -> 10.96.250.214:443 -> 10.244.1.5:8443  Active ago 4.1s ESTABLISHED\n' +
        'UDP 10.244.2.7:57768 -> 10.96.250.214:8080 -> 10.244.1.5:8080  Active ago 4.1s\n',
    ),
    { flow: toService, ebpf: true },
  );
  const connections = [{ state: 'SYN_SENT', reply: { source: '10.244.1.5' }, idleSeconds: 4.1 }];
  expect(fact).toMatchObject({
    value: [{ byPrograms: true, destination: '10.96.250.214' }],
  });
  expect(fact).toMatchObject({ value: [{ readings: [{ connections }, { connections }] }] });
});

test('addresses are given to the script as numbers', async () => {
  const given: unknown[] = [];
  await probing(flowConnections, {
    script: {
      'bash-ebpf-connections': (params) => {
        given.push(params);
        return dumped('');
      },
    },
    facts: {
      flow: toService,
      reachability: { attempts: [] },
      dataplanes: [{ node: 'n1', dataplane: 'ebpf', signs: [] }],
      service: { endpoints: [] } as never,
    },
  }).fact('flow-connections');
  expect(given[0]).toEqual({ source: '0af40207', destination: '0a60fad6' });
});

test.each<[string, Partial<Transcript>, Flow, string]>([
  ['no calico-node may be asked', { exit: 3, stderr: 'no privileged process' }, toService, 'not-supported'],
  ['the dump takes too long', { stdout: '# connections\n# end 124\n' }, toService, 'timeout'],
  [
    'there is no such map',
    { stdout: '# connections\ntime="t" level=fatal msg="no"\n# end 1\n' },
    toService,
    'command-failed',
  ],
  ['more is printed than may be', { stdout: '# connections\n', truncated: true }, toService, 'output-too-large'],
  ['it has another shape', dumped('Usage: conntrack\n'), toService, 'not-parsed'],
])('the table of the eBPF programs is not known: %s', async (_, said, flow, code) => {
  expect(codeOf(await read(said, { flow, ebpf: true }))).toBe(code);
});
