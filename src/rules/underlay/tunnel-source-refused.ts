import type { Denial } from '../../model/denial.ts';
import type { Flow } from '../../model/flow.ts';
import { familyOf } from '../../model/addresses.ts';
import { datastore, felixOf, nodeAddress, nodeRules, typhaOf } from '../../model/resource.ts';
import { ruleWords } from '../../model/rule-words.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type RawFinding } from '../../model/rule.ts';
import { tunnelRefusedBy } from '../../tunnels/registry.ts';
import { heldAddress } from '../lib/calico-node-address.ts';
import { calicoNodeLog, partsData } from '../lib/calico-parts.ts';
import { counterWords, doubtOn } from '../lib/denials.ts';
import { listRule } from '../../model/list-rule.ts';
import { isCrossNode } from '../../model/flow-place.ts';

type Trouble = 'differs' | 'stale' | 'refused';

export const tunnelSourceRefused = defineRule({
  id: 'tunnel-source-refused',
  description: 'Tunnel packets arrive, and Calico drops them because their sender is not among the hosts it allows.',
  step: 'underlay',
  sharedBy: 'both-nodes',
  requires: ['flow', 'denials'],
  considers: ['calico-nodes', 'flow-outcome', 'install'],
  lacks: ['nodeAddress', 'felix', 'datastore/felix', 'typha', 'nodeRules'],
  advice: {
    who: 'the Calico administrator',
    commands: [
      'calicoctl get node {peer} -o yaml   # does spec.bgp.ipv4Address say {sourceAddress}?',
      '{show}   # on {node}: the rule, and whether its counter rises',
      `${calicoNodeLog(200)}   # does Felix follow the datastore?`,
    ],
  },
  messages: {
    differs: {
      title: '{node} refuses {tunnel} packets from {peer}: Calico holds another address for it',
      detail:
        'The packets come from {sourceAddress}. Calico holds {held} for {peer}, so {node} does not allow ' +
        '{sourceAddress}. They end at {rule}. {counters}',
    },
    stale: {
      title: '{node} refuses {tunnel} packets from {peer}, although Calico holds the right address',
      detail:
        'The packets come from {sourceAddress}, which Calico holds for {peer}. The set of allowed hosts on ' +
        '{node} lacks it, so Felix there is behind. They end at {rule}. {counters}',
    },
    refused: {
      title: '{node} refuses {tunnel} packets from {peer}',
      detail:
        "The packets come from {sourceAddress}, which the set of allowed hosts on {node} lacks. Calico's " +
        'object of {peer} could not be compared: {why}. They end at {rule}. {counters}',
    },
  },
  judge({ flow, denials }, { 'calico-nodes': nodes, 'flow-outcome': outcome, install }, evidence) {
    if (!isCrossNode(flow)) return notApplicable('source and pod are on one node');
    if (outcome.status === 'observed' && outcome.value.judgedPort === 'works') return pass('the asked flow works');
    const findings = denials.denied.flatMap((denial): readonly RawFinding<Trouble>[] => {
      const peer = senderOf(denial, flow);
      if (denial.class !== 'tunnel-guard' || peer === null) return [];
      const { node, rule, proof, packet } = denial;
      const held = nodes.status === 'observed' ? heldAddress(nodes.value, peer, familyOf(packet.source)) : undefined;
      return [
        {
          message: held === undefined ? 'refused' : held === packet.source ? 'stale' : 'differs',
          data: {
            ...partsData(install),
            node,
            peer,
            sourceAddress: packet.source,
            held: held ?? 'no address',
            why: nodes.status === 'observed' ? `its datastore has no node ${peer}` : nodes.reason,
            tunnel: tunnelRefusedBy(rule.comments)?.name ?? '',
            rule: ruleWords(rule),
            show: listRule(rule),
            counters: counterWords(denial),
          },
          subject: { kind: 'NodePair', name: `${peer}→${node}` },
          node,
          proof,
          evidence: [...denial.evidence, ...evidence('calico-nodes')],
          stopsFlow: true,
          lacks: [nodeAddress(peer), felixOf(node), datastore('felix', node), typhaOf(node), nodeRules(node)],
        },
      ];
    });
    if (findings.length > 0) return fail(...findings);
    const doubt = doubtOn(denials, ['target-outer', 'reply-source-outer']);
    return doubt ? inconclusive(doubt) : pass('no node refuses tunnel packets of the other');
  },
});

/** The node that sent the tunnel packet; null: it has no name. */
function senderOf({ leg }: Denial, { source, destination }: Flow): string | null {
  return leg === 'reply-target-outer' || leg === 'reply-source-outer' ? destination.node : source.node;
}
