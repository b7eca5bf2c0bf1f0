import { defineRule, fail, inconclusive, notApplicable, pass, type RawFinding } from '../../model/rule.ts';
import { describeEnd } from '../../model/flow-end-words.ts';
import { ruleWords } from '../../model/rule-words.ts';
import { describePort } from '../../model/target-grammar.ts';
import { isToOwnNode } from '../../model/flow-place.ts';
import { counterWords, doubtOn, isToHost } from '../lib/denials.ts';

export const endpointToHostDropped = defineRule({
  id: 'endpoint-to-host-dropped',
  description: "Calico drops what a pod sends to its own node: Felix's DefaultEndpointToHostAction.",
  step: 'filter',
  requires: ['flow', 'denials'],
  advice: {
    who: 'the Calico administrator',
    commands: [
      'calicoctl get felixconfiguration default -o yaml   # defaultEndpointToHostAction; not set: Drop',
      `calicoctl patch felixconfiguration default -p '{"spec":{"defaultEndpointToHostAction":"Accept"}}'`,
      'kubectl get daemonset -A -l k8s-app=calico-node -o yaml | grep -A1 DEFAULTENDPOINTTOHOSTACTION   # wins over it',
    ],
  },
  messages: {
    drops: {
      title: 'Calico drops {port} from {source} to its own node {node}',
      detail:
        'The policies of the pod let the packet pass. Then DefaultEndpointToHostAction decides, and it is Drop. ' +
        'The packet ends at {rule}. {counters}',
    },
  },
  judge({ flow, denials }) {
    if (!isToOwnNode(flow)) return notApplicable('the flow does not go from a pod to its own node');
    const findings = denials.denied.filter(isToHost).map((denial): RawFinding<'drops'> => ({
      message: 'drops',
      data: {
        port: describePort(flow.port),
        source: describeEnd(flow.source),
        node: denial.node,
        rule: ruleWords(denial.rule),
        counters: counterWords(denial),
      },
      subject: { kind: 'Node', name: denial.node },
      node: denial.node,
      proof: denial.proof,
      evidence: denial.evidence,
      stopsFlow: denial.stopsFlow,
    }));
    if (findings.length > 0) return fail(...findings);
    const doubt = doubtOn(denials, ['same-node']);
    return doubt ? inconclusive(doubt) : pass('Calico lets the pod reach its own node');
  },
});
