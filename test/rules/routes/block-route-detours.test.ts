import { expect, test } from '@jest/globals';
import { blockRouteMissing as rule } from '../../../src/rules/routes/block-route-missing.ts';
import { findingsOf } from '../../../src/engine/evaluate.ts';
import { toFinding } from '../../../src/engine/finding.ts';
import { blind, changed, evaluated, valueOf, type Facts } from '../../support/facts.ts';
import { healthy, facts, without, downAt, byVxlan, third, leading } from './block-route-given.ts';

const told = async (of: Facts) => JSON.stringify((await evaluated(rule, of)).outcome);

test('where the kernel was not asked and the flow works, no route is called a detour', async () => {
  const works = changed(blind(facts, ['kernel-ways']), { reachability: valueOf(healthy, 'reachability') });
  const detour = changed(leading({ gateway: third }), { reachability: valueOf(healthy, 'reachability') });
  expect(await told(works)).toContain('each node has a route');
  expect(await told(detour)).toContain('not by a route to the block');
});

test('as the consequence of a tunnel device that is down on that node, not on another', async () => {
  expect(await downAt('links@source')).toEqual(['tunnel-device-down', null]);
  expect(await downAt('links@target')).toEqual([null, null]);
});

const asked = async (of: Facts) => {
  const [finding] = findingsOf(await evaluated(rule, without('routes@source', of)));
  return finding && toFinding({ rule, finding }).advice?.commands.join('\n');
};

test('who writes the routes is asked: Felix where VXLAN carries packets, else BGP', async () => {
  const install = valueOf(byVxlan, 'install');
  const part = {
    kind: 'Deployment',
    namespace: 'kube-system',
    name: 'calico-typha',
    selector: '',
    account: '',
  } as const;
  const withTypha = changed(byVxlan, { install: { ...install, typha: { ...part, owner: null } } });
  const [vxlan, fed, ipip] = await Promise.all([asked(byVxlan), asked(withTypha), asked(facts)]);
  expect(vxlan).toMatch(/ip route show to root 10\.244\.0\.0\/16 .*\n.*-c calico-node --tail=100\n.*sv restart/);
  expect(vxlan).not.toContain('calicoctl');
  expect(fed).not.toContain('sv restart');
  expect(ipip).toContain('calicoctl node status');
});
