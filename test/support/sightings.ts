import type { Sighting, WayPoint } from '../../src/model/sightings.ts';

/** What a capture at a point saw of one packet: `>` the packet, `<` its reply. It saw its control and dropped nothing. */
export function sightingAt(point: WayPoint, what: string, change: Partial<Sighting> = {}): Sighting {
  return {
    point,
    node: point.startsWith('source') ? 'n2' : 'n1',
    interface: `if-${point}`,
    sent: 1,
    requests: what.includes('>') ? ['a'] : [],
    replies: what.includes('<') ? ['a'] : [],
    control: 1,
    droppedByKernel: 0,
    trouble: null,
    outer: null,
    replyOuter: null,
    strays: 0,
    silent: [],
    ...change,
  };
}
