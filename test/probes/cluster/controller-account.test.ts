import { expect, test } from '@jest/globals';
import type { Controller } from '../../../src/model/control-plane.ts';
import { controllerAccount } from '../../../src/probes/cluster/controller-account.ts';
import { codeOf, probing } from '../scripted.ts';

const account = { namespace: 'kube-system', name: 'calico-kube-controllers' };
const controller: Controller = {
  name: 'calico-kube-controllers',
  namespace: 'kube-system',
  deployment: null,
  pods: [],
  account,
  enabledControllers: null,
  strangers: [],
};
const looked = (answer: unknown, facts: Controller = controller) =>
  probing(controllerAccount, { facts: { controller: facts }, api: { 'read ServiceAccount': answer } }).fact(
    'controller-account',
  );

test.each([
  [{ metadata: account }, 'present'],
  [404, 'absent'],
])('the account is there, or is not (%#)', async (answer, state) => {
  expect(await looked(answer)).toMatchObject({ status: 'observed', value: { ...account, state } });
});

test('what the API server would not say is not an absent account', async () => {
  expect(codeOf(await looked(403))).toBe('api-forbidden');
  expect(codeOf(await looked(null))).toBe('api-unreachable');
  expect(codeOf(await looked(500))).toBe('command-failed');
});

test('does not apply without a controller', async () => {
  expect(codeOf(await looked(404, { ...controller, account: null }))).toBe('not-applicable');
});
