import type { Denial } from '../../model/denial.ts';
import type { Fact } from '../../model/evidence.ts';
import type { PacketWalk } from '../../model/flow-walk.ts';
import type { PathCapture } from '../../model/path-capture.ts';
import { isForKubernetes, isRedirected, mayBeRedirected, requestLegs } from '../../model/redirected-walk.ts';
import { wayThrough } from '../../model/resource.ts';
import { defineRule, fail, inconclusive, pass } from '../../model/rule.ts';
import { walkEvidence } from '../../model/walk-evidence.ts';
import { doubtOn } from '../lib/denials.ts';

export const destinationRewritten = defineRule({
  id: 'destination-rewritten',
  description: 'A NAT rule of a node sends the packet to another address or port than it was sent to.',
  step: 'filter',
  requires: ['walks', 'denials'],
  considers: ['flow-outcome', 'path-capture'],
  withholds: ['way'],
  advice: {
    who: 'the owner of the NAT rules on {node}',
    commands: ['iptables-save -t nat; nft list ruleset   # find out who added the rule, and ask them to remove it'],
  },
  messages: {
    sends: {
      title: 'A rule of {node} sends the packet to {now}, and not to {asked}',
      detail: 'The rule is {by}. So the packet does not get where it was sent.',
    },
  },
  judge({ walks, denials }, { 'flow-outcome': outcome, 'path-capture': capture }, evidence) {
    if (outcome.status === 'observed' && outcome.value.judgedPort === 'works') return pass('the flow works');
    const walk = walks.find(isRedirected);
    if (walk) {
      const { leg, node, packet, redirected } = walk;
      const by = redirected.by ?? 'not known';
      const [now, asked] = [at(redirected.address, redirected.port), at(packet.destination, packet.destinationPort)];
      if (isForKubernetes(walk))
        return inconclusive(`${node} sends packets for ${asked} to ${now}, as a Service or a host port asks`);
      // What is stopped elsewhere may have been meant for a proxy: then this is worth telling, and not a cause.
      const isCause =
        came(walk, capture) &&
        !denials.denied.some(
          (one) => one.stopsFlow && !(one.leg === leg && one.node === node) && !isReplyNobodySaw(one),
        );
      return fail({
        message: 'sends',
        data: { node, now, asked, by },
        subject: { kind: 'Rule', name: by },
        node,
        proof: 'inferred',
        evidence: walkEvidence(walk, evidence('walks')),
        stopsFlow: isCause,
        ...(isCause ? { withholds: [wayThrough(node, leg)] } : { isStatement: true }),
      });
    }
    const doubt = walks.some(mayBeRedirected)
      ? 'a NAT rule of which it is not known whether it matches can change the destination'
      : doubtOn(denials, requestLegs);
    return doubt ? inconclusive(doubt) : pass('no rule changes the destination of the packet');
  },
});

/** Nothing shows that there ever was a reply, which ends there. */
function isReplyNobodySaw({ leg, proof }: Denial): boolean {
  return leg.startsWith('reply-') && proof !== 'counter';
}

/** The packet came to the node; on that of its source it is at once. */
function came({ leg }: PacketWalk, capture: Fact<PathCapture>): boolean {
  if (leg !== 'target-ingress' || capture.status === 'unavailable') return true;
  return capture.value.places.some(({ hop, requests: seen }) => hop === 'target-card' && seen.length > 0);
}

function at(address: string, port: number | null): string {
  return port === null ? address : `${address}:${port}`;
}
