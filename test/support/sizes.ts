import type { PathSizes, SizedWay, SizedWayKind } from '../../src/model/path-sizes.ts';

/** A way between n2, the source's node, and n1, on which a full-sized packet of 1480 bytes was answered. */
export function sizedWay(kind: SizedWayKind, over: Partial<SizedWay> = {}): SizedWay {
  const [from, to] = kind === 'reply' ? ['n1', 'n2'] : ['n2', 'n1'];
  return {
    kind,
    from: kind === 'flow' ? 'default/client' : `node ${from}`,
    to: kind === 'flow' ? 'default/mypod' : `node ${to}`,
    fromNode: from,
    toNode: to,
    interface: null,
    headerBytes: 20,
    full: 1480,
    passed: 1480,
    lost: null,
    told: null,
    samples: { passed: 1, lost: 0 },
    unsteady: false,
    ...over,
  };
}

/** The same where all above a size vanishes. */
export function limitedWay(kind: SizedWayKind, over: Partial<SizedWay> = {}): SizedWay {
  return sizedWay(kind, { passed: 1380, lost: 1381, samples: { passed: 9, lost: 7 }, ...over });
}

export function sizesOf(ways: readonly SizedWay[], over: Partial<PathSizes> = {}): PathSizes {
  return { needed: 1480, ways, untried: [], seen: null, ...over };
}

export const fullSizes = sizesOf([sizedWay('flow'), sizedWay('reply')]);
