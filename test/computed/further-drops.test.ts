import { expect, test } from '@jest/globals';
import { furtherDrops } from '../../src/computed/further-drops.ts';
import type { PacketWalk } from '../../src/model/flow-walk.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
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

test('no more than three are told', async () => {
  const rules = Array.from({ length: 6 }, () => drop('FORWARD', '-o cali+ '));
  expect(await found(beside(healthy, ...rules))).toHaveLength(3);
});
