import { defineRule, fail, inconclusive, pass, type RawFinding } from '../../model/rule.ts';
import { allLegs, walkDoubt } from '../lib/walk-doubt.ts';
import { dropProof, isDenied, ruleWords, walkEvidence } from '../lib/walks.ts';

export const foreignRuleDrops = defineRule({
  id: 'foreign-rule-drops',
  description: "A rule or a chain policy that is not Calico's ends the packet, inner or outer, at any hook.",
  step: 'filter',
  requires: ['flow', 'walks'],
  considers: ['drop-counters', 'flow-outcome'],
  advice: { who: 'whoever manages the firewall of {node}', commands: ['{show}'] },
  messages: {
    drops: { title: "A rule that is not Calico's drops the packet on {node}", detail: '{rule} ({text}) ends it{owner}. {counters}' },
  },
  judge({ flow, walks }, { 'drop-counters': counters, 'flow-outcome': outcome }, evidence) {
    const findings: RawFinding<'drops'>[] = [];
    for (const walk of walks.filter(isDenied)) {
      const { owner, rule } = walk.result;
      if (owner?.kind !== 'foreign' || !rule) continue;
      const name = `${rule.table} ${rule.chain} ${rule.index}`;
      if (findings.some((finding) => finding.node === walk.node && finding.subject.name === name)) continue;
      const { proof, words } = dropProof(walk, counters, false);
      findings.push({
        message: 'drops',
        data: {
          node: walk.node,
          rule: ruleWords(rule),
          text: rule.text,
          owner: rule.chain.startsWith('KUBE-') ? ' (a chain of kube-proxy)' : '',
          counters: words,
          show: rule.backend === 'nftables' ? `nft -a list chain ${rule.family} ${rule.table} ${rule.chain}` : `${rule.backend}-save -c | grep -- '-A ${rule.chain} '   # read it; whoever put it there must take it out`,
        },
        subject: { kind: 'Rule', name },
        node: walk.node,
        proof,
        evidence: walkEvidence(walk, evidence('walks')),
        stopsFlow: true,
      });
    }
    if (findings.length > 0) return fail(...findings);
    const doubt = walkDoubt({ flow, walks }, outcome, allLegs);
    return doubt ? inconclusive(doubt) : pass("no rule that is not Calico's ends the packet");
  },
});
