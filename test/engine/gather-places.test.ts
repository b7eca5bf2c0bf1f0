import { expect, test } from '@jest/globals';
import { observed } from '../../src/model/evidence.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { LookError } from '../../src/model/look-error.ts';
import { defineNodeProbe } from '../../src/model/probe.ts';
import { giver } from '../probes/scripted.ts';
import { aPod, gathering } from './gathered.ts';

test('the node of a place is looked for once, however many probes run there: a cluster has many', async () => {
  const asked = { count: 0 };
  const nodes = Array.from({ length: 300 }, (_, index) => ({
    metadata: { name: `n${index}` },
    get status() {
      asked.count += 1;
      return { addresses: [{ type: 'InternalIP', address: `10.0.${index >> 8}.${index & 255}` }] };
    },
  }));
  const atNode = (['felix', 'kernel-counters', 'queues', 'interface-settings'] as const).map((provided) =>
    defineNodeProbe({
      id: provided,
      description: '',
      kind: 'passive',
      place: 'node',
      places: ['target'],
      essential: false,
      commands: [],
      needs: [],
      provides: [provided],
      read: (): Promise<never> => Promise.reject(new LookError('no-answer', 'nothing is read')),
    }),
  );
  const placed: Pod = { ...aPod, spec: { containers: [], nodeName: 'n299' } };
  const one = gathering(...atNode, giver('nodes', observed(nodes)), giver('pod', observed(placed)));
  await one.fact('felix@target');
  const once = asked.count;
  expect(once).toBeGreaterThanOrEqual(nodes.length);
  await Promise.all([
    one.fact('kernel-counters@target'),
    one.fact('queues@target'),
    one.fact('interface-settings@target'),
  ]);
  expect(asked.count).toBe(once);
});
