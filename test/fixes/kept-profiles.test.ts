import { expect, test } from '@jest/globals';
import { grantControllerRbac } from '../../src/fixes/grant-controller-rbac/grant-controller-rbac.ts';
import { scaleControllerBack as fix } from '../../src/fixes/scale-controller-back/scale-controller-back.ts';
import { fixAccess } from '../../src/plans/fix-context.ts';
import { localAccess, localNode } from './local-node.ts';

const input = {
  node: 'n1',
  nodeAddress: '10.0.0.9',
  namespace: 'kube-system',
  name: 'x',
  datastore: 'etcdv3',
} as const;
const node = localNode({});
const keeps = fix.keeps!;
const { looking } = fixAccess(localAccess(node, [{ kind: 'Namespace', metadata: { name: 'shop' } }]), fix);

test('profiles of accounts and of Calico itself are not watched', async () => {
  node.says('calicoctl-get-profile-names', 'NAME\nprojectcalico-default-allow\nkns.shop\nksa.shop.default\n');
  expect(await keeps.names(looking, input)).toEqual(['profile kns.shop']);
});

test('a profile whose namespace is there is missed, and one whose namespace was deleted is not', async () => {
  expect(await keeps.missed(looking, input, ['profile kns.shop', 'profile kns.old'])).toEqual(['profile kns.shop']);
});

test('what is no list of profiles is not an empty one', async () => {
  node.says('calicoctl-get-profile-names', '');
  await expect(keeps.names(looking, input)).rejects.toThrow('printed no table of names');
});

test('with the Kubernetes datastore there are none to watch', () => {
  expect(keeps.notWatched({ ...input, datastore: 'kubernetes' })).toMatch(/not stored/);
  expect(keeps.notWatched(input)).toBeNull();
});

test('the controller that gets its rights back is watched in the same way, where calicoctl can be asked', async () => {
  const of = grantControllerRbac.keeps!;
  const at = { node: 'n1', nodeAddress: '10.0.0.9' };
  const rights = {
    accountNamespace: 'kube-system',
    accountName: 'x',
    missing: [{ group: '', resource: 'namespaces', verb: 'list' }],
  };
  const access = fixAccess(localAccess(node, [{ kind: 'Namespace', metadata: { name: 'shop' } }]), grantControllerRbac);
  node.says('calicoctl-get-profile-names', 'NAME\nkns.shop\n');
  expect(await of.names(access.looking, { ...rights, at })).toEqual(['profile kns.shop']);
  expect(await of.missed(access.looking, { ...rights, at }, ['profile kns.shop', 'profile kns.old'])).toEqual([
    'profile kns.shop',
  ]);
  expect(of.notWatched({ ...rights, at })).toBeNull();
  expect(of.notWatched({ ...rights, at: null })).toMatch(/^no node is known/);
  // A plan of an earlier version says nothing of a node.
  expect(grantControllerRbac.input.parse(rights)).toEqual({ ...rights, at: null });
});
