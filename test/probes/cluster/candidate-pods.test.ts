import { expect, test } from '@jest/globals';
import type { Pod } from '../../../src/model/kubernetes.ts';
import type { ClusterReader } from '../../../src/model/ports.ts';
import { candidatePods } from '../../../src/probes/cluster/candidate-pods.ts';
import { aPod, probing, scriptedCluster } from '../scripted.ts';

const both: Pod = {
  ...aPod,
  status: { ...aPod.status, podIPs: [{ ip: '10.244.1.5' }, { ip: 'fd00:10::5' }] },
};

test.each([
  [4, 'status.podIP=10.244.1.5'],
  [6, 'status.podIP=fd00:10::5'],
] as const)('pods with the judged address of IPv%i are asked for: %s', async (family, selector) => {
  const selectors: (string | undefined)[] = [];
  const scripted = scriptedCluster({ 'list Pod': [both] });
  const cluster: ClusterReader = {
    ...scripted,
    list: (query) => {
      selectors.push(query.fieldSelector);
      return scripted.list(query);
    },
  };
  const fact = await probing(candidatePods, { cluster, facts: { pod: both, family } }).fact('pods');
  expect(fact).toMatchObject({ status: 'observed', value: [both] });
  expect(selectors.filter((one) => one?.startsWith('status.podIP'))).toEqual([selector]);
});
