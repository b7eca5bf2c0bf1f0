import type { BgpState } from '../../model/bgp.ts';
import type { FlowEnd } from '../../model/flow.ts';
import { isCrossNode } from '../../model/flow-place.ts';
import { bgpTerms } from '../../model/resource.ts';
import { defineRule, fail, notApplicable, pass, type RawFinding } from '../../model/rule.ts';
import { bgpTrouble } from '../lib/bgp-trouble.ts';

type Refusal = 'as' | 'identifier';

export const bgpPeerRefused = defineRule({
  id: 'bgp-peer-refused',
  description: 'BIRD of two BGP peers reach each other, and one refuses the AS number or the identifier of the other.',
  step: 'routes',
  requires: ['flow', 'bgp-sessions'],
  withholds: ['bgpTerms'],
  advice: {
    who: 'the Calico administrator',
    commands: [
      'calicoctl get nodes -o wide; calicoctl get bgppeer -o wide   # ASN: what each has, and what others expect of it',
      'calicoctl get bgpconfiguration -o yaml   # asNumber is that of every node without one of its own',
      "grep -E 'router id|local as|neighbor' /etc/calico/confd/config/bird.cfg   # in calico-node on {node} and {peer}",
    ],
  },
  messages: {
    as: {
      title: 'BGP between {node} and {peer} is refused: one expects another AS number of the other',
      detail:
        '{node} says of its session with {peerAddress}: {info}. TCP port 179 answers, so no firewall is the cause. ' +
        'The two settings must agree before any route is told.',
    },
    identifier: {
      title: 'BGP between {node} and {peer} is refused: one does not take the identifier of the other',
      detail:
        '{node} says of its session with {peerAddress}: {info}. Two nodes have the same router ID, as cloned nodes ' +
        'have or a fixed CALICO_ROUTER_ID gives, or it is not valid.',
    },
  },
  judge({ flow, 'bgp-sessions': states }, _considered, evidence) {
    if (!isCrossNode(flow)) return notApplicable('source and pod are on one node');
    const [first] = [
      ...refusalOf(states, flow.source, flow.destination, evidence('bgp-sessions')),
      ...refusalOf(states, flow.destination, flow.source, evidence('bgp-sessions')),
    ];
    // One session has two ends: what both say of it is one finding.
    if (first) return fail(first);
    return states.some(({ known }) => known === 'status')
      ? pass('BIRD tells of no peer that refuses another')
      : notApplicable('BIRD does not tell why a session is not established');
  },
});

/** Of the session that keeps the node from learning the route to the other one. */
function refusalOf(
  states: readonly BgpState[],
  { node }: FlowEnd,
  { node: peer, nodeAddress }: FlowEnd,
  evidence: RawFinding['evidence'],
): readonly RawFinding<Refusal>[] {
  const state = states.find((one) => one.node === node);
  if (!state || node === null || peer === null || nodeAddress === null) return [];
  const trouble = bgpTrouble(state, nodeAddress);
  const message = trouble && 'info' in trouble ? messageOf(trouble.info) : null;
  if (!trouble || !('info' in trouble) || message === null) return [];
  const peerAddress = trouble.kind === 'down' ? nodeAddress : (state.sessions[0]?.address ?? nodeAddress);
  return [
    {
      message,
      data: { node, peer: trouble.kind === 'down' ? peer : peerAddress, peerAddress, info: trouble.info },
      subject: { kind: 'NodePair', name: `${node}→${peer}` },
      node,
      proof: 'read',
      evidence,
      // The session that it refuses is what the flow lacks.
      stopsFlow: false,
      withholds: [bgpTerms(node, peer), bgpTerms(peer, node)],
    },
  ];
}

/** Both peers say the same of it, one as sent and one as received. calicoctl breaks long words off. */
function messageOf(info: string): Refusal | null {
  if (/\bBad peer\b/.test(info)) return 'as';
  return /\bBad BGP\b/.test(info) ? 'identifier' : null;
}
