import { beforeAll, expect, test } from '@jest/globals';
import { resourceKey } from '../../../src/model/resource.ts';
import { calicoGuardDrops as rule } from '../../../src/rules/filter/calico-guard-drops.ts';
import { findingsOf } from '../../../src/jobs/evaluate.ts';
import { blind, captured, changed, droppedBy, evaluated, failing, judged, leg, undecided, valueOf, withWalk, type Facts } from '../../support/facts.ts';

let unknown: Facts;
let healthy: Facts;
beforeAll(async () => {
  unknown = await captured('calico-node-forbidden-new-pod-kdd-nft', { pod: 'newpod' });
  healthy = failing(await captured('healthy-legacy'));
});

test('fails: an interface that Felix does not know', async () => {
  expect(await judged(rule, unknown)).toEqual(['drops Rule filter cali-to-wl-dispatch 2 @n1 inferred stops', 'drops Rule filter cali-from-wl-dispatch 2 @n1 inferred stops']);
  expect(findingsOf(await evaluated(rule, unknown)).map(({ lacks }) => lacks?.map(resourceKey))).toEqual(['to', 'from'].map(() => ['programming:n1', 'nodeName:n1', 'endpoint:default/newpod']));
});

test('where Felix is dead, its own rule says it', async () => {
  const dead = { processes: [], liveness: null, readiness: null };
  expect(await judged(rule, changed(unknown, { 'felix@target': dead }))).toBe('not-applicable');
});

test('where nobody could see whether Felix lives, the drop is still named', async () => {
  expect(await judged(rule, blind(unknown, ['felix@target', 'felix@source']))).toHaveLength(2);
});

test('fails: an endpoint that is disabled', async () => {
  const walk = droppedBy(leg(healthy, 'target-ingress'), { kind: 'endpoint', name: 'cali1' }, { comments: ['cali:x', 'Endpoint admin disabled'] });
  expect(await judged(rule, withWalk(healthy, walk))).toEqual(['drops Rule filter cali-tw-x 3 @n1 inferred stops']);
});

test('passes: profiles, policies and others\' rules are not its own', async () => {
  const noProfile = droppedBy(leg(healthy, 'target-ingress'), { kind: 'endpoint', name: 'cali1' }, { comments: ['Drop if no profiles matched'] });
  expect(await judged(rule, withWalk(healthy, noProfile))).toBe('pass');
  for (const name of ['healthy-nftables', 'profile-missing-rbac-nft', 'k8s-deny-ingress-legacy', 'foreign-forward-drop-nft']) expect(await judged(rule, await captured(name))).toBe('pass');
});

test('unknown is no pass', async () => {
  expect(await judged(rule, withWalk(healthy, undecided(leg(healthy, 'target-outer'))))).toBe('inconclusive');
  expect(await judged(rule, changed(healthy, { walks: valueOf(healthy, 'walks').filter(({ node }) => node === 'n1') }))).toBe('inconclusive');
  expect(await judged(rule, blind(healthy, ['walks']))).toBe('inconclusive');
});

test('does not apply without a flow', async () => {
  expect(await judged(rule, blind(healthy, ['flow'], 'not-applicable'))).toBe('not-applicable');
});
