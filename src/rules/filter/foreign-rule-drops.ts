import { defineRule, fail, inconclusive, pass, type RawFinding } from '../../model/rule.ts';
import { ruleWords } from '../../model/rule-words.ts';
import { allLegs, counterWords, doubtOn } from '../lib/denials.ts';

export const foreignRuleDrops = defineRule({
  id: 'foreign-rule-drops',
  description: "A rule or a chain policy that is not Calico's ends the packet, inner or outer, at any hook.",
  step: 'filter',
  requires: ['denials'],
  advice: { who: 'whoever manages the firewall of {node}', commands: ['{show}'] },
  messages: {
    drops: {
      title: "A rule that is not Calico's drops the packet on {node}",
      detail: '{rule} ({text}) ends it{owner}. {counters}',
    },
  },
  judge({ denials }) {
    const findings: RawFinding<'drops'>[] = [];
    for (const denial of denials.denied.filter((one) => one.class === 'foreign')) {
      const { node, rule, proof, evidence } = denial;
      const name = `${rule.table} ${rule.chain} ${rule.index}`;
      if (findings.some((finding) => finding.node === node && finding.subject.name === name)) continue;
      findings.push({
        message: 'drops',
        data: {
          node,
          rule: ruleWords(rule),
          text: rule.text,
          owner: rule.chain.startsWith('KUBE-') ? ' (a chain of kube-proxy)' : '',
          counters: counterWords(denial),
          show:
            rule.backend === 'nftables'
              ? `nft -a list chain ${rule.family} ${rule.table} ${rule.chain}`
              : `${rule.backend}-save -c | grep -- '-A ${rule.chain} '   # read it; whoever put it there must take it out`,
        },
        subject: { kind: 'Rule', name },
        node,
        proof,
        evidence,
        stopsFlow: true,
      });
    }
    if (findings.length > 0) return fail(...findings);
    const doubt = doubtOn(denials, allLegs);
    return doubt ? inconclusive(doubt) : pass("no rule that is not Calico's ends the packet");
  },
});
