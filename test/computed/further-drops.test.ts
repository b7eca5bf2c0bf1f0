import { expect, test } from '@jest/globals';
import { furtherDrops } from '../../src/computed/further-drops.ts';
import type { PacketWalk } from '../../src/model/flow-walk.ts';
import { findRule } from '../../src/ruleset/chains/find-rule.ts';
import { letPass } from '../../src/ruleset/chains/passing-rule.ts';
import { parseNftJson } from '../../src/ruleset/nft/listing.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { readCapture } from '../cases/capture.ts';
import { captured, changed, derive, valueOf, type Facts } from '../support/facts.ts';
import { walkedAgain } from '../support/walked-again.ts';
import { rerouted } from '../support/ways.ts';

const healthy = rerouted(await captured('healthy-legacy', { port: { protocol: 'tcp', number: 8080 } }));
const denying = rerouted(await captured('k8s-deny-ingress-legacy', { port: { protocol: 'tcp', number: 8080 } }));

/** Rules of somebody in mangle, which packets meet before and behind Calico's own chains in filter. */
function beside(of: Facts, ...rules: readonly string[]): Facts {
  const own = parseIptablesSave(
    [
      '*mangle',
      ':FORWARD ACCEPT [0:0]',
      ':POSTROUTING ACCEPT [0:0]',
      ...rules.map((rule) => `-A ${rule}`),
      'COMMIT\n',
    ].join('\n'),
    { backend: 'iptables-nft' },
  );
  const rulesets = valueOf(of, 'rulesets@target');
  return walkedAgain(changed(of, { 'rulesets@target': { ...rulesets, ruleSets: [...rulesets.ruleSets, own] } }));
}

async function found(of: Facts): Promise<readonly string[]> {
  const fact = await derive(of, furtherDrops);
  if (fact?.status !== 'observed') throw new Error('it was not computed');
  return (fact.value as readonly PacketWalk[]).map(
    ({ leg, result: { rule } }) => `${leg} ${rule?.table} ${rule?.chain} ${rule?.index}`,
  );
}

const drop = (chain: string, match = '') => `${chain} ${match}-j DROP`;

test('nothing stands behind where nothing drops', async () => {
  expect(await found(beside(healthy))).toEqual([]);
});

test('one drop has none behind it', async () => {
  expect(await found(beside(healthy, drop('FORWARD', '-o cali+ ')))).toEqual([]);
});

test('others behind the first, in the same chain and in later ones, are found in their order', async () => {
  const rules = [drop('FORWARD', '-o cali+ '), drop('FORWARD', '-o cali+ -p tcp '), drop('POSTROUTING', '-o cali+ ')];
  expect(await found(beside(healthy, ...rules))).toEqual([
    'target-ingress mangle FORWARD 2',
    'target-ingress mangle POSTROUTING 1',
  ]);
});

test('a rule for other packets is none of them', async () => {
  const rules = [drop('FORWARD', '-o cali+ '), drop('POSTROUTING', '-o cali+ -p udp ')];
  expect(await found(beside(healthy, ...rules))).toEqual([]);
});

test("Calico's denial behind a rule of somebody, and that of somebody behind Calico's", async () => {
  const [denial, ...more] = await found(beside(denying, drop('FORWARD', '-o cali+ ')));
  expect(more).toEqual([]);
  expect(denial).toMatch(/^target-ingress filter cali-/);
  expect(await found(beside(denying, drop('POSTROUTING', '-o cali+ ')))).toEqual([
    'target-ingress mangle POSTROUTING 1',
  ]);
});

const closing = /^.*-A FORWARD .*Policy explicitly accepted packet.*\n/m;

/** What stands behind the policy of a capture whose save is changed. */
async function behindPolicy(change: (save: string) => string): Promise<readonly string[]> {
  const rulesets = valueOf(denying, 'rulesets@target');
  const save = readCapture('k8s-deny-ingress-legacy').text(`${rulesets.node}/iptables-legacy-save-c.txt`) ?? '';
  const own = parseIptablesSave(change(save), { backend: 'iptables-legacy' });
  const ruleSets = rulesets.ruleSets.map((one) => (one.backend === own.backend ? own : one));
  return found(walkedAgain(changed(denying, { 'rulesets@target': { ...rulesets, ruleSets } })));
}

test.each<[string, (save: string) => string, readonly string[]]>([
  ['nothing else', (save) => save, []],
  [
    'a rule of somebody',
    (save) => save.replace(closing, (rule) => `[0:0] -A FORWARD -p tcp -m tcp --dport 8080 -j DROP\n${rule}`),
    ['target-ingress filter FORWARD 2'],
  ],
  ['no rule that accepts by the mark, and none that drops', (save) => save.replace(closing, ''), []],
  [
    'no rule that accepts by the mark, and a policy that drops',
    (save) => save.replace(closing, '').replace(/(?<=\*filter\n(?::.*\n)*):FORWARD ACCEPT/, ':FORWARD DROP'),
    ['target-ingress filter FORWARD 0'],
  ],
])("behind Calico's jump in FORWARD stands %s", async (_what, change, expected) => {
  expect(await behindPolicy(change)).toEqual(expected);
});

test.each(['policies-legacy', 'policies-nft', 'policies-nftables'])('%s: what passes a tier is marked', (name) => {
  const capture = readCapture(name);
  const sets =
    name === 'policies-nftables'
      ? [parseNftJson(capture.text('n1/nft-list-ruleset-json.txt') ?? '')]
      : [parseIptablesSave(capture.text(`n1/iptables-${name.slice(9)}-save-c.txt`) ?? '')];
  const places = sets.flatMap(({ backend, tables }) =>
    tables.flatMap(({ family, name: table, chains }) =>
      chains.flatMap(({ name: chain, rules }) =>
        rules.flatMap(({ index, actions, comments }) =>
          /cali-tw-/.test(chain) && comments.some((one) => one.startsWith('End of tier')) && actions.length > 0
            ? [{ backend, family, table, chain, index }]
            : [],
        ),
      ),
    ),
  );
  expect(places.length).toBeGreaterThan(0);
  for (const place of places)
    expect(findRule(letPass(sets, place, 'accept'), place)?.rule?.actions).toEqual([
      { kind: 'set-mark', value: 0x10000, mask: 0x10000 },
      { kind: 'return' },
    ]);
});

test('no more than three are told', async () => {
  const rules = Array.from({ length: 6 }, () => drop('FORWARD', '-o cali+ '));
  expect(await found(beside(healthy, ...rules))).toHaveLength(3);
});
