import { picking } from '../../model/evidence.ts';
import type { CounterReadings } from '../../model/kernel-counters.ts';
import type { Sighting, WayPoint } from '../../model/sightings.ts';
import { isCrossNode } from '../../model/flow-place.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type RawFinding } from '../../model/rule.ts';
import { vxlan } from '../../tunnels/vxlan.ts';

const device = vxlan.device?.name ?? '';
const overriding = '{"spec":{"featureDetectOverride":"ChecksumOffloadBroken=true"}}';

export const tunnelPacketsCorrupted = defineRule({
  id: 'tunnel-packets-corrupted',
  description: `${vxlan.name} packets arrive with a wrong checksum, so that the kernel of the other node drops them.`,
  step: 'underlay',
  sharedBy: 'both-nodes',
  requires: ['flow', 'path-capture', 'sightings', 'counter-readings'],
  advice: {
    who: 'the Calico administrator',
    commands: [
      `calicoctl patch felixconfiguration default -p '${overriding}'   # Felix then leaves checksums to the kernel`,
      `ethtool -K ${device} tx-checksum-ip-generic off   # on {from}, until Felix does it`,
      `tcpdump -p -nvvi {interface} udp port ${vxlan.port}   # on {to}: says "bad udp cksum" of such packets`,
    ],
  },
  messages: {
    corrupted: {
      title: `${vxlan.name} packets from {from} reach {to} with a wrong checksum`,
      detail:
        '{arrived} packets of the flow came in by {interface} of {to}, and none came out of the tunnel. In that time ' +
        'the kernel there counted {errors} UDP packets with a wrong checksum, which it drops. The network interface ' +
        'or the hypervisor of {from} miscounts the checksums of tunnel packets.',
    },
  },
  judge({ flow, 'path-capture': capture, sightings, 'counter-readings': readings }, _considered, evidence) {
    if (!isCrossNode(flow)) return notApplicable('source and pod are on one node');
    if (capture.encapsulation !== vxlan.kind) return notApplicable(`${vxlan.name} does not carry this flow`);
    const at = (point: WayPoint) => sightings.points.find((one) => one.point === point);
    const [sent, arrived, inside, pod] = [at('source-card'), at('target-card'), at('target-tunnel'), at('target-pod')];
    const ways = [
      lostIn({ arrived, further: [inside, pod], of: 'requests' }, flow.source.node, readings),
      lostIn({ arrived: sent, further: [at('source-pod')], of: 'replies' }, flow.destination.node, readings),
    ];
    const findings = ways.flatMap((way): RawFinding<'corrupted'>[] =>
      way.kind !== 'corrupted'
        ? []
        : [
            {
              message: 'corrupted',
              data: {
                from: way.from,
                to: way.at.node,
                interface: way.at.interface,
                arrived: String(way.packets),
                errors: String(way.errors),
              },
              subject: { kind: 'NodePair', name: `${way.from}→${way.at.node}` },
              node: way.at.node,
              proof: 'capture',
              evidence: [
                ...evidence('sightings'),
                ...picking(
                  evidence('counter-readings').filter(({ node }) => node === way.at.node),
                  /snmp:Udp:/,
                ),
              ],
              stopsFlow: true,
            },
          ],
    );
    if (findings.length > 0) return fail(...findings);
    const unsure = ways.find(({ kind }) => kind === 'unknown');
    return unsure
      ? inconclusive('tunnel packets came in, and the captures or the counters behind that are not complete')
      : pass('no tunnel packet that came in was dropped for its checksum');
  },
});

interface Behind {
  readonly arrived: Sighting | undefined;
  /** Points behind the tunnel, at which the packets would be seen again. */
  readonly further: readonly (Sighting | undefined)[];
  readonly of: 'requests' | 'replies';
}
type Judged =
  | { readonly kind: 'well' | 'unknown' }
  | {
      readonly kind: 'corrupted';
      readonly from: string;
      readonly at: Sighting;
      readonly packets: number;
      readonly errors: number;
    };

/** What came in at a node's network interface and not out of its tunnel, beside as many wrong checksums. */
function lostIn({ arrived, further, of }: Behind, from: string | null, readings: readonly CounterReadings[]): Judged {
  const packets = arrived?.[of].length ?? 0;
  if (!arrived || from === null || packets === 0) return { kind: 'well' };
  const seen = further.filter((one) => one !== undefined);
  if (seen.some((one) => one[of].length > 0)) return { kind: 'well' };
  const reading = readings.find(({ node }) => node === arrived.node);
  const [before, after] = [reading?.before.wrongChecksums, reading?.after.wrongChecksums];
  if (!before || !after || seen.length === 0 || seen.some((one) => !saw(one))) return { kind: 'unknown' };
  const errors = after.udp - before.udp;
  return errors < packets ? { kind: 'well' } : { kind: 'corrupted', from, at: arrived, packets, errors };
}

/** "Not seen" counts only where the capture ran to its end and saw what was sent for it to see. */
function saw({ trouble, droppedByKernel, control }: Sighting): boolean {
  return trouble === null && droppedByKernel === 0 && control > 0;
}
