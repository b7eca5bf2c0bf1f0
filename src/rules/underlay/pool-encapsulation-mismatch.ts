import { encapsulatingPatch } from '../../tunnels/vxlan.ts';
import { wayFor } from '../lib/wrong-ways.ts';
import { judgingLost } from '../lib/lost-between-nodes.ts';
import { poolOf } from '../../calico/pool-of.ts';
import { defineRule, fail, inconclusive, notApplicable, type RawFinding } from '../../model/rule.ts';

const lost = judgingLost({ kind: 'none', name: 'The plain network' });

export const poolEncapsulationMismatch = defineRule({
  id: 'pool-encapsulation-mismatch',
  description:
    "Packets with pods' own addresses leave one node and do not reach the other, while plain packets between the " +
    'nodes arrive: the network between them does not carry a pool that is not encapsulated.',
  step: lost.step,
  requires: ['flow', 'path-capture', 'judged-ways', 'pools'],
  considers: ['flow-outcome', 'links@target', 'links@source'],
  lacks: ['nodeAnswers'],
  advice: {
    who: 'the cloud network team',
    commands: [
      'openstack port set --allowed-address ip-address={pool} PORT   # PORT: that of each node in turn',
      'aws ec2 modify-instance-attribute --instance-id INSTANCE --no-source-dest-check   # INSTANCE: each node in turn',
      `calicoctl patch ippool {poolName} -p '${encapsulatingPatch}'   # instead: the Calico administrator encapsulates`,
      'tcpdump -p -ni {interface} host {targetPod}   # on {to}: shows the packets once the network carries them',
    ],
  },
  messages: {
    lost: {
      title: "Packets with pods' own addresses from {from} do not reach {to}",
      detail:
        '{from} sent {sent} packets of pods to {to} as they are, and none arrived. {control} plain packets of ' +
        'the same direction arrived in the same capture. Pool {pool} is not encapsulated between these nodes, so ' +
        "the network must carry pods' addresses. Something there drops them: a source/destination check, port " +
        'security, a firewall, or a router without the route.',
    },
  },
  judge(facts, considered, evidence) {
    const { flow, 'judged-ways': ways, pools } = facts;
    const { source, destination } = flow;
    if (destination.interface === null) return notApplicable('the pod is on the host network');
    const outcome = lost.judge(facts, considered, evidence);
    if (outcome.outcome !== 'fail') return outcome;
    const pool = poolOf(pools, destination.address);
    if (!pool) return notApplicable('no pool holds the address');
    const observed = { status: 'observed', value: ways, evidence: [] } as const;
    // What takes a wrong route, or none, is not the network's to carry.
    const classOf = ({ data }: RawFinding<'lost'>) =>
      wayFor(observed, [data['from'] === source.node ? 'source-egress' : 'reply-target-egress'])?.class ?? 'unknown';
    const routed = outcome.findings.filter((finding) => classOf(finding) === 'right');
    if (routed.length === 0 && outcome.findings.some((finding) => classOf(finding) === 'unknown'))
      return inconclusive('it is not known whether the packets leave by the route to the other node');
    if (routed.length === 0) return notApplicable('the packets do not leave by the route to the other node');
    const whole = routed.filter(({ data }) => data['arrived'] === '0');
    if (whole.length === 0) return inconclusive('some of the packets arrive, so the network carries the addresses');
    return fail(
      ...whole.map((finding): RawFinding<'lost'> => ({
        ...finding,
        data: {
          ...finding.data,
          pool: pool.spec.cidr,
          poolName: pool.metadata.name,
          targetPod: destination.address,
        },
      })),
    );
  },
});
