import { expect, test } from '@jest/globals';
import { apiTrouble } from '../../src/setup/api-server.ts';

const answer = (reason: string) => ({ ok: false, status: null, request: 'GET /api/v1/nodes', reason, at: '' }) as const;

test.each([
  ['no file', null, 'kubectl'],
  ['one file', '/srv/kubeconfig', 'kubectl --kubeconfig /srv/kubeconfig'],
  // kubectl takes one file after --kubeconfig.
  ['two files', '/srv/one:/srv/two', 'KUBECONFIG=/srv/one:/srv/two kubectl'],
])('with %s in KUBECONFIG, what a person is told to run reads the same', (_, kubeconfig, kubectl) => {
  expect(apiTrouble(answer('timeout'), kubeconfig).next).toBe(`Run ${kubectl} get --raw /readyz`);
  expect(apiTrouble(answer('the kubeconfig has no context x'), kubeconfig).next).toBe(
    `Run ${kubectl} config get-contexts, and correct KUBECONFIG or KUBE_CONTEXT`,
  );
});
