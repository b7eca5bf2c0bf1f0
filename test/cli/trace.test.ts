import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { traceCommand } from '../../src/cli/trace.ts';

const captures = new URL('../fixtures/captures/', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'trace-'));

async function trace(...argv: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const code = await traceCommand(argv, {
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
  });
  return { code, ...said };
}
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
const policies = `${captures}policies-nft/n1`;
const toMypod = ['--in', 'tunl0', '--out', 'cali4e199eba087', '--dst', '10.244.1.5', '--hook', 'FORWARD', '--json'];
const rulesAndSets = ['--rules', `${policies}/iptables-nft-save-c.txt`, '--sets', `${policies}/ipset-save.txt`];

describe('trace', () => {
  test('an accept by mark: the rule that ends the walk, the owner of the mark, the way to it', async () => {
    const { code, out, err } = await trace(
      ...rulesAndSets,
      ...toMypod,
      '--src',
      '10.244.2.7',
      '--proto',
      'tcp',
      '--dport',
      '8080',
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({
      decision: 'accept',
      uncertainties: [],
      rule: {
        table: 'filter',
        chain: 'FORWARD',
        index: 2,
        comment: 'cali:S93hcgKJrXEqnTfs; Policy explicitly accepted packet.',
        tag: 'genuine',
      },
      owner: { kind: 'policy', name: 'web-from-client-and-shop-api', namespace: 'default', tier: 'default' },
      path: [
        { table: 'filter', chain: 'FORWARD', index: 1 },
        { table: 'filter', chain: 'cali-FORWARD', index: 4 },
        { table: 'filter', chain: 'cali-to-wl-dispatch', index: 2 },
        { table: 'filter', chain: 'cali-tw-cali4e199eba087', index: 9 },
        { table: 'filter', chain: 'cali-pi-_HZhhNjOOrRrky6WoPRo', index: 1 },
      ],
    });
  });

  test('a drop of the missing profile', async () => {
    const { code, out } = await trace(
      '--rules',
      `${captures}profile-missing-rbac-nft/n1/iptables-nft-save-c.txt`,
      ...toMypod,
      '--src',
      '10.244.2.7',
      '--proto',
      'icmp',
    );
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      decision: 'drop',
      rule: {
        table: 'filter',
        chain: 'cali-pri-kns.default',
        index: 2,
        comment: 'cali:OiSjD393a8sWs3Sj',
        tag: 'genuine',
      },
      owner: { kind: 'profile', name: 'kns.default', namespace: null, tier: null },
    });
  });

  test('rules without a table let everything pass, and say that others may hold the rules', async () => {
    const packet = ['--hook', 'FORWARD', '--proto', 'tcp', '--src', '192.0.2.7', '--dst', '192.0.2.5', '--dport', '80'];
    const empty = await trace('--rules', file('empty', ''), ...packet);
    expect(empty).toMatchObject({ code: 0, err: '' });
    expect(empty.out).toMatch(/^decision {2}accept\nnote {6}there is no table in the saved rules\. Run /);
    const rules = await trace('--rules', file('open', '*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n'), ...packet);
    expect(rules.out).not.toContain('note');
  });

  test('the end of a tier lists the policies that select', async () => {
    const { out } = await trace(...rulesAndSets, ...toMypod, '--src', '10.244.2.7', '--proto', 'icmp');
    expect(JSON.parse(out)).toMatchObject({
      decision: 'drop',
      owner: {
        kind: 'tier-default',
        name: 'default',
        tier: 'default',
        policies: [{ name: 'web-from-client-and-shop-api', namespace: 'default' }],
      },
    });
  });

  test('nftables mode', async () => {
    const { out } = await trace(
      '--rules',
      `${captures}profile-missing-rbac-nftables/n1/nft-list-ruleset-json.txt`,
      ...toMypod,
      '--src',
      '10.244.2.7',
      '--proto',
      'icmp',
    );
    expect(JSON.parse(out)).toMatchObject({
      decision: 'drop',
      rule: { table: 'calico', chain: 'filter-cali-pri-kns.default', tag: 'genuine' },
      owner: { kind: 'profile', name: 'kns.default' },
    });
  });

  test('without the sets the decision is unknown, and says why', async () => {
    const { code, out } = await trace(
      '--rules',
      `${policies}/iptables-nft-save-c.txt`,
      ...toMypod,
      '--src',
      '10.244.2.7',
      '--proto',
      'tcp',
      '--dport',
      '8080',
    );
    expect(code).toBe(2);
    const document: unknown = JSON.parse(out);
    expect(document).toMatchObject({ decision: 'unknown', rule: null, owner: null, path: [] });
    expect(document).toHaveProperty(
      'uncertainties.0.why',
      'the set cali40s:g_TM4cHGncRYRKupcms5_3m is not in the save',
    );
  });

  test('an edited chain shows at its rule', async () => {
    const edited = file(
      'edited.txt',
      '*filter\n:FORWARD ACCEPT [0:0]\n:cali-x - [0:0]\n-A FORWARD -j cali-x\n-A cali-x -m comment --comment "cali:AAAAAAAAAAAAAAAA" -j DROP\nCOMMIT\n',
    );
    const { out } = await trace('--rules', edited, ...toMypod, '--src', '10.244.2.7', '--proto', 'icmp');
    expect(JSON.parse(out)).toMatchObject({ rule: { tag: 'edited' }, owner: { kind: 'calico-static' } });
  });

  test('a policy of a base chain has index 0 and no tag', async () => {
    const dropping = file('policy.txt', '*filter\n:FORWARD DROP [0:0]\nCOMMIT\n');
    const { out } = await trace('--rules', dropping, ...toMypod, '--src', '10.244.2.7', '--proto', '4');
    expect(JSON.parse(out)).toMatchObject({
      decision: 'drop',
      rule: { chain: 'FORWARD', index: 0, comment: null, tag: null },
      owner: { kind: 'foreign' },
      path: [],
    });
  });

  test('for people', async () => {
    const { code, out } = await trace(
      ...rulesAndSets,
      ...toMypod.filter((word) => word !== '--json'),
      '--src',
      '10.244.2.7',
      '--proto',
      'icmp',
    );
    expect(code).toBe(0);
    expect(out).toMatchInlineSnapshot(`
"decision  drop
owner     tier-default default, where default/web-from-client-and-shop-api select
rule      filter cali-tw-cali4e199eba087 11: -A cali-tw-cali4e199eba087 -m comment --comment "cali:DhKGkRaIOjrXmRkb" -m comment --comment "End of tier default. Drop if no policies passed packet" -m mark --mark 0x0/0x20000 -j DROP [genuine]
path      filter FORWARD 1
          filter cali-FORWARD 4
          filter cali-to-wl-dispatch 2
"
`);
  });

  test.each([
    ['no rules', ['--src', '10.0.0.1', '--dst', '10.0.0.2', '--proto', 'tcp', '--hook', 'INPUT']],
    [
      'no such file',
      ['--rules', '/nowhere/rules', '--src', '10.0.0.1', '--dst', '10.0.0.2', '--proto', 'tcp', '--hook', 'INPUT'],
    ],
    [
      'no such hook',
      [...rulesAndSets, '--src', '10.0.0.1', '--dst', '10.0.0.2', '--proto', 'tcp', '--hook', 'SIDEWAYS'],
    ],
    ['no address', [...rulesAndSets, '--src', 'web', '--dst', '10.0.0.2', '--proto', 'tcp', '--hook', 'INPUT']],
    [
      'addresses of two families',
      [...rulesAndSets, '--src', 'fd00::1', '--dst', '10.0.0.2', '--proto', 'tcp', '--hook', 'INPUT'],
    ],
    [
      'no such protocol',
      [...rulesAndSets, '--src', '10.0.0.1', '--dst', '10.0.0.2', '--proto', 'carrier-pigeon', '--hook', 'INPUT'],
    ],
    [
      'a port too high',
      [
        ...rulesAndSets,
        '--src',
        '10.0.0.1',
        '--dst',
        '10.0.0.2',
        '--proto',
        'tcp',
        '--dport',
        '65536',
        '--hook',
        'INPUT',
      ],
    ],
    [
      'an unknown option',
      [...rulesAndSets, '--src', '10.0.0.1', '--dst', '10.0.0.2', '--proto', 'tcp', '--hook', 'INPUT', '--frob'],
    ],
    [
      'a word too many',
      [...rulesAndSets, '--src', '10.0.0.1', '--dst', '10.0.0.2', '--proto', 'tcp', '--hook', 'INPUT', 'please'],
    ],
  ])('refuses %s', async (_, argv) => {
    const { code, out, err } = await trace(...argv);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toMatch(/^error: /);
  });

  test.each([
    ['a file of something else', 'ls: cannot access x\n'],
    ['JSON that was cut off', '{"nftables": [{'],
  ])('refuses %s', async (_, text) => {
    const { code, err } = await trace(
      '--rules',
      file('other.txt', text),
      ...toMypod,
      '--src',
      '10.244.2.7',
      '--proto',
      'icmp',
    );
    expect(code).toBe(3);
    expect(err).toMatch(/^error: .*other\.txt is/);
  });
});
