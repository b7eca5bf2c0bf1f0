import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Chain } from '../../../src/model/ruleset/rules.ts';
import { parseIptablesSave } from '../../../src/ruleset/iptables/save.ts';
import { felixNftSpellings } from '../../../src/ruleset/felix/nft-spelling.ts';
import { standInFor } from '../../../src/ruleset/felix/profile-stand-in.ts';
import { authenticateChain, predictTags } from '../../../src/ruleset/felix/rule-tags.ts';
import { captured, capturedRuleSet, capturedSaves } from '../captured.ts';
import { filterTable } from '../rules-of.ts';

const chainsOf = (path: string) => {
  const { backend, tables } = parseIptablesSave(captured(path));
  return tables.flatMap((table) => table.chains.map((chain) => ({ backend, table: table.name, chain })));
};
const chainOf = (folder: string, name: string): Chain => {
  const found = capturedRuleSet(folder, 'n1')
    .tables.flatMap(({ chains }) => chains)
    .find((chain) => chain.name === name);
  if (!found) throw new Error(`no chain ${name}`);
  return found;
};

const chain = (name: string, ...rules: string[]): Chain => {
  const [found] =
    filterTable([`:${name} - [0:0]`, ...rules.map((rule) => `-A ${name} ${rule}`)]).tables[0]?.chains.filter(
      (one) => one.name === name,
    ) ?? [];
  if (!found) throw new Error('no chain');
  return found;
};

describe('rule tags', () => {
  test.each([
    ['cali-pri-k8s_ns.default', ['--jump DROP'], ['yVw1jR_AsGFo9Rpe']],
    [
      'cali-pri-k8s_ns.default',
      ['--jump MARK --set-mark 0x1000000/0x1000000', '-m mark --mark 0x1000000/0x1000000 --jump RETURN'],
      ['6MWuUqsVPzpSgE3L', 'UGCdoOXoPRcONGv8'],
    ],
    [
      'cali-pri-kns.default',
      [
        '-m comment --comment "Profile kns.default ingress" --jump MARK --set-mark 0x40000/0x40000',
        '-m mark --mark 0x40000/0x40000 --jump DROP',
      ],
      ['PX1AtFRQSw4LQ26Q', 'OiSjD393a8sWs3Sj'],
    ],
    [
      'cali-tw-cali0a1b2c3d4e5',
      [
        '-m conntrack --ctstate RELATED,ESTABLISHED --jump ACCEPT',
        '-m conntrack --ctstate INVALID --jump DROP',
        '--jump MARK --set-mark 0/0x30000',
        '--jump cali-pri-kns.default',
      ],
      ['AIuGawlwQwBVqVk5', 'Cp4980RNnKLhAmKP', '27vSkv3LwCQLDVFi', 'ODQIBZ8rSGPFx6a9'],
    ],
  ])('are foretold from the text for %s', (chain, spellings, tags) =>
    expect(predictTags(chain, spellings)).toEqual(tags),
  );

  test('of every captured rule verify; the two of the host firewall have none', () => {
    const counts = { genuine: 0, foreign: 0, edited: 0, unverified: 0 };
    for (const path of capturedSaves) {
      for (const { backend, table, chain } of chainsOf(path)) {
        const { state, rules } = authenticateChain(backend, table, chain);
        expect({ path, chain: chain.name, state }).toEqual({
          path,
          chain: chain.name,
          state: chain.name.startsWith('cali-') ? 'genuine' : 'foreign',
        });
        for (const rule of rules) counts[rule] += 1;
      }
    }
    expect(counts).toEqual({ genuine: expect.any(Number), foreign: 4, edited: 0, unverified: 0 });
    expect(counts.genuine).toBeGreaterThan(4_000);
  });

  const editable = chainsOf('policies-nft/n1/iptables-nft-save-c.txt').filter(
    ({ chain }) => chain.name.startsWith('cali-') && chain.rules.length > 1,
  );

  test('show every change of a rule, every rule taken from within, put in or moved', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...editable),
        fc.nat(),
        fc.constantFrom('change', 'take', 'put', 'swap', 'strip'),
        ({ backend, table, chain }, dice, edit) => {
          const { rules } = chain;
          const at = dice % (edit === 'take' || edit === 'swap' ? rules.length - 1 : rules.length);
          const one = rules[at];
          const next = rules[at + 1];
          if (!one) throw new Error('no rule');
          const edited = {
            change: () =>
              rules.with(at, {
                ...one,
                text: one.text.replace(/ -[jg] .*|$/, dice % 2 === 0 ? ' -j QUEUE' : ' -p 99 -j DROP'),
              }),
            take: () => rules.toSpliced(at, 1),
            put: () => rules.toSpliced(at, 0, { ...one, text: `-A ${chain.name} -j DROP`, tag: null }),
            swap: () => (next ? rules.with(at, next).with(at + 1, one) : rules),
            strip: () => rules.with(at, { ...one, tag: null }),
          }[edit]();
          const found = authenticateChain(backend, table, { ...chain, rules: edited });
          expect(found.state).toBe('edited');
          expect(found.why).not.toBeNull();
          // Rules before the edit stay verified.
          expect(found.rules.slice(0, at).every((state) => state === 'genuine')).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('a rule that is missing at the end shows where such chains always end the same', () => {
    const whole = chainOf('policies-nft', 'cali-tw-cali4e199eba087');
    expect(authenticateChain('iptables-nft', 'filter', { ...whole, rules: whole.rules.slice(0, -1) })).toMatchObject({
      state: 'edited',
      why: 'the rule that ends every chain of this kind is missing',
    });
  });

  test("of Felix's rules for eBPF mode verify, in the kernel's chains and in its own", () => {
    const save = readFileSync(new URL('../../fixtures/bpf-mode-save.txt', import.meta.url), 'utf8');
    const { backend, tables } = parseIptablesSave(save);
    const states = tables.flatMap(({ name, chains }) =>
      chains.flatMap((one) =>
        authenticateChain(backend, name, one).rules.filter((_, at) => one.rules[at]?.tag !== null),
      ),
    );
    expect([states.length, new Set(states)]).toEqual([33, new Set(['genuine'])]);
  });

  test('of every captured rule in nftables mode verify too, and show an edit', () => {
    for (const folder of ['healthy-nftables', 'profile-missing-rbac-nftables']) {
      const tables = (['n1', 'n2'] as const).flatMap((node) =>
        [false, true].flatMap((after) =>
          after && folder.startsWith('healthy') ? [] : capturedRuleSet(folder, node, after).tables,
        ),
      );
      const states = tables.flatMap(({ name, chains }) =>
        chains.flatMap((chain) => authenticateChain('nftables', name, chain).rules),
      );
      expect(states.length).toBeGreaterThan(150);
      expect(new Set(states)).toEqual(new Set(['genuine']));
    }
    const chain = chainOf('healthy-nftables', 'filter-cali-INPUT');
    const [first] = chain.rules;
    if (!first) throw new Error('no rule');
    expect(
      authenticateChain('nftables', 'calico', {
        ...chain,
        rules: chain.rules.with(0, { ...first, text: first.text.replace('accept', 'drop') }),
      }),
    ).toMatchObject({ state: 'edited' });
  });
});

describe('the stand-in for a profile that is missing', () => {
  test('of a rule about a named port verify, which nft lists without the protocol', () => {
    const [s, n] = ['cali40s-g_TM4cHGncRYRKupcms5_3m', 'cali40n-cl9_Kgeu4H0OGLbhovVR3NB'];
    const chain = 'filter-cali-pi-np/default/knp.default.from-client';
    const felix = `meta l4proto tcp ip saddr @${s} ip daddr . meta l4proto . th dport @${n} counter meta mark set mark or 0x10000`;
    expect(predictTags(chain, [felix], 'nft')).toEqual(['0d_qCuXRfZ6oYaDE']);
    const text = `ip saddr @${s} ip daddr . meta l4proto . tcp dport @${n} counter meta mark set meta mark | 0x10000`;
    expect(felixNftSpellings({ text })).toContain(felix);
  });

  test.each(['profile-missing-rbac-legacy', 'profile-missing-rbac-nft', 'profile-missing-rbac-nftables'])(
    'is recognised in %s, both directions',
    (folder) => {
      const layer = folder.endsWith('-nftables') ? 'filter-' : '';
      for (const [name, direction] of [
        [`${layer}cali-pri-kns.default`, 'ingress'],
        [`${layer}cali-pro-kns.default`, 'egress'],
      ] as const) {
        expect(standInFor(chainOf(folder, name), 'kns.default')).toMatchObject({
          profile: 'kns.default',
          direction,
          form: 'mark-and-drop',
          action: 'DROP',
        });
      }
      expect(
        standInFor(
          chainOf(folder.replace('profile-missing-rbac', 'healthy'), `${layer}cali-pri-kns.default`),
          'kns.default',
        ),
      ).toBeNull();
    },
  );

  test('is recognised as 2017 wrote it, by its tag alone', () => {
    const drop = chain('cali-pri-k8s_ns.default', '-m comment --comment "cali:yVw1jR_AsGFo9Rpe" -j DROP');
    expect(standInFor(drop, 'k8s_ns.default')).toMatchObject({ form: 'drop' });
    expect(
      standInFor(
        chain('cali-pri-k8s_ns.default', '-m comment --comment "cali:yVw1jR_AsGFo9Rpa" -j DROP'),
        'k8s_ns.default',
      ),
    ).toBeNull();
    expect(standInFor(drop, 'k8s_ns.other')).toBeNull();
  });

  test('is recognised in a chain of a hashed name', () => {
    const tags = predictTags('cali-pro-_u2Tn2rSoAPffvE7JO6', [
      '-m comment --comment "Profile ksa.kube-system.coredns egress" --jump REJECT',
    ]);
    const hashed = chain(
      'cali-pro-_u2Tn2rSoAPffvE7JO6',
      `-m comment --comment "cali:${tags[0]}" -m comment --comment "Profile ksa.kube-system.coredns egress" -j REJECT --reject-with icmp-port-unreachable`,
    );
    expect(standInFor(hashed, 'ksa.kube-system.coredns')).toMatchObject({
      form: 'commented-drop',
      action: 'REJECT',
      direction: 'egress',
    });
  });
});
