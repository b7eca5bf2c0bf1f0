import type { Denial } from '../../model/denial.ts';
import { allLegs } from '../../model/flow-walk.ts';
import { ruleWords } from '../../model/rule-words.ts';
import { defineRule, fail, inconclusive, pass, type RawFinding } from '../../model/rule.ts';
import { counterWords, doubtOn } from '../lib/denials.ts';

export const hostEndpointDenies = defineRule({
  id: 'host-endpoint-denies',
  description:
    'A policy or profile of a host endpoint drops the packet, or policies select it and none allows the packet.',
  step: 'filter',
  requires: ['denials'],
  advice: {
    who: 'the Calico administrator',
    commands: [
      'calicoctl get hostendpoint -o yaml   # which one has {node}, and which labels select it?',
      'calicoctl get globalnetworkpolicy -o yaml   # applyOnForward: policies that also judge what {node} forwards',
    ],
  },
  messages: {
    policy: {
      title: '{owner} denies the packet at a host endpoint of {node}',
      detail:
        'The packet goes by an interface of {node} that Calico protects, and ends at {rule}. It came there from ' +
        '{source} for {destination}. {counters}',
    },
    end: {
      title: 'No policy allows the packet at a host endpoint of {node}',
      detail:
        'Policies select the host endpoint, and none allows this packet from {source} to {destination}. It ends at ' +
        '{rule}. {counters}',
    },
  },
  judge({ denials }) {
    const findings = denials.denied
      .filter(({ class: kind }) => kind === 'host-endpoint')
      .map((denial): RawFinding<'policy' | 'end'> => {
        const { node, rule, proof, packet, evidence, stopsFlow } = denial;
        return {
          message: ownerWords(denial) === null ? 'end' : 'policy',
          data: {
            node,
            owner: ownerWords(denial) ?? '',
            rule: ruleWords(rule),
            source: packet.source,
            destination: packet.destination,
            counters: counterWords(denial),
          },
          subject: { kind: 'Rule', name: `${rule.table} ${rule.chain} ${rule.index}` },
          node,
          proof,
          evidence,
          stopsFlow,
        };
      });
    if (findings.length > 0) return fail(...findings);
    const doubt = doubtOn(denials, allLegs);
    return doubt ? inconclusive(doubt) : pass('no rule of a host endpoint ends the packet');
  },
});

/** null: the end of the chain, which no single policy owns. */
function ownerWords({ owner: { kind, name, namespace } }: Denial): string | null {
  if (kind === 'policy') return `Policy ${namespace === null ? '' : `${namespace}/`}${name}`;
  return kind === 'profile' ? `Profile ${name}` : null;
}
