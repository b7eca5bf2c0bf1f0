/** Policies of Calico 2.x: their chains say no kind, and of a long name only a hash. */
import { expect, test } from '@jest/globals';
import { chainName } from '../../../src/calico/chain-names.ts';
import { findingsOf } from '../../../src/engine/evaluate.ts';
import { policyDeniesIngress as rule } from '../../../src/rules/filter/policy-denies-ingress.ts';
import { captured, changed, droppedBy, evaluated, failing, leg, withWalk } from '../../support/facts.ts';

const longName = 'default.web-from-client-and-shop-api';

test.each([
  ['by a name in the chain', 'default.deny-web', 'deny-web'],
  ['by a hash of a name that is too long for the chain', longName, chainName('cali-pi-', longName).slice(8)],
])('a policy that is told %s goes by its stored name, with commands of its version', async (_, stored, told) => {
  const healthy = failing(await captured('healthy-legacy'));
  const walk = droppedBy(leg(healthy, 'target-ingress'), {
    kind: 'tier-default',
    name: 'default',
    policies: [{ kind: null, name: told, namespace: null, tier: 'default' }],
  });
  const policies = [{ kind: 'Policy', metadata: { name: stored }, spec: { types: ['Ingress'], ingress: [] } }];
  const ingress = { policies, tiers: [], networkSets: [], unreadNamespaces: [] };
  const facts = changed(withWalk(healthy, walk), { 'policy-objects': { ingress, egress: null } });
  const [finding] = findingsOf(await evaluated(rule, facts));
  expect(finding?.subject).toEqual({ kind: 'Policy', name: stored });
  expect(finding?.data).toMatchObject({
    policies: `Policy ${stored}`,
    admits: 'It allows nothing. ',
    edit: expect.stringMatching(new RegExp(`^calicoctl get policy ${stored} -o yaml > policy.yaml`)),
    entry: expect.stringMatching(/^- action: allow\n {2}protocol: (?:icmp|tcp)\n {2}source: \{(?:net|selector): /),
  });
});
