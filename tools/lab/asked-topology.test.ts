import { describe, expect, test } from '@jest/globals';
import { askedTopology } from './asked-topology.ts';
import { allClusters, flagsOf, nameOf } from './cluster-kinds.ts';
import { addressesOf, block6, ipv6Of, isDual, podMtu, tunnelAddress6 } from './dual-stack.ts';
import { parseInvocation } from './options.ts';
import { dataplanes, datastores, layouts, nodeAccesses } from './topology.ts';
import { encaps } from './encapsulation.ts';

const asked = (...flags: readonly string[]) => askedTopology(parseInvocation(['up', ...flags]));
const vxlan = ['--datastore', 'kubernetes', '--encap', 'vxlan'];
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
    [['--families', 'dual'], 'the lab has it with --datastore kubernetes'],
    [['--families', 'dual', '--datastore', 'kubernetes', '--encap', 'ipip'], 'and --encap vxlan'],
    [['--nodes', '2'], 'a number from 3 to 26'],
    [['--era', '2', '--datastore', 'kubernetes'], 'Calico 2.x is here with etcd'],
  ])('%j is refused', (flags, why) => {
    expect(() => asked(...flags)).toThrow(why);
  });

  test('addresses of both families, of which those of IPv6 follow from the others', () => {
    const dual = asked('--families', 'dual', ...vxlan, '--dataplane', 'nft');
    const [node] = dual.nodes;
    const [pod] = dual.pods;
    expect([isDual(dual), isDual(asked())]).toEqual([true, false]);
    expect(pod && addressesOf(dual, pod)).toEqual(['10.244.1.5', 'fd00:10:244:1::5']);
    expect(node && [ipv6Of(node.address), block6(node), tunnelAddress6(node)]).toEqual([
      'fd00:10:250::11',
      'fd00:10:244:1::/122',
      'fd00:10:244:1::1',
    ]);
    expect([podMtu(dual), podMtu(asked(...vxlan))]).toEqual(['1430', '1450']);
  });
});
