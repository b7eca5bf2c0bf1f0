import { expect, test } from '@jest/globals';
import type { ClusterReader } from '../../src/model/ports.ts';
import { pod } from '../../src/probes/cluster/pod.ts';
import { runDiagnosis } from '../../src/runs/run-diagnosis.ts';
import { deps, reading, request } from './one-run.ts';

test('the API server is asked for the pod once, by the check of the target and by the diagnosis together', async () => {
  const asked: string[] = [];
  const read: ClusterReader['read'] = async ({ kind, name }) => {
    asked.push(`${kind} ${name}`);
    const value = { metadata: { name, uid: 'u' }, spec: { containers: [] } } as never;
    return { ok: true, value, request: 'GET', at: '' };
  };
  const essential = { ...pod, essential: true as const };
  await runDiagnosis({ ...deps, probes: [essential, ...deps.probes], open: reading(read) }, request);
  expect(asked.filter((one) => one === 'Pod mypod')).toEqual(['Pod mypod']);
});
