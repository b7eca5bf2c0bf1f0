import { allLegs, type Leg } from '../../model/flow-walk.ts';
import type { Denial } from '../../model/denial.ts';
import type { RuleRef } from '../../model/ruleset/walk.ts';
import { defineRule, fail, inconclusive, pass, type RawFinding } from '../../model/rule.ts';
import { ruleWords } from '../../model/rule-words.ts';
import { counterWords, doubtOn } from '../lib/denials.ts';
import { shellCommand } from '../../model/shell-words.ts';

export const flowNotTracked = defineRule({
  id: 'flow-not-tracked',
  description:
    'A NOTRACK rule hides the flow from connection tracking, so a node drops a packet that it would let through.',
  step: 'filter',
  requires: ['denials'],
  considers: ['walks'],
  advice: { who: 'the owner of the NOTRACK rule on {node}', commands: ['{show}'] },
  messages: {
    drops: {
      title: 'A NOTRACK rule on {node} hides the flow from connection tracking',
      detail:
        'The rule is {untracking} ({text}). {packet} therefore ends at {rule}. With connection tracking, ' +
        '{node} would let it through. {counters}',
    },
  },
  judge({ denials }, { walks }) {
    const mayNotAsk = ({ node, leg, proof }: Denial) =>
      proof !== 'counter' &&
      walks.status === 'observed' &&
      walks.value.some((one) => one.node === node && one.leg === askedOn[leg] && one.result.decision === 'unknown');
    const findings: RawFinding<'drops'>[] = [];
    for (const denial of denials.denied) {
      const { node, rule, untrackedBy: by, leg, proof, evidence } = denial;
      // Another rule may take the packet, such as one that answers for the pod: then there is no such answer.
      if (denial.class !== 'not-tracked' || !by || mayNotAsk(denial)) continue;
      const name = `${by.table} ${by.chain} ${by.index}`;
      if (findings.some((finding) => finding.node === node && finding.subject.name === name)) continue;
      findings.push({
        message: 'drops',
        data: {
          node,
          untracking: ruleWords(by),
          text: by.text,
          packet: leg.startsWith('reply-') ? 'The answer' : 'The packet',
          rule: ruleWords(rule),
          counters: counterWords(denial),
          show: `${showing(by)}   # narrow or remove the rule, in both directions`,
        },
        subject: { kind: 'Rule', name },
        node,
        proof,
        evidence,
        stopsFlow: denial.stopsFlow,
      });
    }
    if (findings.length > 0) return fail(...findings);
    const doubt = doubtOn(denials, allLegs);
    return doubt ? inconclusive(doubt) : pass('no rule takes the flow out of connection tracking');
  },
});

/** The leg of the packet that an answer answers on the same node. */
const askedOn: Readonly<Partial<Record<Leg, Leg>>> = {
  'reply-target-egress': 'target-ingress',
  'reply-source-ingress': 'source-egress',
  'reply-same-node': 'same-node',
};

function showing({ backend, family, table, chain, text }: RuleRef): string {
  return text.startsWith('-A ')
    ? shellCommand`${backend}-save -c -t ${table} | grep -E 'NOTRACK|CT --notrack'`
    : shellCommand`nft -a list chain ${family} ${table} ${chain}`;
}
