/** What would end the packet on its right way, where a kernel leads it astray. */
import { describe, expect, test } from '@jest/globals';
import { denials } from '../../src/computed/denials.ts';
import { furtherDrops } from '../../src/computed/further-drops.ts';
import { rightedWalks } from '../../src/computed/righted-walks.ts';
import type { Denials } from '../../src/model/denial.ts';
import type { PacketWalk } from '../../src/model/flow-walk.ts';
import type { RoutingPolicy } from '../../src/model/routing-policy.ts';
import { destinationRewritten } from '../../src/rules/filter/destination-rewritten.ts';
import { foreignRuleDrops } from '../../src/rules/filter/foreign-rule-drops.ts';
import { policyDeniesIngress } from '../../src/rules/filter/policy-denies-ingress.ts';
import { routingRuleDiverts } from '../../src/rules/routes/routing-rule-diverts.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { blind, captured, changed, derive, evaluated, judged, valueOf, type Facts } from '../support/facts.ts';
import { walkedAgain } from '../support/walked-again.ts';
import { lost, policy, rerouted, route } from '../support/ways.ts';

const tcp = { port: { protocol: 'tcp', number: 8080 } } as const;
const healthy = lost(await captured('healthy-legacy', tcp));
const denying = lost(await captured('k8s-deny-ingress-legacy', tcp));
const vpn: RoutingPolicy = policy(['5270:	from all lookup 52'], {
  52: [{ destination: '0.0.0.0/0', device: 'vpn0' }],
});

/** The pod's own route leads to what another pod left. */
function toStale(of: Facts): Facts {
  const { address } = valueOf(of, 'flow').destination;
  const routes = valueOf(of, 'routes@target');
  const own = route({ destination: address, device: 'calistale000000', metric: 0 });
  return rerouted(of, { 'routes@target': [...routes.filter(({ destination }) => destination !== address), own] });
}

const diverted = (of: Facts) => rerouted(of, { 'routing@target': vpn });

const withFirewall = (of: Facts, ...rules: readonly string[]) => firewalled(of, 'FORWARD', rules);

function firewalled(of: Facts, chain: string, rules: readonly string[]): Facts {
  const rulesets = valueOf(of, 'rulesets@target');
  const lines = rules.map((rule) => `-A ${chain} ${rule} -j DROP\n`).join('');
  const own = parseIptablesSave(`*mangle\n:${chain} ACCEPT [0:0]\n${lines}COMMIT\n`, { backend: 'iptables-nft' });
  return changed(of, { 'rulesets@target': { ...rulesets, ruleSets: [...rulesets.ruleSets, own] } });
}

/** With what is computed of them. */
async function whole(of: Facts): Promise<Facts> {
  const walked = blind(walkedAgain(of), ['drop-counters']);
  const righted = await valueFrom<readonly PacketWalk[]>(walked, rightedWalks);
  const now = changed(walked, { 'righted-walks': righted });
  return changed(now, { 'further-drops': await valueFrom<readonly PacketWalk[]>(now, furtherDrops) });
}

async function valueFrom<T>(of: Facts, unit: Parameters<typeof derive>[1]): Promise<T> {
  const fact = await derive(of, unit);
  if (fact?.status !== 'observed') throw new Error(`${unit?.id} was not computed`);
  return fact.value as T;
}

async function denied(of: Facts): Promise<readonly string[]> {
  const { denied: found } = await valueFrom<Denials>(await whole(of), denials);
  return found.map(
    ({ leg, class: kind, stopsFlow, onRightWayToo }) =>
      `${leg} ${kind}${stopsFlow ? ' stops' : ''}${onRightWayToo ? ' on the right way too' : ''}`,
  );
}

test('nothing is walked again where no kernel leads the packet astray', async () => {
  expect(valueOf(await whole(rerouted(healthy)), 'righted-walks')).toEqual([]);
  expect(valueOf(await whole(rerouted(denying)), 'righted-walks')).toEqual([]);
});

describe.each([
  ['the route of the pod is wrong', toStale],
  ['a routing rule diverts the packet', diverted],
] as const)('%s', (_, astray) => {
  test('a policy that would deny the packet on its right way is another fault', async () => {
    const found = await denied(astray(denying));
    expect(found.filter((one) => one.includes('tier-end'))).toEqual(['target-ingress tier-end on the right way too']);
    expect(await judged(policyDeniesIngress, await whole(astray(denying)))).toEqual([
      expect.stringMatching(/^selects Policy .* @n1 inferred$/),
    ]);
  });

  test('without such a policy, none is told', async () => {
    expect((await denied(astray(healthy))).filter((one) => one.includes('right way'))).toEqual([]);
    expect(await judged(policyDeniesIngress, await whole(astray(healthy)))).not.toEqual(
      expect.arrayContaining([expect.anything()]),
    );
  });

  test('a rule of others that ends the packet on both ways is a cause of its own', async () => {
    const found = await denied(withFirewall(astray(healthy), '-p tcp -m tcp --dport 8080'));
    expect(found).toContain('target-ingress foreign stops on the right way too');
    const { outcome } = await evaluated(foreignRuleDrops, await whole(withFirewall(astray(healthy), '-p tcp')));
    expect(outcome).toMatchObject({ outcome: 'fail', findings: [{ stopsFlow: true, lacks: [] }] });
  });
});

test('a rule of others that ends the packet only on its wrong way lacks the right one', async () => {
  const facts = await whole(withFirewall(diverted(healthy), '-o vpn0'));
  const { outcome } = await evaluated(foreignRuleDrops, facts);
  expect(outcome).toMatchObject({ outcome: 'fail', findings: [{ lacks: [{ kind: 'way' }] }] });
  expect(await judged(routingRuleDiverts, facts)).toEqual([expect.stringContaining('stops')]);
});

test('a rule of others that ends it on its wrong way, and behind a policy on the right one, is a cause of its own', async () => {
  const facts = firewalled(diverted(denying), 'POSTROUTING', ['-p tcp']);
  expect(await denied(facts)).toEqual([
    'target-ingress foreign stops on the right way too',
    'target-ingress tier-end on the right way too',
  ]);
  const { outcome } = await evaluated(foreignRuleDrops, await whole(facts));
  expect(outcome).toMatchObject({ outcome: 'fail', findings: [{ stopsFlow: true, lacks: [] }] });
  const alone = await whole(firewalled(diverted(denying), 'POSTROUTING', ['-p tcp -o vpn0']));
  expect((await evaluated(foreignRuleDrops, alone)).outcome).toMatchObject({
    findings: [{ lacks: [{ kind: 'way' }] }],
  });
});

test('rules of others behind each other on the right way are all told', async () => {
  const facts = withFirewall(diverted(denying), '-p tcp', '-o cali+');
  expect((await denied(facts)).toSorted()).toEqual([
    'target-ingress foreign on the right way too',
    'target-ingress foreign stops on the right way too',
    'target-ingress tier-end on the right way too',
  ]);
  const { outcome } = await evaluated(foreignRuleDrops, await whole(facts));
  expect(outcome).toMatchObject({ findings: [{ lacks: [] }, { stopsFlow: false, lacks: [] }] });
});

describe('a rule sends the packet to another address', () => {
  const dnat = '-p tcp -m tcp --dport 8080 -j DNAT --to-destination 198.51.100.7:9999';
  const withNat = (of: Facts): Facts => {
    const nat = parseIptablesSave(`*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING ${dnat}\nCOMMIT\n`, {
      backend: 'iptables-nft',
    });
    const rulesets = valueOf(of, 'rulesets@target');
    return changed(of, { 'rulesets@target': { ...rulesets, ruleSets: [...rulesets.ruleSets, nat] } });
  };

  test('a policy that would deny the packet where it was sent is another fault', async () => {
    const facts = await whole(withNat(rerouted(denying)));
    expect(await denied(withNat(rerouted(denying)))).toEqual(['target-ingress tier-end on the right way too']);
    expect(await judged(policyDeniesIngress, facts)).toEqual([
      expect.stringMatching(/^selects Policy .* @n1 inferred$/),
    ]);
    expect(await judged(destinationRewritten, blind(facts, ['path-capture']))).toEqual([
      expect.stringMatching(/^sends Rule nat .* stops$/),
    ]);
  });

  test('without such a policy, none is told', async () => {
    expect(await denied(withNat(rerouted(healthy)))).toEqual([]);
  });

  test('a rule of others that ends the packet before is the cause', async () => {
    const facts = withNat(firewalled(rerouted(healthy), 'PREROUTING', ['-p tcp']));
    expect(await denied(facts)).toEqual(['target-ingress foreign stops']);
  });

  test('what stands behind a rule that ends it on both ways is found once', async () => {
    const facts = await whole(withNat(withFirewall(rerouted(denying), '-o cali+')));
    const places = valueOf(facts, 'further-drops').map(({ leg, result: { rule } }) => `${leg} ${rule?.table}`);
    expect(places).toEqual(['target-ingress mangle', 'target-ingress filter']);
  });

  test('a time to live that a rule ends stops it only if it is forwarded', async () => {
    const own = parseIptablesSave(
      '*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 8080 -j TTL --ttl-set 1\nCOMMIT\n',
      {
        backend: 'iptables-nft',
      },
    );
    const shortened = (of: Facts): Facts => {
      const rulesets = valueOf(of, 'rulesets@target');
      return changed(of, { 'rulesets@target': { ...rulesets, ruleSets: [...rulesets.ruleSets, own] } });
    };
    expect(await denied(shortened(rerouted(healthy)))).toContain('target-ingress foreign stops');
    expect(await denied(withNat(shortened(rerouted(healthy))))).toEqual([
      'target-ingress foreign on the right way too',
    ]);
  });
});

test.each([
  { dataplanes: [{ node: 'n1', dataplane: 'ebpf', signs: [] }] },
  { 'left-over-rules': [{ node: 'n1', backends: ['iptables-legacy'], inUse: null, sign: 'none' }] },
] as const)('nothing is walked again where others decide: %j', async (others) => {
  expect(valueOf(await whole(changed(diverted(denying), others)), 'righted-walks')).toEqual([]);
});
