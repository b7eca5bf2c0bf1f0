import { describe, expect, test } from '@jest/globals';
import { leftOverRules } from '../../src/computed/left-over-rules.ts';
import { walks } from '../../src/computed/walks.ts';
import { dataplanes } from '../../src/computed/dataplanes.ts';
import type { PacketWalk } from '../../src/model/flow-walk.ts';
import type { LeftOverRules } from '../../src/model/left-over-rules.ts';
import type { RuleSet } from '../../src/model/ruleset/rules.ts';
import { capturedRuleSet, mypod } from '../ruleset/captured.ts';
import { installed } from '../support/installs.ts';
import { blind, captured, changed, derive, valueOf, type Facts } from '../support/facts.ts';

const log = (command: string) => [`Looked up iptables command backendMode="x" command="${command}" ipVersion=0x4`];

/** A healthy node, and what an earlier Felix left on it. */
async function beside(name: string, left: RuleSet, felix: readonly string[] | null): Promise<Facts> {
  const facts = await captured(name);
  const read = valueOf(facts, 'rulesets@target');
  const split = changed(facts, { 'rulesets@target': { ...read, ruleSets: [...read.ruleSets, left] } });
  const logged = felix === null ? blind(split, ['felix-log@target']) : changed(split, { 'felix-log@target': felix });
  const found = (await derive(logged, leftOverRules)) as { readonly value: readonly LeftOverRules[] };
  return changed(logged, { 'left-over-rules': found.value });
}

async function toPod(facts: Facts): Promise<PacketWalk | undefined> {
  const fact = (await derive(facts, walks)) as { readonly value: readonly PacketWalk[] };
  return fact.value.find(({ leg }) => leg === 'target-ingress');
}

/** What an older Felix wrote when the profile was missing, or a policy denied. */
const dropping = capturedRuleSet('profile-missing-rbac-legacy', 'n1');
const denying = capturedRuleSet('k8s-deny-ingress-legacy', 'n1');
/** The same, without any chain of the pod: it was not there yet. */
const older: RuleSet = {
  ...dropping,
  tables: dropping.tables.map((table) => ({
    ...table,
    chains: table.chains.filter(({ name }) => !name.endsWith(mypod.interface)),
  })),
};

describe('which Felix programs, of several backends', () => {
  test('is told by its log', async () => {
    const facts = await beside('healthy-nft', dropping, log('iptables-nft-save'));
    expect(valueOf(facts, 'left-over-rules')).toEqual([
      {
        node: 'n1',
        backends: ['iptables-nft', 'iptables-legacy'],
        inUse: 'iptables-nft',
        sign: "Felix's log says so",
      },
    ]);
  });

  test('is told by the environment of calico-node, where the log does not tell', async () => {
    const install = { ...installed('manifest'), packetFilter: 'nftables' } as const;
    const facts = changed(await beside('healthy-nftables', dropping, null), { install });
    expect(await derive(facts, leftOverRules)).toMatchObject({
      value: [{ inUse: 'nftables', sign: "calico-node's environment says so" }],
    });
  });

  test('is the one with chains of the pod, where the log does not tell', async () => {
    const facts = await beside('healthy-nftables', older, null);
    expect(valueOf(facts, 'left-over-rules')).toMatchObject([{ inUse: 'nftables', sign: expect.any(String) }]);
  });

  test('is asked for chains of the interface by the name that another plugin gave it', async () => {
    const facts = await beside('healthy-nftables', older, null);
    const { interface: name } = valueOf(facts, 'flow').destination;
    const other = name?.replace('cali', 'azv') ?? '';
    const named = changed(facts, {
      'links@target': valueOf(facts, 'links@target').map((link) =>
        link.name === name ? { ...link, name: other } : link,
      ),
    });
    expect(await derive(named, leftOverRules)).toMatchObject({ value: [{ inUse: null, sign: '' }] });
  });

  test('is not known where all have them, or the log names a backend that has no rules', async () => {
    for (const felix of [null, log('iptables-nft-save')]) {
      const facts = await beside('healthy-nftables', dropping, felix);
      expect(valueOf(facts, 'left-over-rules')).toMatchObject([{ inUse: null }]);
    }
  });

  test('nothing is asked where one backend alone leads packets through rules of Calico', async () => {
    for (const name of ['healthy-legacy', 'healthy-nft', 'healthy-nftables', 'healthy-bpf']) {
      const facts = blind(await captured(name), ['felix-log@target', 'felix-log@source']);
      expect(await derive(facts, leftOverRules)).toMatchObject({ status: 'observed', value: [] });
    }
  });

  test('is what the node runs', async () => {
    const facts = await beside('healthy-nftables', dropping, ['Parsed value for NFTablesMode: Enabled (from x)']);
    expect(await derive(facts, dataplanes)).toMatchObject({ value: [{ node: 'n1', dataplane: 'nftables' }, {}] });
  });
});

describe('a packet that rules of another backend end', () => {
  test.each([
    ['healthy-nft', log('iptables-nft-save'), 'iptables-nft'],
    ['healthy-nftables', ['Parsed value for NFTablesMode: Enabled (from x)'], 'nftables'],
  ])('%s: is marked where those of Felix let it through', async (name, felix, inUse) => {
    for (const left of [dropping, denying]) {
      const walk = await toPod(await beside(name, left, felix));
      expect(walk).toMatchObject({
        result: { decision: 'drop', rule: { backend: 'iptables-legacy' } },
        leftOver: { backend: 'iptables-legacy', inUse },
      });
    }
  });

  test('is ended by the rules of Felix where these end it too', async () => {
    const facts = await beside('profile-missing-rbac-nftables', denying, [
      'Parsed value for NFTablesMode: Enabled (x)',
    ]);
    const walk = await toPod(facts);
    expect(walk).toMatchObject({
      result: { decision: 'drop', rule: { backend: 'nftables' } },
      standInForProfile: 'kns.default',
    });
    expect(walk?.leftOver).toBeUndefined();
  });

  test('is marked with no backend where nobody knows which one is in use', async () => {
    const walk = await toPod(await beside('healthy-nftables', dropping, null));
    expect(walk?.leftOver).toMatchObject({ backend: 'iptables-legacy', inUse: null });
  });

  test('is not one where Felix programs those rules', async () => {
    const facts = await beside('healthy-nftables', dropping, log('iptables-legacy-save'));
    const walk = await toPod(facts);
    expect([walk?.result.rule?.backend, walk?.leftOver]).toEqual(['iptables-legacy', undefined]);
  });

  test('passes where what was left lets it through', async () => {
    const left = capturedRuleSet('healthy-legacy', 'n1');
    const walk = await toPod(await beside('healthy-nftables', left, null));
    expect([walk?.result.decision, walk?.leftOver]).toEqual(['accept', undefined]);
  });
});
