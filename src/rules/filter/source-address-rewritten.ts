import { defineRule, fail, inconclusive, notApplicable, pass } from '../../model/rule.ts';
import { sourceAddress } from '../../model/resource.ts';
import { isCrossNode } from '../lib/flow-place.ts';
import { ruleWords } from '../../model/rule-words.ts';
import { isDenied } from '../../model/denied-walk.ts';
import { walkEvidence } from '../../model/walk-evidence.ts';

export const sourceAddressRewritten = defineRule({
  id: 'source-address-rewritten',
  description:
    "The packet comes to the pod's node without the asked source's address, and a policy refuses it for that.",
  step: 'filter',
  requires: ['flow', 'walks'],
  withholds: ['sourceAddress'],
  advice: {
    who: 'whoever manages the address rewriting of {source}',
    commands: [
      'iptables-save -t nat | grep -E "MASQUERADE|SNAT"   # on {source}: which of them catches {asked} → {destination}?',
      'calicoctl get ippool -o wide   # natOutgoing is right only for what leaves all pools',
    ],
  },
  messages: {
    refused: {
      title: 'Packets of {asked} come to {node} as {now}',
      detail:
        '{source} gives them another source address ({by}). {node} drops what comes from {now} ({rule}), and its policies admit {asked}.',
    },
  },
  judge({ flow, walks }, _considered, evidence) {
    if (!isCrossNode(flow) || flow.source.node === null)
      return notApplicable("the packet passes no other node before the pod's");
    const ingress = walks.find(({ leg }) => leg === 'target-ingress');
    if (!ingress) return notApplicable("the packet was not walked on the pod's node");
    const { rewritten } = ingress;
    if (!rewritten) {
      const egress = walks.find(({ leg }) => leg === 'source-egress');
      if (!egress)
        return inconclusive(
          "whether the source's node keeps the source address is not known: the packet was not walked there",
        );
      return egress.result.decision === 'accept'
        ? pass('the packet keeps its source address')
        : notApplicable("the packet does not leave the source's node");
    }
    const byPolicy = ingress.result.owner?.kind === 'policy' || ingress.result.owner?.kind === 'tier-default';
    if (!isDenied(ingress) || !byPolicy || rewritten.decisionAsAsked !== 'accept')
      return pass(`the packet comes as ${rewritten.now}, and no policy of ${ingress.node} refuses it for that`);
    const { asked, now, by } = rewritten;
    return fail({
      message: 'refused',
      data: {
        asked,
        now,
        by: by ?? 'by what rule is not known',
        node: ingress.node,
        source: flow.source.node,
        destination: flow.destination.address,
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
