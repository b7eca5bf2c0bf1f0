import { expect, test } from '@jest/globals';
import { startGathering } from '../../src/engine/gather.ts';
import { defineComputed } from '../../src/model/computed.ts';
import { observed, unavailable } from '../../src/model/evidence.ts';
import { LookError } from '../../src/model/look-error.ts';
import { clock, cluster, namespaceProbe, podProbe, shells, target } from './gathered.ts';

test('of needs that rest on one another, the first that could not be had says why', async () => {
  const lost = podProbe(async () => {
    throw new LookError('ssh-lost', 'gone');
  });
  const named = defineComputed({
    id: 'controller-log',
    description: '',
    essential: false,
    needs: ['namespace'],
    compute: (facts) => observed([facts.get('namespace').metadata.name]),
  });
  const gathering = startGathering(
    { probes: [lost, namespaceProbe], computed: [named], cluster, shells, clock },
    target,
    'r-1',
    new AbortController().signal,
  );
  expect(await gathering.fact('controller-log')).toEqual(unavailable('needed-fact-missing', 'needs pod: gone'));
});
