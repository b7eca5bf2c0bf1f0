import type { Evidence } from '../../model/evidence.ts';
import { allLegs, type PacketWalk } from '../../model/flow-walk.ts';
import { defineRule, fail, inconclusive, pass, type Advice, type RawFinding } from '../../model/rule.ts';
import type { RuleRef } from '../../model/ruleset/walk.ts';
import { ruleWords } from '../../model/rule-words.ts';
import { walkEvidence } from '../../model/walk-evidence.ts';
import { counterWords, doubtOn } from '../lib/denials.ts';
import { listRule } from '../../model/list-rule.ts';
import { waysOf } from '../lib/wrong-ways.ts';

export const foreignRuleDrops = defineRule({
  id: 'foreign-rule-drops',
  description: 'A rule or a chain policy that does not belong to Calico drops the packet or its tunnel packet.',
  step: 'filter',
  requires: ['denials'],
  considers: ['large-drops', 'data-drops', 'flow', 'flow-outcome'],
  lacks: ['way'],
  advice: { who: 'the owner of the firewall on {node}', commands: ['{show}'] },
  messages: {
    drops: {
      title: 'A rule outside Calico drops the packet on {node}',
      detail: 'The packet ends at {rule} ({text}). Written by: {owner}. {counters}',
    },
    unheard: {
      title: 'A rule outside Calico hands the packet to a program that does not run on {node}',
      detail:
        'The packet ends at {rule} ({text}). No program listens at that queue, and so the kernel drops the packet. ' +
        'Written by: {owner}. {counters}',
    },
    expires: {
      title: 'A rule outside Calico changes the time to live of the packet, and {on} does not forward it',
      detail:
        'It is changed on {node} by {rule} ({text}), and too little of it is left. Written by: {owner}. {counters}',
    },
    large: {
      title: 'A rule outside Calico drops large packets on {node}',
      detail:
        'Packets of {bytes} bytes from {from} to {to} end at {rule} ({text}), and small ones pass it. ' +
        'So connections open and then hang. Written by: {owner}.',
    },
    largeAlone: {
      title: 'A rule outside Calico drops large packets on {node}',
      detail:
        'Packets of {bytes} bytes from {from} to {to} end at {rule} ({text}), and small ones pass it. ' +
        'So small packets are answered, and large ones are not. Written by: {owner}.',
    },
    behindHandshake: {
      title: 'A rule outside Calico drops what follows the handshake on {node}',
      detail:
        'Connections open, because their first packets pass. Later packets from {from} to {to} end at {rule} ' +
        '({text}). So connections open and then hang. Written by: {owner}.',
    },
    behindOthers: {
      title: 'A rule outside Calico drops what follows the handshake on {node}',
      detail:
        'Connections do not open. Once that is fixed, their first packets from {from} to {to} would pass {rule} ' +
        '({text}). Later ones would end there, so connections would hang. Written by: {owner}.',
    },
  },
  judge({ denials }, { 'large-drops': large, 'data-drops': data, flow, 'flow-outcome': outcome }, evidenceOf) {
    const findings: RawFinding<Message>[] = [];
    for (const denial of denials.denied.filter((one) => one.class === 'foreign')) {
      const { node, rule, proof, evidence } = denial;
      const name = `${rule.table} ${rule.chain} ${rule.index}`;
      if (findings.some((finding) => finding.node === node && finding.subject.name === name)) continue;
      findings.push({
        message: denial.expiredOn ? 'expires' : denial.unheard ? 'unheard' : 'drops',
        data: {
          node,
          rule: ruleWords(rule),
          text: rule.text,
          owner: denial.owner.writer ?? unknownWriter,
          counters: counterWords(denial),
          on: denial.expiredOn ?? node,
          show: showing(rule),
        },
        subject: { kind: 'Rule', name },
        node,
        proof,
        evidence,
        stopsFlow: denial.stopsFlow,
        lacks: waysOf(denial),
        ...(denial.unheard ? { advice: ofQueue } : {}),
      });
    }
    const [dataDrop] = data.status === 'observed' ? data.value : [];
    if (dataDrop) {
      const opens = outcome.status === 'unavailable' || outcome.value.judgedPort !== 'fails';
      const found = ofLater(opens ? 'behindHandshake' : 'behindOthers', dataDrop, evidenceOf('data-drops'));
      findings.push({ ...found, stopsFlow: opens });
    }
    if (findings.length > 0) return fail(...findings);
    const [largeDrop] = large.status === 'observed' ? large.value : [];
    const isTcp = flow.status === 'observed' && flow.value.port.protocol === 'tcp';
    if (largeDrop) return fail(ofLater(isTcp ? 'large' : 'largeAlone', largeDrop, evidenceOf('large-drops')));
    const doubt = doubtOn(denials, allLegs);
    return doubt ? inconclusive(doubt) : pass('no rule outside Calico ends the packet');
  },
});

type Message = 'drops' | 'unheard' | 'expires' | 'large' | 'largeAlone' | 'behindHandshake' | 'behindOthers';

/** Only the first that a later packet meets: none of them comes any further. */
function ofLater(message: Message, walk: PacketWalk, read: readonly Evidence[]): RawFinding<Message> {
  const { node, packet, result } = walk;
  const { rule, owner } = result;
  if (!rule) throw new Error('a dropped packet ends at a rule');
  return {
    message,
    data: {
      node,
      bytes: String(packet.length),
      from: packet.source,
      to: packet.destination,
      rule: ruleWords(rule),
      text: rule.text,
      owner: owner?.writer ?? unknownWriter,
      show: showing(rule),
    },
    subject: { kind: 'Rule', name: `${rule.table} ${rule.chain} ${rule.index}` },
    node,
    proof: 'inferred',
    evidence: walkEvidence(walk, read),
    stopsFlow: true,
    ofLargePackets: true,
  };
}

const ofQueue: Advice = {
  who: 'the owner of the firewall on {node}',
  commands: [
    'systemctl --failed   # on {node}: did a program that inspects packets end, such as Suricata or Snort?',
    'cat /proc/net/netfilter/nfnetlink_queue   # a line for each queue at which a program listens, its number first',
    '{show}',
  ],
};

const unknownWriter = 'not known, nothing in the rule says';

function showing(rule: RuleRef): string {
  return `${listRule(rule)}   # find out who added it, and ask them to remove it`;
}
