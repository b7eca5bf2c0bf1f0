import { defineRule, fail, inconclusive, notApplicable, pass } from '../../model/rule.ts';
import { sourceAddress } from '../../model/resource.ts';
import { isCrossNode } from '../../model/flow-place.ts';
import { ruleWords } from '../../model/rule-words.ts';
import { isDenied } from '../../model/denied-walk.ts';
import { walkEvidence } from '../../model/walk-evidence.ts';

export const sourceAddressRewritten = defineRule({
  id: 'source-address-rewritten',
  description: "NAT changes the source address of the packet before the pod's node, and a policy denies it for that.",
  step: 'filter',
  requires: ['flow', 'walks'],
  withholds: ['sourceAddress'],
  advice: {
    who: 'the owner of the NAT rules on {source}',
    commands: [
      '{show}   # on {source}: which of these matches {asked} → {destination}?',
      'calicoctl get ippool -o wide   # natOutgoing must apply only to packets that leave all pools',
    ],
  },
  messages: {
    refused: {
      title: 'Packets from {asked} reach {node} with source address {now}',
      detail:
        '{source} rewrites the source address ({by}). The policies on {node} allow {asked} and deny {now} ({rule}).',
    },
  },
  judge({ flow, walks }, _considered, evidence) {
    if (!isCrossNode(flow) || flow.source.node === null)
      return notApplicable("the packet reaches the pod's node directly");
    const ingress = walks.find(({ leg }) => leg === 'target-ingress');
    if (!ingress) return notApplicable("the packet was not walked on the pod's node");
    const { rewritten } = ingress;
    if (!rewritten) {
      const egress = walks.find(({ leg }) => leg === 'source-egress');
      if (!egress)
        return inconclusive(
          "the packet was not walked on the source's node, so a rewritten source address would not show",
        );
      return egress.result.decision === 'accept'
        ? pass('the packet keeps its source address')
        : notApplicable("the packet does not leave the source's node");
    }
    const byPolicy = ingress.result.owner?.kind === 'policy' || ingress.result.owner?.kind === 'tier-default';
    if (!isDenied(ingress) || !byPolicy || rewritten.decisionAsAsked !== 'accept')
      return pass(`the packet arrives as ${rewritten.now}, and no policy on ${ingress.node} denies it for that`);
    const { asked, now, by } = rewritten;
    return fail({
      message: 'refused',
      data: {
        asked,
        now,
        by: by ?? 'the rule was not found',
        node: ingress.node,
        source: flow.source.node,
        destination: flow.destination.address,
        show: by?.startsWith('calico nat-')
          ? 'nft list table ip calico | grep -E "masquerade|snat"'
          : 'iptables-save -t nat | grep -E "MASQUERADE|SNAT"',
        rule: ingress.result.rule ? ruleWords(ingress.result.rule) : '',
      },
      subject: { kind: 'Rule', name: by ?? `source of ${asked}` },
      node: flow.source.node,
      proof: 'inferred',
      evidence: walkEvidence(ingress, evidence('walks')),
      stopsFlow: true,
      withholds: [sourceAddress(ingress.node)],
    });
  },
});
