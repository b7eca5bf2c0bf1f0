import type { Denial } from '../../model/denial.ts';
import type { Fact } from '../../model/evidence.ts';
import { allLegs } from '../../model/flow-walk.ts';
import type { Install } from '../../model/install.ts';
import { defineRule, fail, inconclusive, pass, type RawFinding } from '../../model/rule.ts';
import type { Backend } from '../../model/ruleset/places.ts';
import { ruleWords } from '../../model/rule-words.ts';
import { calicoNodeLog, partsData } from '../lib/calico-parts.ts';
import { counterWords, doubtOn } from '../lib/denials.ts';

export const iptablesBackendSplit = defineRule({
  id: 'iptables-backend-split',
  description:
    "Calico's rules are in two backends of the packet filter, and those of an earlier Felix drop the packet.",
  step: 'filter',
  requires: ['denials'],
  considers: ['install'],
  advice: {
    who: 'the owner of node {node}',
    commands: [
      `${calicoNodeLog(400)} | grep -E "NFTablesMode|useNftables|iptables command"   # does Felix program {inUse}?`,
      '{keep}   # keeps what is there now',
      '{remove}   # removes the rules of the earlier Felix',
    ],
  },
  adviceOnly:
    'Removing rules means writing a whole table again, with the rules of others in it. Rules that kube-proxy ' +
    'or a firewall adds between the read and the write are lost. Nothing holds that text to fixed values, so ' +
    'the list of commands of a node cannot say what a fix may write. A wrong guess about the backend in use ' +
    'removes every policy of the node.',
  messages: {
    drops: {
      title: 'Rules that an earlier Calico left in {backend} drop the packet on {node}',
      detail:
        'Felix on {node} programs {inUse}: {sign}. The packet ends at {rule} of {backend}. Without these rules ' +
        '{node} lets it through. {counters}',
    },
  },
  judge({ denials }, { install }) {
    const found = denials.denied.filter((one) => one.class === 'left-over');
    const findings: RawFinding<'drops'>[] = [];
    const doubts: string[] = [];
    for (const denial of found) {
      const { node, leftOver, proof, evidence, rule } = denial;
      if (!leftOver) continue;
      if (leftOver.inUse === null) doubts.push(doubtWords(denial, install));
      else if (!findings.some((finding) => finding.node === node))
        findings.push({
          message: 'drops',
          data: {
            ...partsData(install),
            node,
            backend: leftOver.backend,
            inUse: leftOver.inUse,
            sign: leftOver.sign,
            rule: ruleWords(rule),
            counters: counterWords(denial),
            ...removal(leftOver.backend),
          },
          subject: { kind: 'Node', name: node },
          node,
          proof,
          evidence,
          stopsFlow: denial.stopsFlow,
        });
    }
    if (findings.length > 0) return fail(...findings);
    const doubt = doubts[0] ?? doubtOn(denials, allLegs);
    return doubt ? inconclusive(doubt) : pass('no rule that an earlier Calico left ends the packet');
  },
});

function doubtWords({ node, rule }: Denial, install: Fact<Install>): string {
  const { calicoNamespace, calicoNode } = partsData(install);
  const environment = `kubectl -n ${calicoNamespace} set env daemonset/${calicoNode} --list`;
  return (
    `the packet ends at ${ruleWords(rule)} of ${rule.backend} on ${node}, Calico's rules of another backend let it ` +
    `through, and Felix's log does not say which of them Felix programs. To do next: ${environment}; ` +
    'calicoctl get felixconfig -o yaml'
  );
}

/** Rules of others in the same tables stay. */
function removal(backend: Backend): { readonly keep: string; readonly remove: string } {
  if (backend === 'nftables')
    return { keep: 'nft list table ip calico > /root/calico.nft', remove: 'nft delete table ip calico' };
  const file = `/root/${backend}.rules`;
  return {
    keep: `${backend}-save > ${file}`,
    remove: `grep -vE 'cali-|cali:' ${file} | ${backend}-restore`,
  };
}
