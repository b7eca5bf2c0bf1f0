import { ruleFailureIn, type RuleFailureKind } from '../../calico/felix-rule-failures.ts';
import { picking, type Fact } from '../../model/evidence.ts';
import { nodeRules } from '../../model/resource.ts';
import { defineRule, fail, inconclusive, pass, type Advice, type RawFinding } from '../../model/rule.ts';
import { minutesBefore } from '../lib/log-age.ts';

/** Felix tries again at once and at each refresh (90 s), and starts anew after it gave up. */
const currentMinutes = 10;
const saidCharacters = 300;

const owner = 'the owner of node {node}';
const advice: Readonly<Partial<Record<RuleFailureKind, Advice>>> = {
  lock: {
    who: owner,
    commands: [
      'fuser -v /run/xtables.lock   # on {node}: which program holds it?',
      'kubectl get felixconfiguration default -o yaml   # iptablesLockTimeoutSecs: how long Felix waits for the lock',
    ],
  },
  incompatible: {
    who: owner,
    commands: [
      'iptables-nft-save >/dev/null; echo $?   # on {node}: fails while a table holds such rules',
      'nft -a list ruleset   # rules outside Calico in the tables filter, nat, mangle and raw of family ip: move them',
    ],
  },
  sets: {
    who: owner,
    commands: [
      'uname -r; ipset --version   # on {node}: a newer kernel than the ipset in calico-node knows',
      'calicoctl version   # update Calico to a version that knows this kernel',
    ],
  },
};

export const ruleSetUnreadable = defineRule({
  id: 'rule-set-unreadable',
  description: "Felix cannot read or write the rules or sets of its node, so the node's rules stay as they are.",
  step: 'felix',
  requires: ['flow', 'felix-log@target'],
  considers: ['felix-log@source'],
  withholds: ['nodeRules'],
  advice: {
    who: owner,
    commands: [
      'iptables-save >/dev/null; echo $?   # on {node}: can the tool read the rules?',
      'dmesg | tail -n 50   # on {node}: does the kernel refuse a module or a rule?',
    ],
  },
  messages: {
    lock: {
      title: 'Felix on {node} cannot write its rules: another program holds the lock of iptables',
      detail: 'Felix logs: {said}',
    },
    incompatible: {
      title: "Felix on {node} cannot read the node's rules: iptables does not understand some of them",
      detail: 'A program wrote rules with nft into a table of iptables. Felix logs: {said}',
    },
    sets: {
      title: "Felix on {node} cannot read the node's sets: its ipset does not know this kernel",
      detail: 'Felix logs: {said}',
    },
    read: { title: "Felix on {node} cannot read the node's rules", detail: 'Felix logs: {said}' },
    write: { title: 'Felix on {node} cannot write its rules', detail: 'Felix logs: {said}' },
  },
  judge({ flow, 'felix-log@target': log }, { 'felix-log@source': sourceLog }, evidence) {
    const { source, destination } = flow;
    const logs: readonly (readonly [
      string | null,
      Fact<readonly string[]>,
      'felix-log@target' | 'felix-log@source',
    ])[] = [
      [destination.node, { status: 'observed', value: log, evidence: [] }, 'felix-log@target'],
      ...(source.node === destination.node ? [] : [[source.node, sourceLog, 'felix-log@source'] as const]),
    ];
    const doubts: string[] = [];
    const findings = logs.flatMap(([node, read, key]): RawFinding<RuleFailureKind>[] => {
      if (node === null) return [];
      if (read.status === 'unavailable') {
        if (read.code !== 'not-applicable') doubts.push(`Felix's log on ${node} was not read: ${read.reason}`);
        return [];
      }
      const failure = ruleFailureIn(read.value);
      if (!failure) return [];
      const age = minutesBefore(evidence(key)[0]?.at ?? '', failure.line);
      if (age === null || age > currentMinutes) {
        doubts.push(`Felix on ${node} could not handle the node's rules some time ago, and may be over it`);
        return [];
      }
      return [
        {
          message: failure.kind,
          data: { node, said: failure.line.slice(0, saidCharacters) },
          subject: { kind: 'Node', name: node },
          node,
          proof: 'read',
          evidence: picking(evidence(key), (line) => line === failure.line),
          stopsFlow: false,
          withholds: [nodeRules(node)],
          ...(advice[failure.kind] ? { advice: advice[failure.kind] } : {}),
        },
      ];
    });
    if (findings.length > 0) return fail(...findings);
    return doubts.length > 0 ? inconclusive(doubts.join('; ')) : pass('Felix logs no trouble with its rules');
  },
});
