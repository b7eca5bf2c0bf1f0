import { expect, test } from '@jest/globals';
import { draft } from '../../src/fixes/scale-controller-back/draft.ts';
import { lastChange } from '../../src/fixes/kit/last-change.ts';

const named = (name: string, managedFields?: readonly object[]) => ({
  kind: 'Deployment',
  object: { metadata: { name, namespace: 'kube-system', ...(managedFields ? { managedFields } : {}) } },
});
const scaled = { manager: 'kubectl', subresource: 'scale', time: '2026-01-01T02:51:00Z' };

test('the newest change of any of the objects counts, and what a controller says of their state does not', () => {
  const older = { manager: 'kubectl-client-side-apply', time: '2026-01-01T01:00:00Z' };
  const state = { manager: 'kube-controller-manager', subresource: 'status', time: '2026-01-01T02:52:00Z' };
  expect(lastChange([named('a', [older, scaled, state]), named('b', [older])])).toEqual({
    object: 'Deployment kube-system/a',
    by: 'kubectl',
    at: scaled.time,
  });
});

test('a writer without a name is another program; without a time nothing is said', () => {
  expect(lastChange([named('a', [{ time: scaled.time }])])).toMatchObject({ by: 'another program' });
  expect(lastChange([named('a', [{ manager: 'helm' }]), named('b')])).toBeUndefined();
});

test('a plan says it, and says nothing where it is not known', () => {
  const input = {
    namespace: 'kube-system',
    name: 'c',
    datastore: 'etcdv3',
    node: 'n',
    nodeAddress: '192.0.2.1',
  } as const;
  const changed = lastChange([named('a', [scaled])]);
  expect(draft(input, { uid: 'u', resourceVersion: '7', owner: null, changed }).changed).toEqual(changed);
  expect(draft(input, { uid: 'u', resourceVersion: '7', owner: null })).not.toHaveProperty('changed');
});
