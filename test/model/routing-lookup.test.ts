import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { lookUp, type Lookup, type RoutedPacket } from '../../src/model/routing-lookup.ts';
import { answerOfRouteGet } from '../../src/probes/parse/ip-route-get.ts';
import { parseIpRoutes, parseRouteTables } from '../../src/probes/parse/ip-routes.ts';
import { parseIpRules } from '../../src/probes/parse/ip-rules.ts';
import { transcript } from '../probes/transcript.ts';

const usual = '0:	from all lookup local\n32766:	from all lookup main\n32767:	from all lookup default\n';
const packet: RoutedPacket = {
  destination: '10.244.1.5',
  source: '10.244.2.7',
  inInterface: 'in0',
  mark: 0,
  protocol: 6,
  sourcePort: 40_000,
  destinationPort: 8080,
};
const tables = parseRouteTables(
  '[{"dst":"default","dev":"vpn0","table":"52"},{"type":"throw","dst":"10.250.0.0/24","table":"52"},{"dst":"10.244.0.0/16","dev":"dead0","table":"53","flags":["dead"]},{"type":"local","dst":"10.250.0.1","dev":"eth0","table":"local"}]',
);
const main = parseIpRoutes(
  '[{"dst":"10.244.1.5","dev":"cali1"},{"type":"blackhole","dst":"10.244.1.0/26"},{"dst":"10.250.0.0/24","dev":"eth0"}]',
);
const looked = (rule: string, over: Partial<RoutedPacket> = {}) =>
  words(
    lookUp({ rules: parseIpRules(usual + rule).toSorted((a, b) => a.priority - b.priority), tables }, main, {
      ...packet,
      ...over,
    }),
  );
function words(found: Lookup): string {
  if (found.kind === 'route') return `${found.rule.priority} ${found.table} ${found.route.device ?? found.route.type}`;
  return found.kind === 'ended' ? `${found.rule.priority} ${found.action}` : found.kind;
}

test.each<[string, Partial<RoutedPacket>, string]>([
  ['', {}, '32766 main cali1'],
  ['', { destination: '10.244.1.6' }, '32766 main blackhole'],
  ['', { destination: '8.8.8.8' }, 'none'],
  ['', { destination: '10.250.0.1' }, '0 local eth0'],
  ['5270:	from all lookup 52', {}, '5270 52 vpn0'],
  ['5270:	from all lookup 52', { destination: '10.250.0.2' }, '32766 main eth0'],
  ['5270:	from all lookup 53', {}, '32766 main cali1'],
  ['5270:	from all lookup 99', {}, '32766 main cali1'],
  ['90:	from 10.244.2.0/26 lookup 52', {}, '90 52 vpn0'],
  ['90:	from 10.244.3.0/26 lookup 52', {}, '32766 main cali1'],
  ['90:	from 10.244.2.0/26 lookup 52', { source: null }, '32766 main cali1'],
  ['90:	not from 10.244.2.0/26 lookup 52', {}, '32766 main cali1'],
  ['90:	from all to 10.244.1.5 prohibit', {}, '90 prohibit'],
  ['90:	from all fwmark 0x80000/0xff0000 lookup 52', {}, '32766 main cali1'],
  ['90:	from all fwmark 0x80000/0xff0000 lookup 52', { mark: 0x80001 }, '90 52 vpn0'],
  ['90:	not from all fwmark 0xca6c lookup 52', {}, '90 52 vpn0'],
  ['90:	from all iif in0 lookup 52', {}, '90 52 vpn0'],
  ['90:	from all iif lo lookup 52', { inInterface: null, source: null }, '90 52 vpn0'],
  ['90:	from all oif vpn0 lookup 52', {}, '32766 main cali1'],
  ['90:	from all ipproto tcp dport 8000-9000 lookup 52', {}, '90 52 vpn0'],
  ['90:	from all ipproto udp lookup 52', {}, '32766 main cali1'],
  ['90:	from all dport 80 lookup 52', { destinationPort: null }, 'unknown'],
  ['90:	from 10.9.0.0/16 dport 80 lookup 52', { destinationPort: null }, '32766 main cali1'],
  ['90:	from all uidrange 0-0 lookup 52', {}, '90 52 vpn0'],
  ['90:	from all uidrange 1000-2000 lookup 52', {}, '32766 main cali1'],
  ['90:	from all lookup [l3mdev-table]', {}, '32766 main cali1'],
  ['90:	from all lookup [l3mdev-table]', { vrfTable: '52' }, '90 52 vpn0'],
  ['90:	from all lookup [l3mdev-table]', { vrfTable: '99' }, 'unknown'],
  ['90:	from all lookup [l3mdev-table]', { vrfTable: null }, 'unknown'],
  ['90:	not from all lookup [l3mdev-table]', {}, 'unknown'],
  ['90:	from all lookup main suppress_prefixlength 0\n91:	from all lookup 52', {}, '90 main cali1'],
  [
    '90:	from all lookup main suppress_prefixlength 0\n91:	from all lookup 52',
    { destination: '8.8.8.8' },
    '91 52 vpn0',
  ],
  ['90:	from all goto 5271\n5270:	from all lookup 52\n5271:	from all unreachable', {}, '5271 unreachable'],
  ['90:	from all nop', {}, '32766 main cali1'],
])('%j, %j', (rule, over, expected) => {
  expect(looked(rule, over)).toBe(expected);
});

const runs = Number(process.env['ROUTING_CASES'] ?? 150);
const seed = Number(process.env['ROUTING_SEED'] ?? Date.now() % 2 ** 31);
const address = fc.constantFrom('10.1.0.1', '10.1.0.2', '10.1.1.1', '10.2.0.1', '10.3.0.1');
const network = fc.constantFrom('10.0.0.0/8', '10.1.0.0/16', '10.1.0.0/24', '10.1.0.1/32', '10.2.0.0/16', 'default');
const target = fc.oneof(
  fc.constantFrom('dev in0', 'dev in1', 'via 10.9.0.2 dev out0 onlink'),
  fc.constantFrom('blackhole', 'unreachable', 'prohibit', 'throw'),
);
const route = fc
  .tuple(network, target, fc.constantFrom('main', '100', '101'))
  .map(([to, by, table]) =>
    by.startsWith('dev') || by.startsWith('via')
      ? `route replace ${to} ${by} table ${table}`
      : `route replace ${by} ${to} table ${table}`,
  );
const selector = fc.oneof(
  network.map((one) => (one === 'default' ? '' : `from ${one}`)),
  network.map((one) => (one === 'default' ? '' : `to ${one}`)),
  fc.constantFrom(
    'iif in0',
    'iif in1',
    'iif lo',
    'oif out0',
    'fwmark 0x10/0xf0',
    'fwmark 0x3',
    'tos 0x10',
    'uidrange 0-0',
    'uidrange 5-9',
  ),
  fc.constantFrom('ipproto tcp dport 80-90', 'ipproto udp', 'ipproto tcp sport 40000'),
);
const action = fc.constantFrom(
  'lookup 100',
  'lookup 101',
  'lookup main',
  'lookup main suppress_prefixlength 0',
  'blackhole',
  'unreachable',
  'prohibit',
  'goto 50',
  'lookup 102',
);
const rule = fc
  .tuple(fc.boolean(), selector, selector, action, fc.integer({ min: 1, max: 49 }))
  .map(([not, first, second, act, priority]) => {
    const [kind = ''] = first.split(' ');
    const both = second.startsWith(kind) || second === '' ? first : `${first} ${second}`;
    return `rule add pref ${priority} ${not && both.trim() !== '' ? 'not ' : ''}${both} ${act}`;
  });
const oneCase = fc.record({
  setup: fc.tuple(fc.array(route, { maxLength: 6 }), fc.array(rule, { maxLength: 4 })).map((all) => all.flat()),
  destination: address,
  entering: fc.option(fc.record({ source: address, device: fc.constantFrom('in0', 'in1') })),
  mark: fc.constantFrom(0, 0x10, 0x3),
});

const fresh = [
  'rule flush',
  'rule add pref 50 to 10.99.0.0/16 lookup main',
  'rule add pref 32766 lookup main',
  'rule add pref 32767 lookup default',
  ...['main', '100', '101'].map((table) => `route flush table ${table}`),
  'route add 10.9.0.0/24 dev out0 src 10.9.0.1',
];

// Random rules and tables: what is foretold from `ip rule` and `ip route show`, the kernel says. Needs root, for a network namespace.
test(`the lookup and the kernel agree on ${runs} random cases (ROUTING_SEED=${seed})`, () => {
  const cases = fc
    .sample(oneCase, { numRuns: runs, seed })
    .filter(({ destination, entering }) => entering?.source !== destination);
  const script = [
    'for i in in0 in1 out0; do ip link add $i type veth peer name p$i; ip link set $i up; ip link set p$i up; echo 0 > /proc/sys/net/ipv4/conf/$i/rp_filter; done',
    'echo 1 > /proc/sys/net/ipv4/ip_forward; echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter; ip link set lo up; ip addr add 10.9.0.1/24 dev out0',
    ...cases.flatMap(({ setup, destination, entering, mark }) => [
      `ip -force -batch - 2>/dev/null <<'END'\n${[...fresh, ...setup].join('\n')}\nEND`,
      'ip -4 rule show; echo "#"; ip -4 -j route show table all; echo "#"',
      `ip route get ${destination}${entering ? ` from ${entering.source} iif ${entering.device}` : ''} mark ${mark} ipproto tcp sport 40000 dport 80 2>&1; echo "# $?"`,
      "echo '###'",
    ]),
  ].join('\n');
  const printed = execFileSync('unshare', ['-n', 'sh'], { input: script, encoding: 'utf8', maxBuffer: 2 ** 26 });
  const blocks = printed.split('###\n').slice(0, cases.length);
  const wrong = blocks.flatMap((block, at) => {
    const one = cases[at];
    if (!one) return [];
    const [rules = '', routes = '', got = '', exit = ''] = block.split('#');
    const policy = { rules: parseIpRules(rules), tables: parseRouteTables(routes) };
    const foretold = lookUp(policy, policy.tables['main'] ?? [], {
      ...packet,
      destination: one.destination,
      source: one.entering?.source ?? null,
      inInterface: one.entering?.device ?? null,
      mark: one.mark,
      destinationPort: 80,
    });
    const [model, kernel] = [outcome(foretold), said(got, Number(exit))];
    return model === kernel
      ? []
      : [`${one.setup.join('; ')} | ${JSON.stringify(one)}: ${model}, and the kernel ${kernel}`];
  });
  expect(blocks).toHaveLength(cases.length);
  expect(wrong.slice(0, 3)).toEqual([]);
}, 120_000);

function outcome(found: Lookup): string {
  if (found.kind !== 'route') return found.kind === 'unknown' ? found.why : 'refused';
  const { route: taken, table } = found;
  return taken.type === 'unicast' ? `${taken.device} ${taken.gateway ?? ''} ${table}` : 'refused';
}

function said(text: string, exit: number): string {
  const answer = answerOfRouteGet(transcript(exit === 0 ? { stdout: text.trim() } : { exit, stderr: text.trim() }));
  if (answer.kind !== 'route') return answer.kind === 'refused' ? 'refused' : answer.reason;
  return `${answer.device} ${answer.gateway ?? ''} ${answer.table}`;
}
