import type { FelixOfPod } from '../../model/fix-inputs.ts';
import type { HookDefect, HookFlaw } from '../../model/calico-hooks.ts';
import { picking } from '../../model/evidence.ts';
import { allLegs } from '../../model/flow-walk.ts';
import { felixOf } from '../../model/resource.ts';
import { defineRule, fail, inconclusive, pass, type RawFinding } from '../../model/rule.ts';
import { ruleWords } from '../../model/rule-words.ts';
import { partsData, restartFelix } from '../lib/calico-parts.ts';
import { counterWords, doubtOn } from '../lib/denials.ts';
import { felixButton, podOn } from '../lib/felix-button.ts';
import { capital } from '../../model/words.ts';
import { shellCommand } from '../../model/shell-words.ts';

export const calicoHooksMissing = defineRule({
  id: 'calico-hooks-missing',
  description: "Chains of the kernel do not lead through Calico's rules, so others decide on the packets.",
  step: 'filter',
  sharedBy: 'node',
  requires: ['denials', 'calico-hooks'],
  considers: ['install', 'flow', 'datastore-kind', 'calico-node-access'],
  lacks: ['felix'],
  fix: 'restart-felix',
  advice: {
    who: 'the owner of node {node}',
    commands: [
      '{show}   # what stands in the chain now?',
      'journalctl --since -1h | grep -iE "firewalld|ufw|iptables|docker"   # who rewrote it?',
      `${restartFelix}   # Felix writes its rules again`,
    ],
  },
  messages: {
    drops: {
      title: "Calico's rules are missing or bypassed in {chain} on {node}, and the packet is dropped",
      detail: '{flaws}. The packet therefore ends at {rule}. {counters}',
    },
    open: {
      title: "Calico's rules are missing or bypassed in {chain} on {node}",
      detail: '{flaws}. Packets there pass without Calico. This flow is not stopped by it.',
    },
    bare: {
      title: 'No packet filter of {node} has a rule of Calico',
      detail:
        'No policy is enforced for the pods of {node}. Felix writes its rules again when it starts. To do next: ' +
        restartFelix,
    },
  },
  judge({ denials, 'calico-hooks': defects }, considered, evidence) {
    const { install, flow } = considered;
    const around = { home: considered['datastore-kind'], access: considered['calico-node-access'] };
    const findings: RawFinding<'drops' | 'open' | 'bare', FelixOfPod>[] = [];
    const nodes = new Set(defects.map(({ node }) => node));
    for (const node of nodes) {
      const denial = denials.denied.find((one) => one.node === node && one.class === 'hook-missing');
      const flawed = defects.filter(
        ({ node: where, flaw }) => where === node && (denial !== undefined || !closingFlaws.includes(flaw)),
      );
      const first = flawed.find((defect) => defect.chain === denial?.rule.chain.replace(/^filter-/, '')) ?? flawed[0];
      if (!first) continue;
      const data = {
        ...partsData(install),
        node,
        chain: first.chain,
        flaws: [...new Set(flawed.map(flawWords))].join('. '),
        show: showing(first),
        rule: denial ? ruleWords(denial.rule) : '',
        counters: denial ? counterWords(denial) : '',
      };
      findings.push({
        message: denial ? 'drops' : first.flaw === 'none' ? 'bare' : 'open',
        data,
        subject: { kind: 'Node', name: node },
        node,
        proof: denial?.proof ?? 'read',
        evidence: [
          ...(denial?.evidence ?? []),
          ...picking(
            evidence('calico-hooks').filter((one) => one.node === node),
            (line) => line.startsWith(`:${first.chain} `) || line.includes(`-A ${first.chain} `),
          ),
        ],
        stopsFlow: denial?.stopsFlow ?? false,
        lacks: [felixOf(node)],
        // A node without any rule of Calico may be meant so.
        ...(!denial && first.flaw === 'none'
          ? { isStatement: true }
          : felixButton(flow.status === 'observed' ? podOn(flow.value, node) : undefined, around)),
      });
    }
    if (findings.length > 0) return fail(...findings);
    const doubt = doubtOn(denials, allLegs);
    return doubt ? inconclusive(doubt) : pass("the kernel's chains lead through Calico's rules");
  },
});

/** A closing rule that nothing needs may be left out on purpose (IptablesFilterAllowAction). */
const closingFlaws: readonly HookFlaw[] = ['accept', 'late-accept'];

function showing({ backend, table, chain }: HookDefect): string {
  return backend === 'nftables'
    ? shellCommand`nft list chain ip calico ${table}-${chain}`
    : shellCommand`${backend}-save -c -t ${table} | grep -E '^:${chain}|-A ${chain} '`;
}

const words: Readonly<Record<HookFlaw, (place: string, calico: string, rule: string) => string>> = {
  jump: (place, calico) => `Nothing in ${place} leads into ${calico}`,
  empty: (_, calico) => `${calico} has no rules`,
  gone: (place) => `${place} has none of Calico's rules, and no chain of Calico is in its table`,
  behind: (place, _, rule) => `${rule} accepts every packet before ${place} leads into Calico's rules`,
  accept: (place) => `The end of ${place} lacks the rule that accepts what Calico's policies allow`,
  none: () => 'No packet filter of the node has a rule of Calico',
  'late-accept': (place, _, rule) =>
    `${rule} ends every packet before the rule at the end of ${place} that accepts what Calico's policies allow`,
};

function flawWords({ table, chain, flaw, rule }: HookDefect): string {
  return capital(words[flaw](`${table} ${chain}`, `${table} cali-${chain}`, rule ? ruleWords(rule) : ''));
}
