import { picking, type Fact } from '../../model/evidence.ts';
import type { Link } from '../../model/network.ts';
import { isSilence, isUnreached } from '../../model/node-answers.ts';
import { readyCondition } from '../../model/node-ready.ts';
import { kubelet, nodeAnswers } from '../../model/resource.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type RawFinding } from '../../model/rule.ts';

export const nodeNotReady = defineRule({
  id: 'node-not-ready',
  description: 'Kubernetes says that a node of the flow is not ready, or does not have the node.',
  step: 'target',
  sharedBy: 'node',
  requires: ['pod', 'nodes'],
  considers: ['flow', 'links@target', 'links@source'],
  lacks: ['nodeAnswers'],
  withholds: ['kubelet'],
  advice: {
    who: 'the owner of node {node}',
    commands: [
      'kubectl describe node {node}   # its conditions and events',
      'systemctl status kubelet   # on {node}',
      'journalctl -u kubelet --since -30min   # on {node}: why does it not report Ready?',
    ],
  },
  messages: {
    notReady: {
      title: 'Node {node} is not ready: {reason}',
      detail: 'Its condition Ready is {status}: {said}. {reach}',
    },
    gone: {
      title: 'Kubernetes has no node {node}',
      detail: 'Pod {pod} is bound to it. Without the node, no kubelet runs the pod.',
    },
  },
  judge({ pod, nodes }, { flow, 'links@target': targetLinks, 'links@source': sourceLinks }, evidence) {
    const target = pod.spec.nodeName;
    if (!target) return notApplicable('the pod is on no node yet');
    const source = flow.status === 'observed' ? flow.value.source.node : null;
    const ends: readonly (readonly [string, Fact<readonly Link[]>])[] = [
      [target, targetLinks],
      ...(source !== null && source !== target ? [[source, sourceLinks] as const] : []),
    ];
    const unsaid: string[] = [];
    const findings = ends.flatMap(([name, read]): RawFinding<'notReady' | 'gone'>[] => {
      const node = nodes.find(({ metadata }) => metadata.name === name);
      const ready = node ? readyCondition(node) : null;
      if (ready?.status === 'True') return [];
      if (node && !ready) {
        unsaid.push(name);
        return [];
      }
      const isSilent = read.status === 'unavailable' && isSilence(read);
      return [
        {
          message: node ? 'notReady' : 'gone',
          data: {
            node: name,
            pod: `${pod.metadata.namespace ?? 'default'}/${pod.metadata.name}`,
            reason: ready?.reason ?? 'no reason given',
            status: ready?.status ?? '',
            said: ready?.message ?? 'no message',
            reach: isSilent
              ? `It does not answer this check either: ${read.reason}.`
              : read.status === 'observed'
                ? 'Commands on it still run, so this alone does not stop packets.'
                : read.status === 'unavailable' && isUnreached(read)
                  ? `This check has no way to it: ${read.reason}.`
                  : '',
          },
          subject: { kind: 'Node', name },
          node: name,
          proof: 'read',
          evidence: picking(evidence('nodes'), (line) => line.startsWith(`${name} `)),
          // A kubelet that reports trouble runs its pods; one that is gone may have left them running.
          stopsFlow: !node || (ready?.status === 'Unknown' && isSilent),
          lacks: [nodeAnswers(name)],
          withholds: [kubelet(name)],
        },
      ];
    });
    if (findings.length > 0) return fail(...findings);
    return unsaid.length > 0
      ? inconclusive(`Kubernetes does not say whether ${unsaid.join(' and ')} is ready`)
      : pass('Kubernetes says that the nodes of the flow are ready');
  },
});
