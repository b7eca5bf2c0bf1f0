import { spawnSync } from 'node:child_process';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Transcript } from '../../../src/model/command.ts';
import { packetOf } from '../../../src/ruleset/walk/packet.ts';
import { walkHook } from '../../../src/ruleset/walk/walk-hook.ts';
import { readRuleSets } from '../../../src/probes/lib/ruleset-reading.ts';

/** Real readers in a namespace of their own: what they leave out is their own choice. Needs root. */
const namespace = `mixed-${process.pid}`;
const ip = (...args: string[]) => spawnSync('ip', args, { encoding: 'utf8' });
const inside = (...args: string[]) => spawnSync('ip', ['netns', 'exec', namespace, ...args], { encoding: 'utf8' });
const shell = (script: string) => {
  const { status, stderr } = inside('sh', '-ec', script);
  if (status !== 0) throw new Error(`${script}: ${stderr}`);
};

/** Calico's own shape in small: the base chain leads on, marks and connection states decide. */
const calico = `
iptables-nft-restore <<'END'
*filter
:FORWARD DROP [0:0]
:cali-FORWARD - [0:0]
:cali-tw - [0:0]
-A FORWARD -m comment --comment "cali:wUHhoiAYhphO9Mso" -j cali-FORWARD
-A FORWARD -m comment --comment "Policy explicitly accepted packet." -m mark --mark 0x10000/0x10000 -j ACCEPT
-A cali-FORWARD -m conntrack --ctstate INVALID -m comment --comment "-c 1 2 -j ACCEPT" -j DROP
-A cali-FORWARD -o cali+ -g cali-tw
-A cali-tw -p tcp -m multiport --dports 8080,9090 -j MARK --set-xmark 0x10000/0x10000
COMMIT
*nat
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -m comment --comment "of kube-proxy" -m mark --mark 0x4000/0x4000 -j MASQUERADE
COMMIT
END`;

async function read(before: readonly string[] = []) {
  const commands: string[] = [];
  const reading = await readRuleSets('n', async ({ id, argv }, params = {}): Promise<Transcript> => {
    const [program = '', ...args] = argv.map((token) =>
      token.replaceAll(/\{(\w+):\w+\}/g, (_, key: string) => params[key] ?? ''),
    );
    commands.push(id);
    // The namespace has no legacy tables of its own, whatever the machine has.
    const { status, stdout, stderr } =
      id === 'cat-ip-tables-names' ? { status: 0, stdout: '', stderr: '' } : inside(...before, program, ...args);
    const common = { node: 'n', command: [program, ...args].join(' '), at: '2026-11-26T00:00:00Z', durationMs: 1 };
    return { ...common, exit: status, stdout, stderr, timedOut: false, truncated: false, file: null };
  });
  return { ...reading.value, commands };
}

const web = packetOf({
  source: '10.244.2.7',
  destination: '10.244.1.5',
  protocol: 6,
  sourcePort: 40000,
  destinationPort: 8080,
  ctState: 'NEW',
  tcpFlags: ['SYN'],
  length: 60,
  inInterface: 'eth0',
  outInterface: 'cali1',
});
const ruleset = () => inside('nft', '-a', 'list', 'ruleset').stdout;

beforeEach(() => {
  ip('netns', 'del', namespace);
  ip('netns', 'add', namespace);
  shell(calico);
});
afterAll(() => {
  ip('netns', 'del', namespace);
});

describe('every rule in the tables of iptables-nft is walked, whoever wrote it', () => {
  test.each<[string, string, string, string]>([
    ['nothing else', '', 'accept', 'FORWARD'],
    [
      'a base chain before the filter',
      `add chain ip filter hostfw { type filter hook forward priority -5; }; add rule ip filter hostfw tcp dport 8080 counter drop`,
      'drop',
      'hostfw',
    ],
    [
      'a base chain behind an accept, which drops by its policy',
      `add chain ip filter late { type filter hook forward priority 10; policy drop; }`,
      'drop',
      'late',
    ],
    [
      "a base chain under iptables' own name at another priority",
      `add table ip security; add chain ip security FORWARD { type filter hook forward priority 7; }; add rule ip security FORWARD ip saddr 10.244.2.0/24 drop`,
      'drop',
      'FORWARD',
    ],
    [
      'a base chain that passes the flow on',
      `add chain ip filter hostfw { type filter hook forward priority -5; }; add rule ip filter hostfw tcp dport 22 drop`,
      'accept',
      'FORWARD',
    ],
    [
      'a set that iptables leaves out of a rule, and that does not hold the source',
      `insert rule ip filter FORWARD ip saddr { 10.9.9.9, 10.9.9.8 } drop`,
      'accept',
      'FORWARD',
    ],
    [
      'a set that iptables leaves out of a rule, and that holds the source',
      `insert rule ip filter FORWARD ip saddr { 10.9.9.9, 10.244.2.7 } drop`,
      'drop',
      'FORWARD',
    ],
    [
      'a range of which iptables prints the last address',
      `insert rule ip filter FORWARD ip saddr 10.244.2.1-10.244.2.99 drop`,
      'drop',
      'FORWARD',
    ],
    [
      'a set by its name',
      `add set ip filter blocked { type ipv4_addr; elements = { 10.244.2.7 }; }; insert rule ip filter FORWARD ip saddr @blocked drop`,
      'drop',
      'FORWARD',
    ],
    [
      'a map by its name',
      `add map ip filter fates { type ipv4_addr : verdict; elements = { 10.244.2.7 : drop }; }; insert rule ip filter FORWARD ip saddr vmap @fates`,
      'drop',
      'FORWARD',
    ],
    [
      'a rule at which the save ends, in a chain that nothing leads to',
      `add chain ip filter ts-forward; add rule ip filter ts-forward iifname "tailscale0*" counter meta mark set meta mark & 0xff00ffff | 0x00040000`,
      'accept',
      'FORWARD',
    ],
    [
      'a rule at which the save ends, before all of Calico',
      `insert rule ip filter FORWARD meta mark set meta mark | 0x1`,
      'accept',
      'FORWARD',
    ],
    [
      'a rule at which the save ends, in another table',
      `add table ip mangle; add chain ip mangle FORWARD { type filter hook forward priority -150; }; add rule ip mangle FORWARD meta priority set 1:2`,
      'accept',
      'FORWARD',
    ],
    [
      'an expression for which the whole table is refused',
      `insert rule ip filter FORWARD ct state established accept`,
      'accept',
      'FORWARD',
    ],
    [
      'an expression for which the whole table is refused, and which drops',
      `insert rule ip filter cali-tw ct state new tcp dport 8080 drop`,
      'drop',
      'cali-tw',
    ],
    [
      'a chain in a table for address translation',
      `add chain ip nat lower { type nat hook postrouting priority 90; }; add rule ip nat lower ct state new masquerade`,
      'accept',
      'FORWARD',
    ],
  ])('%s', async (_, rules, decision, chain) => {
    if (rules !== '') shell(`nft '${rules}'`);
    const before = ruleset();
    const { ruleSets, unread } = await read();
    const result = walkHook(ruleSets, web, 'FORWARD');
    expect([result.decision, result.rule?.chain, result.uncertainties, unread]).toEqual([
      decision,
      chain,
      [],
      undefined,
    ]);
    expect(ruleset()).toBe(before);
  });

  test('a rule without a counter has none, whatever iptables prints', async () => {
    shell(`nft 'insert rule ip filter FORWARD ip daddr 10.244.1.5 drop'`);
    const { ruleSets } = await read();
    const rules =
      ruleSets[0]?.tables.find(({ name }) => name === 'filter')?.chains.find(({ name }) => name === 'FORWARD')?.rules ??
      [];
    expect(rules.map(({ counters, text }) => [counters, text.slice(0, 40)])[0]).toEqual([
      null,
      '-A FORWARD -d 10.244.1.5/32 -j DROP',
    ]);
    expect(rules[1]?.counters).toEqual({ packets: 0, bytes: 0 });
  });

  test('what only iptables could print, behind what it refuses in the same chain, is uncertain', async () => {
    shell(`nft 'add rule ip filter cali-tw ct state new tcp dport 8080 drop'`);
    const { ruleSets } = await read();
    const { decision, uncertainties } = walkHook(ruleSets, web, 'FORWARD');
    expect([decision, uncertainties.map(({ why }) => why.split(':')[0])]).toEqual([
      'unknown',
      ['nft prints "multiport" without its options', 'nft prints "MARK" without its options'],
    ]);
  });

  test('a healthy node costs one reading', async () => {
    const { commands } = await read();
    expect(commands.toSorted()).toEqual([
      'cat-ip-tables-names',
      'ipset-save',
      'iptables-nft-save',
      'nft-list-chain',
      'nft-list-chains',
    ]);
  });
});

/** As the agent runs whose manifest lost NET_RAW: iptables asks the sets' names by a raw socket, and ends without. */
const withoutRawSockets = ['setpriv', '--bounding-set=-net_raw', '--inh-caps=-net_raw', '--'];

describe('a rule at which iptables-nft gives up', () => {
  test.each([
    ['accepts perhaps', 'ACCEPT', 'DROP'],
    ['drops perhaps', 'DROP', 'ACCEPT'],
  ])('%s: it is an uncertainty at its place, and what stands behind it decides nothing', async (_, own, other) => {
    shell(`ipset create admitted hash:ip
      iptables-nft -A cali-tw -p tcp -m set --match-set admitted src -j ${own}
      iptables-nft -A cali-tw -p tcp --dport 8080 -j ${other}`);
    const { ruleSets } = await read(withoutRawSockets);
    const { decision, uncertainties } = walkHook(ruleSets, web, 'FORWARD');
    expect([decision, uncertainties.map(({ rule }) => rule)]).toEqual(['unknown', [expect.stringContaining('"set"')]]);
  });
});
