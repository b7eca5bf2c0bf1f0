import { describe, expect, test } from '@jest/globals';
import { LookError } from '../../../src/model/look-error.ts';
import { nodeRulesets } from '../../../src/probes/node/node-rulesets.ts';
import { readCapture } from '../../cases/capture.ts';
import { codeOf, probing, type Script } from '../scripted.ts';

const legacy = readCapture('healthy-legacy');
const nft = readCapture('healthy-nft');
const absent = { exit: 1, stderr: 'cat: /proc/net/ip_tables_names: No such file or directory' };
const notThere = { exit: 127, stderr: 'not found' };
const tables = 'table ip raw\ntable ip mangle\ntable ip nat\ntable ip filter\n';
const onLegacy: Script = {
  'cat-ip-tables-names': { stdout: 'filter\nnat\n' },
  'iptables-legacy-save': { stdout: legacy.text('n1/iptables-legacy-save-c.txt') ?? '' },
  'iptables-nft-save': {},
  'nft-list-tables': {},
  'ipset-save': { stdout: legacy.text('n1/ipset-save.txt') ?? '' },
};
const onNft: Script = {
  'cat-ip-tables-names': absent,
  'iptables-nft-save': { stdout: nft.text('n1/iptables-nft-save-c.txt') ?? '' },
  'nft-list-tables': { stdout: tables },
  'ipset-save': { stdout: nft.text('n1/ipset-save.txt') ?? '' },
};
const look = async (script: Script) => probing(nodeRulesets, { script }).fact('rulesets@target');
const backends = async (script: Script) => {
  const fact = await look(script);
  return fact.status === 'observed' ? fact.value.ruleSets.map(({ backend }) => backend) : codeOf(fact);
};

describe('reads what is in use, and no more: what is not scripted would be refused', () => {
  test.each<[string, Script, readonly string[]]>([
    ['legacy', onLegacy, ['iptables-legacy']],
    ['iptables-nft, whose tables nft need not print', onNft, ['iptables-nft']],
    ['an empty legacy subsystem', { ...onNft, 'cat-ip-tables-names': {} }, ['iptables-nft']],
    [
      'no nft at all',
      { ...onLegacy, 'iptables-nft-save': notThere, 'nft-list-tables': notThere },
      ['iptables-legacy', 'nftables'],
    ],
    ['no ipset', { ...onLegacy, 'ipset-save': notThere }, ['iptables-legacy']],
    [
      'native tables beside',
      {
        ...onNft,
        'nft-list-tables': { stdout: `${tables}table inet firewalld\ntable arp x\n` },
        'nft-list-table': { stdout: '{"nftables":[{"table":{"family":"inet","name":"firewalld","handle":1}}]}' },
      },
      ['iptables-nft', 'nftables'],
    ],
  ])('%s', async (_, script, expected) => {
    expect(await backends(script)).toEqual(expected);
  });
  test.each<[string, Script, readonly string[] | undefined, number]>([
    [
      'asked for',
      {
        'nft-list-chains': {
          stdout:
            'table netdev fw {\n\tchain i {\n\t\ttype filter hook ingress device "eth0" priority filter; policy drop;\n\t}\n}\n',
        },
      },
      ['eth0'],
      0,
    ],
    ['not to be had, and therefore uncertain', { 'nft-list-chains': { exit: 1, stderr: 'no' } }, undefined, 1],
  ])('the devices of a chain at ingress, which the JSON does not tell, are %s', async (_, script, devices, doubts) => {
    const table =
      '{"nftables":[{"table":{"family":"netdev","name":"fw"}},{"chain":{"family":"netdev","table":"fw","name":"i","type":"filter","hook":"ingress","prio":0,"policy":"drop"}}]}';
    const fact = await look({
      ...onNft,
      'nft-list-tables': { stdout: `${tables}table netdev fw\n` },
      'nft-list-table': { stdout: table },
      ...script,
    });
    const [, native] = fact.status === 'observed' ? fact.value.ruleSets : [];
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

describe('what a missing reader would have read is a gap, and uncertain; the rest is read', () => {
  test.each<[string, Script, string, string[]]>([
    ['iptables-legacy-save', onLegacy, 'tool-missing', ['iptables-legacy tables of iptables-legacy']],
    ['nft-list-tables', onNft, 'tool-missing', ['nftables tables of nftables']],
    ['nft-list-tables', onLegacy, 'tool-missing', ['nftables tables of nftables']],
    ['ipset-save', onNft, 'tool-missing', []],
    ['iptables-nft-save', onLegacy, '', []],
  ])('%s', async (hidden, script, code, unwalked) => {
    const fact = await look({ ...script, [hidden]: notThere });
    if (fact.status !== 'observed') throw new Error(fact.reason);
    expect((fact.gaps ?? []).map((gap) => `${gap.code} ${gap.node}`)).toEqual(code === '' ? [] : [`${code} n1`]);
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
    expect(fact.gaps).toEqual([{ code, reason: fact.value.setsUnread, node: 'n1' }]);
    expect(fact.value.ruleSets.map(({ sets }) => sets.length)).toEqual([0]);
  });
});

describe('half a rule set is none', () => {
  test.each<[string, Script, string]>([
    [
      'whether legacy is in use cannot be read',
      { ...onLegacy, 'cat-ip-tables-names': { exit: 1, stderr: 'cat: /proc/net/ip_tables_names: Permission denied' } },
      'command-failed',
    ],
    ['that command is wedged', { ...onLegacy, 'cat-ip-tables-names': { exit: null, timedOut: true } }, 'timeout'],
    [
      'the save is cut',
      { ...onLegacy, 'iptables-legacy-save': { stdout: '*filter\n', truncated: true } },
      'output-too-large',
    ],
    ['the save is wedged', { ...onNft, 'iptables-nft-save': { exit: null, timedOut: true } }, 'timeout'],
    [
      'the save fails',
      { ...onNft, 'iptables-nft-save': { exit: 4, stderr: 'nf_tables: Permission denied (you must be root)' } },
      'command-failed',
    ],
    ['tables cannot be listed', { ...onNft, 'nft-list-tables': { exit: 1 } }, 'command-failed'],
    ['the connection was refused', { ...onNft, 'ipset-save': new LookError('ssh-refused', 'no') }, 'ssh-refused'],
  ])('%s', async (_, script, code) => {
    expect(codeOf(await look(script))).toBe(code);
  });
});
