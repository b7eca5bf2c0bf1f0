import { defineRule, fail, inconclusive, pass, type RawFinding } from '../../model/rule.ts';
import type { RuleRef } from '../../model/ruleset/walk.ts';
import { ruleWords } from '../../model/rule-words.ts';
import { allLegs, counterWords, doubtOn } from '../lib/denials.ts';

export const foreignRuleDrops = defineRule({
  id: 'foreign-rule-drops',
  description: 'A rule or a chain policy that does not belong to Calico drops the packet or its tunnel packet.',
  step: 'filter',
  requires: ['denials'],
  advice: { who: 'the owner of the firewall on {node}', commands: ['{show}'] },
  messages: {
    drops: {
      title: 'A rule outside Calico drops the packet on {node}',
      detail: 'The packet ends at {rule} ({text}). Written by: {owner}. {counters}',
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
          owner: denial.owner.writer ?? 'not known, nothing in the rule says',
          counters: counterWords(denial),
          show: `${listing(rule)}   # find out who added it, and ask them to remove it`,
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
    return doubt ? inconclusive(doubt) : pass('no rule outside Calico ends the packet');
  },
});

/** How to see the rule again: iptables does not list what it did not make. */
function listing({ backend, family, table, chain, index, text }: RuleRef): string {
  const isOfIptables = backend !== 'nftables' && (text.startsWith('-A ') || index === 0);
  if (!isOfIptables || (backend === 'iptables-nft' && index === 0))
    return `nft -a list chain ${family} ${table} ${chain}`;
  return index === 0 ? `${backend}-save | grep -- '^:${chain} '` : `${backend}-save -c | grep -- '-A ${chain} '`;
}
