/** What findings say of a twin: another pod of the node, for which the same thing is as it should be. */
import { expect, test } from '@jest/globals';
import { hostInterfaceName } from '../../src/calico/endpoint-names.ts';
import { findingsOf } from '../../src/engine/evaluate.ts';
import { toFinding } from '../../src/engine/finding.ts';
import { observed } from '../../src/model/evidence.ts';
import type { FactKey } from '../../src/model/facts.ts';
import type { Rule } from '../../src/model/rule.ts';
import { podGatewaySilent } from '../../src/rules/endpoint/pod-gateway-silent.ts';
import { podInterfaceDown } from '../../src/rules/endpoint/pod-interface-down.ts';
import { podInterfaceMissing } from '../../src/rules/endpoint/pod-interface-missing.ts';
import { podProfileMissing } from '../../src/rules/endpoint/pod-profile-missing.ts';
import { calicoGuardDrops } from '../../src/rules/filter/calico-guard-drops.ts';
import { podProfileDenies } from '../../src/rules/filter/pod-profile-denies.ts';
import { policyDeniesIngress } from '../../src/rules/filter/policy-denies-ingress.ts';
import { ipForwardDisabled } from '../../src/rules/routes/ip-forward-disabled.ts';
import { blind, captured, changed, evaluated, factOf, failing, valueOf, type Facts } from '../support/facts.ts';
import { withPodNetwork, withPodNetworks, withSetting, withSettings } from '../support/network-facts.ts';
import { profiled, unselected, withTwins } from '../support/twins.ts';
import { rerouted } from '../support/ways.ts';

const other = hostInterfaceName('default', 'web-2');
const web = { name: 'web-2', rules: unselected };
const healthy = withTwins(await captured('healthy-legacy'), 'healthy-legacy', [web]);
const own = valueOf(healthy, 'flow').destination.interface ?? '';

/** The sentences of a rule's findings about twins, and what of the evidence is of the twin. */
async function said(rule: Rule, facts: Facts): Promise<readonly string[]> {
  return findingsOf(await evaluated(rule, facts)).map((finding) => {
    const { data } = finding;
    const twin = data['twin'] ?? data['twinInterface'] ?? data['twinSetting'] ?? '(none)';
    expect(toFinding({ rule, finding }).detail).toContain(twin.trim());
    return twin;
  });
}

async function shows(rule: Rule, facts: Facts, words: string): Promise<boolean> {
  const [finding] = findingsOf(await evaluated(rule, facts));
  return finding?.evidence.some(({ excerpt }) => excerpt.includes(words)) === true;
}

/** The same, and then without other pods. */
async function withAndWithout(rule: Rule, facts: Facts): Promise<readonly (readonly string[])[]> {
  return [await said(rule, facts), await said(rule, blind(facts, ['pods', 'twin-walks']))];
}

test('a policy that does not select the twin', async () => {
  const facts = withTwins(await captured('k8s-deny-ingress-legacy'), 'k8s-deny-ingress-legacy', [web]);
  expect(await withAndWithout(policyDeniesIngress, facts)).toEqual([
    [' By the rules of n1 the same packet to pod default/web-2 passes: this policy does not select it.'],
    [''],
  ]);
  expect(await shows(policyDeniesIngress, facts, 'Profile kns.default ingress')).toBe(true);
});

test('a profile that the twin has', async () => {
  const shop = { namespace: 'shop', name: 'db', rules: profiled('kns.shop') };
  const facts = withTwins(await captured('profile-missing-rbac-legacy'), 'profile-missing-rbac-legacy', [shop]);
  const words = ' By the rules of n1 the same packet to pod shop/db passes: profile kns.shop allows it.';
  expect(await withAndWithout(podProfileMissing, facts)).toEqual([[words], ['']]);
  const spec = { ingress: [{ action: 'Deny' }], egress: [{ action: 'Deny' }] };
  const profiles = ['kns.default', 'ksa.default.default'].map((name) => ({
    name,
    profile: { metadata: { name }, spec },
  }));
  const stored = changed(facts, { profiles, 'source-profiles': profiles });
  const denials = await factOf(stored, 'denials');
  const [denial] = denials.status === 'observed' ? denials.value.denied : [];
  if (!denial) throw new Error('nothing denies it');
  const { leg, node, rule: ending } = denial;
  const twins = (await evaluatedTwins(facts)).map((one) => ({ ...one, leg, node, ending }));
  expect(await said(podProfileDenies, changed(stored, { 'twin-walks': twins }))).toEqual([
    words.replace('n1', node).replace('packet to', 'packet from'),
  ]);
});

test('an interface that Felix has programmed', async () => {
  const facts = await captured('calico-node-forbidden-new-pod-kdd-nft', { pod: 'newpod' });
  expect(await said(calicoGuardDrops, facts)).toContain(
    ` By the rules of n1 the same packet to pod default/mypod passes: Felix has programmed its interface ${own}.`,
  );
});

test("an interface of the twin's that is up", async () => {
  const links = (flags: readonly string[] | null) => ({
    'links@target': valueOf(healthy, 'links@target').flatMap((one) =>
      one.name !== own ? [one] : flags === null ? [] : [{ ...one, flags }],
    ),
  });
  const down = rerouted(healthy, links([]));
  expect(await withAndWithout(podInterfaceDown, down)).toEqual([
    [` Interface ${other} of pod default/web-2 is up there.`],
    [''],
  ]);
  expect(await withAndWithout(podInterfaceMissing, changed(healthy, links(null)))).toEqual([
    [` That of pod default/web-2 is there: ${other}.`],
    [''],
  ]);
  const bothDown = valueOf(down, 'links@target').map((one) => (one.name === other ? { ...one, flags: ['UP'] } : one));
  expect(await said(podInterfaceDown, changed(down, { 'links@target': bothDown }))).toEqual(['']);
});

test('a setting that is on for the interface of the twin', async () => {
  const set = withSettings(healthy);
  const { interfaces, saved } = valueOf(set, 'interface-settings@target');
  const ofOwn = interfaces.find(({ name }) => name === own);
  if (!ofOwn) throw new Error('no settings');
  const settings = { saved, interfaces: [...interfaces, { ...ofOwn, name: other }] };
  const base = failing(withPodNetworks(changed(set, { 'interface-settings@target': settings })));
  const words = ` It is 1 for ${other} of pod default/web-2.`;
  const asking = withPodNetwork(base, 'pod-network', {
    neighbours: [{ node: 'n1', address: '169.254.1.1', device: 'eth0', linkAddress: null, state: 'FAILED' }],
  });
  for (const [rule, key] of [
    [ipForwardDisabled, 'forwarding'],
    [podGatewaySilent, 'proxyArp'],
  ] as const) {
    const off = withSetting(asking, 'target', own, { [key]: false });
    expect(await withAndWithout(rule, off)).toEqual([[words], ['']]);
    expect(await said(rule, withSetting(off, 'target', other, { [key]: false }))).toEqual(['']);
  }
});

test('a twin of another rule of the node is not told', async () => {
  const facts = withTwins(await captured('k8s-deny-ingress-legacy'), 'k8s-deny-ingress-legacy', [web]);
  const derived = await evaluatedTwins(facts);
  const elsewhere = derived.map((one) => ({ ...one, ending: { ...one.ending, index: 1 } }));
  expect(await said(policyDeniesIngress, { ...facts, ['twin-walks' satisfies FactKey]: observed(elsewhere) })).toEqual([
    '',
  ]);
});

async function evaluatedTwins(facts: Facts) {
  const fact = await factOf(facts, 'twin-walks');
  if (fact.status !== 'observed') throw new Error(fact.reason);
  return fact.value;
}
