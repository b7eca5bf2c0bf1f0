import { describe, expect, test } from '@jest/globals';
import { askedTopology } from './asked-topology.ts';
import { allClusters, flagsOf, nameOf } from './cluster-kinds.ts';
import { parseInvocation } from './options.ts';
import { dataplanes, datastores, layouts, nodeAccesses } from './topology.ts';
import { encaps } from './encapsulation.ts';

const asked = (...flags: readonly string[]) => askedTopology(parseInvocation(['up', ...flags]));
const every = datastores.flatMap((datastore) =>
  layouts.flatMap((layout) =>
    dataplanes.flatMap((dataplane) =>
      encaps.flatMap((encap) =>
        nodeAccesses.map((nodeAccess) => ({ datastore, layout, dataplane, encap, nodeAccess, typha: false })),
      ),
    ),
  ),
);

describe('what up takes', () => {
  test.each(allClusters().map((cluster) => ({ words: nameOf(cluster), cluster })))('$words', ({ cluster }) => {
    expect(asked(...flagsOf(cluster))).toMatchObject(cluster);
  });

  test('every other combination is refused, with what it needs', () => {
    const names = new Set(allClusters().map((one) => nameOf({ ...one, typha: false })));
    const others = every.filter((one) => !names.has(nameOf(one)));
    expect([names.size, others.length]).toEqual([72, 24]);
    for (const one of others) expect(() => asked(...flagsOf(one))).toThrow('add --datastore kubernetes');
  });

  test.each([
    [['--encap', 'geneve'], 'one of ipip, vxlan, crosssubnet, none'],
    [['--typha'], 'add --datastore kubernetes'],
    [['--nodes', '2'], 'a number from 3 to 26'],
    [['--era', '2', '--datastore', 'kubernetes'], 'Calico 2.x is here with etcd'],
  ])('%j is refused', (flags, why) => {
    expect(() => asked(...flags)).toThrow(why);
  });
});
