import { describe, expect, test } from '@jest/globals';
import { LookError } from '../../../src/model/look-error.ts';
import { nodeRulesets } from '../../../src/probes/node/node-rulesets.ts';
import { readCapture } from '../../cases/capture.ts';
import { codeOf, probing, type Script } from '../scripted.ts';

const legacy = readCapture('healthy-legacy');
const nft = readCapture('healthy-nft');
const absent = { exit: 1, stderr: 'cat: /proc/net/ip_tables_names: No such file or directory' };
const notThere = { exit: 127, stderr: 'not found' };
/** As `nft list chains` prints a table with one chain. */
const chainOf = (table: string, head = '') => `table ${table} {\n\tchain c {\n${head}\t}\n}\n`;
const managed = ['raw', 'mangle', 'nat', 'filter'].map((name) => chainOf(`ip ${name}`)).join('');
const onLegacy: Script = {
  'cat-ip-tables-names': { stdout: 'filter\nnat\n' },
  'iptables-legacy-save': { stdout: legacy.text('n1/iptables-legacy-save-c.txt') ?? '' },
  'iptables-nft-save': {},
  'nft-list-chains': {},
  'ipset-save': { stdout: legacy.text('n1/ipset-save.txt') ?? '' },
};
const onNft: Script = {
  'cat-ip-tables-names': absent,
  'iptables-nft-save': { stdout: nft.text('n1/iptables-nft-save-c.txt') ?? '' },
  'nft-list-chains': { stdout: managed },
  'nft-list-chain': { exit: 1, stderr: 'Error: No such file or directory' },
  'ipset-save': { stdout: nft.text('n1/ipset-save.txt') ?? '' },
};
const look = async (script: Script) => probing(nodeRulesets, { script }).fact('rulesets@target');
const valueOf = async (script: Script) => {
  const fact = await look(script);
  if (fact.status === 'unavailable') throw new Error(fact.reason);
  return fact.value;
};
const backends = async (script: Script) => (await valueOf(script)).ruleSets.map(({ backend }) => backend);

describe('reads what is in use, and no more: what is not scripted would be refused', () => {
  test.each<[string, Script, readonly string[]]>([
    ['legacy', onLegacy, ['iptables-legacy']],
    ['iptables-nft, whose tables nft need not print', onNft, ['iptables-nft']],
    ['an empty legacy subsystem', { ...onNft, 'cat-ip-tables-names': {} }, ['iptables-nft']],
    ['no iptables-nft, and none of its tables', { ...onLegacy, 'iptables-nft-save': notThere }, ['iptables-legacy']],
    [
      'native tables beside',
      {
        ...onNft,
        'nft-list-chains': { stdout: `${managed}${chainOf('inet firewalld')}${chainOf('arp x')}` },
        'nft-list-table': { stdout: '{"nftables":[{"table":{"family":"inet","name":"firewalld","handle":1}}]}' },
      },
      ['iptables-nft', 'nftables'],
    ],
    [
      'native tables where the chains cannot be listed, as on a node of an older install',
      {
        ...onNft,
        'nft-list-chains': new LookError('command-failed', 'nft-list-chains is not in the allow-list'),
        'nft-list-tables': { stdout: 'table ip filter\ntable inet firewalld\ntable arp x\n' },
        'nft-list-table': { stdout: '{"nftables":[{"table":{"family":"inet","name":"firewalld","handle":1}}]}' },
      },
      ['iptables-nft', 'nftables'],
    ],
  ])('%s', async (_, script, expected) => {
    const value = await valueOf(script);
    expect([value.ruleSets.map(({ backend }) => backend), value.unread]).toEqual([expected, undefined]);
  });
  test.each<[string, string, readonly string[] | undefined, number]>([
    [
      'told by the list of chains',
      chainOf('netdev fw', '\t\ttype filter hook ingress device "eth0" priority filter; policy drop;\n'),
      ['eth0'],
      0,
    ],
    ['not told, and therefore uncertain', chainOf('netdev fw'), undefined, 1],
  ])('the devices of a chain at ingress, which the JSON does not tell, are %s', async (_, chains, devices, doubts) => {
    const table =
      '{"nftables":[{"table":{"family":"netdev","name":"fw"}},{"chain":{"family":"netdev","table":"fw","name":"c","type":"filter","hook":"ingress","prio":0,"policy":"drop"}}]}';
    const { ruleSets } = await valueOf({
      ...onNft,
      'nft-list-chains': { stdout: `${managed}${chains}` },
      'nft-list-table': { stdout: table },
    });
    const native = ruleSets[1];
    expect([native?.tables[0]?.chains[0]?.base?.devices, native?.uncertainties.length]).toEqual([devices, doubts]);
  });
  test('without iptables-nft-save its tables are read by nft, not left out', async () => {
    const table = '{"nftables":[{"table":{"family":"ip","name":"filter","handle":1}}]}';
    expect(await backends({ ...onNft, 'iptables-nft-save': notThere, 'nft-list-table': { stdout: table } })).toEqual([
      'iptables-nft',
      'nftables',
      'nftables',
      'nftables',
      'nftables',
    ]);
  });
});

const hostChain = chainOf('ip filter', '\t\ttype filter hook forward priority filter - 5; policy accept;\n');
const tainted = "# Table `filter' contains incompatible base-chains, use 'nft' tool to list them.\n";
const refused = "# Table `filter' is incompatible, use 'nft' tool.\n";
const save = nft.text('n1/iptables-nft-save-c.txt') ?? '';
const unprintable = [
  'Error: meta sreg key not supported',
  'iptables-nft-save v1.8.9 (nf_tables): Parsing nftables rule failed',
  'Perhaps iptables-nft-save or your kernel needs to be upgraded.',
].join('\n');

describe('a part that cannot be read is named, and the rest is read', () => {
  const legacyPart = 'the tables of iptables-legacy';
  test.each<[string, Script, string, string]>([
    [
      'legacy is in use and its reader is not there',
      { ...onLegacy, 'iptables-legacy-save': notThere, ...filled('iptables-nft-save') },
      legacyPart,
      'iptables-legacy-save is not installed on n1. Run apt-get install iptables',
    ],
    [
      'whether legacy is in use cannot be read',
      { ...onNft, 'cat-ip-tables-names': { exit: 1, stderr: 'cat: /proc/net/ip_tables_names: Permission denied' } },
      legacyPart,
      'Permission denied',
    ],
    ['that command is wedged', { ...onNft, 'cat-ip-tables-names': { exit: null, timedOut: true } }, legacyPart, 'time'],
    [
      'the legacy save is cut',
      {
        ...onLegacy,
        'iptables-legacy-save': { stdout: '*filter\n', truncated: true },
        ...filled('iptables-nft-save'),
      },
      legacyPart,
      'more than may be read',
    ],
    [
      'a native table cannot be read',
      {
        ...onNft,
        'nft-list-chains': { stdout: `${managed}${chainOf('inet fw')}` },
        'nft-list-table': { exit: 1, stderr: 'Error: Could not process rule: Out of memory\nlist table\n^^^^^^^^^^' },
      },
      'table inet fw',
      'Error: Could not process rule: Out of memory',
    ],
    [
      'a base chain that iptables leaves out cannot be read',
      { ...onNft, 'nft-list-chains': { stdout: hostChain }, 'iptables-nft-save': { stdout: `${tainted}${save}` } },
      'chain c in table ip filter',
      'No such file',
    ],
    [
      'nft cannot be asked for what iptables leaves out',
      {
        ...onNft,
        'nft-list-chains': { exit: 1, stderr: 'netlink: Error: cache initialization failed' },
        'nft-list-tables': { exit: 1, stderr: 'netlink: Error: cache initialization failed' },
      },
      'the tables of nft',
      'cache initialization failed',
    ],
    ['sets are too many', { ...onLegacy, 'ipset-save': { truncated: true } }, 'the sets of ipset', 'more than may be'],
  ])('%s', async (_, script, part, why) => {
    const { unread, ruleSets } = await valueOf(script);
    expect(unread).toEqual([expect.objectContaining({ part, why: expect.stringContaining(why) })]);
    expect(ruleSets.some(({ tables }) => tables.length > 0)).toBe(true);
    // ipset's sets are missed where a rule asks one.
    if (!part.includes('ipset'))
      expect(ruleSets.flatMap(({ uncertainties }) => uncertainties)).toEqual([
        { rule: part, why: expect.stringContaining(why), unwalked: true },
      ]);
  });

  test.each<[string, string, string, readonly (string | undefined)[]]>([
    [
      'its own base chains alone',
      `${tainted}${save}`,
      '',
      ["# Table `filter' contains incompatible base-chains", 'the tables of nft'],
    ],
    ['none of a table', `${refused}${save}`, '', ["# Table `filter' is incompatible", 'the tables of nft']],
    [
      'no rule behind one that it cannot print',
      save.slice(0, save.indexOf('COMMIT')),
      unprintable,
      ['the rest of the tables', 'the tables of nft'],
    ],
  ])('where nft is not there either, iptables prints %s: an uncertainty', async (_, stdout, stderr, expected) => {
    const { ruleSets } = await valueOf({
      ...onNft,
      'nft-list-chains': notThere,
      'iptables-nft-save': { stdout, stderr, exit: stderr === '' ? 0 : 3 },
    });
    const told = ruleSets.flatMap(({ uncertainties }) => uncertainties.filter(({ unwalked }) => unwalked));
    expect(told.map(({ rule }, at) => rule.slice(0, expected[at]?.length))).toEqual(expected);
    if (stderr !== '') expect(told[0]?.why).toContain('Error: meta sreg key not supported');
  });
});

describe('what a missing program would have read is a blind spot, and uncertain; the rest is read', () => {
  test.each<[string, Script, readonly string[], readonly string[]]>([
    ['iptables-legacy-save', onLegacy, ['tool-missing n1'], ['iptables-legacy the tables of iptables-legacy']],
    ['nft-list-chains', onNft, ['tool-missing n1'], ['nftables the tables of nft']],
    ['nft-list-chains', onLegacy, ['tool-missing n1'], ['nftables the tables of nft']],
    ['ipset-save', onNft, ['tool-missing n1'], []],
    ['iptables-nft-save', onLegacy, [], []],
  ])('%s', async (hidden, script, codes, unwalked) => {
    const fact = await look({ ...script, [hidden]: notThere });
    if (fact.status !== 'observed') throw new Error(fact.reason);
    expect((fact.gaps ?? []).map(({ code, node }) => `${code} ${node}`)).toEqual(codes);
    expect(
      fact.value.ruleSets.flatMap(({ backend, uncertainties }) =>
        uncertainties.filter((one) => one.unwalked).map(({ rule }) => `${backend} ${rule}`),
      ),
    ).toEqual(unwalked);
  });

  test.each<[string, Script[string], string]>([
    ['is missing', notThere, 'tool-missing'],
    ['may not run', { exit: 126, stderr: "timeout: failed to run command 'ipset': Permission denied" }, 'tool-refused'],
    [
      'is refused by the kernel',
      { exit: 1, stderr: 'Kernel error received: Operation not permitted' },
      'command-failed',
    ],
    [
      'speaks another version',
      { exit: 1, stderr: 'ipset v6.11: Kernel support protocol versions 6-7' },
      'command-failed',
    ],
    ['prints too much', { truncated: true }, 'output-too-large'],
    ['is wedged', { exit: null, timedOut: true }, 'timeout'],
  ])('ipset %s: the rules are read, and say why no set is', async (_, answer, code) => {
    const fact = await look({ ...onNft, 'ipset-save': answer });
    if (fact.status !== 'observed') throw new Error(fact.reason);
    const [unread] = fact.value.unread ?? [];
    expect(fact.gaps).toEqual([{ code, reason: unread?.why, node: 'n1' }]);
    expect(unread).toMatchObject({ part: 'the sets of ipset', code });
    expect(fact.value.ruleSets.map(({ sets }) => sets.length)).toEqual([0]);
  });
});

describe('nothing that can be read is no rule set', () => {
  test.each<[string, Script, string]>([
    ['the save is wedged', { ...onNft, 'iptables-nft-save': { exit: null, timedOut: true } }, 'command-failed'],
    [
      'the save fails',
      { ...onNft, 'iptables-nft-save': { exit: 4, stderr: 'nf_tables: Permission denied (you must be root)' } },
      'command-failed',
    ],
    ['the connection was refused', { ...onNft, 'ipset-save': new LookError('ssh-refused', 'no') }, 'ssh-refused'],
  ])('%s', async (_, script, code) => {
    const tables = { 'iptables-nft-save-table': { exit: 4, stderr: 'Permission denied (you must be root)' } };
    expect(codeOf(await look({ ...tables, ...script }))).toBe(code);
  });
});

/** A save of iptables-nft beside the tables of legacy. */
function filled(id: string): Script {
  return { [id]: { stdout: '*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n' } };
}
