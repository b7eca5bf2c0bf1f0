import { expect, test } from '@jest/globals';
import { clientPod } from '../../src/computed/client-pod.ts';
import { unavailable } from '../../src/model/evidence.ts';
import type { FlowSource, Target } from '../../src/model/target.ts';
import { captured, valueOf } from '../support/facts.ts';

const pods = valueOf(await captured('healthy-legacy'), 'pods');
const asked = async (from: FlowSource | null) =>
  await clientPod.compute(
    {
      get: () => pods as never,
      evidence: () => [{ command: 'GET /api/v1/pods', node: null, at: '', excerpt: '5 pods', file: null }],
      ask: async () => unavailable('not-recorded', ''),
    },
    { from } as Target,
  );

test('the pod that was asked for as the client, with what its status says', async () => {
  const [pod] = pods;
  if (!pod) throw new Error('no pod');
  const { namespace = '', name } = pod.metadata;
  expect(await asked({ kind: 'pod', namespace, name })).toMatchObject({
    value: pod,
    evidence: [
      { command: 'GET /api/v1/pods', excerpt: expect.stringContaining(`${namespace}/${name}: phase Running`) },
    ],
  });
});

test('no other client is one, and a pod that nobody listed is told', async () => {
  expect(await asked(null)).toMatchObject({ code: 'not-applicable' });
  expect(await asked({ kind: 'node', name: 'n1' })).toMatchObject({ code: 'not-applicable' });
  expect(await asked({ kind: 'pod', namespace: 'default', name: 'gone' })).toMatchObject({ code: 'api-not-found' });
});
