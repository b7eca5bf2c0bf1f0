import { defineRule, fail, pass } from '../../model/rule.ts';

export const podOnHostNetwork = defineRule({
  id: 'pod-on-host-network',
  description: "The pod uses its node's network, so that no policy for pods applies to it. This is not a fault.",
  step: 'target',
  requires: ['pod'],
  advice: {
    who: 'the owner of namespace {namespace}',
    commands: [
      'calicoctl get hostendpoint -o wide   # only policies of a host endpoint of {node} judge its packets',
      "kubectl -n {namespace} get pod {pod} -o jsonpath='{.spec.hostNetwork}'",
    ],
  },
  messages: {
    states: {
      title: 'Pod {namespace}/{pod} uses the network of {node}',
      detail:
        'Policies that select pods do not apply to it, neither to what it sends nor to what it gets. Its clients ' +
        'meet the packet filter of {node} and the policies of its host endpoints.',
    },
  },
  judge({ pod }, _considered, evidence) {
    const { metadata, spec } = pod;
    if (!spec.hostNetwork) return pass('the pod has a network of its own');
    const namespace = metadata.namespace ?? 'default';
    return fail({
      message: 'states',
      data: { namespace, pod: metadata.name, node: spec.nodeName ?? 'its node' },
      subject: { kind: 'Pod', name: `${namespace}/${metadata.name}` },
      node: spec.nodeName ?? null,
      proof: 'read',
      evidence: evidence('pod'),
      stopsFlow: false,
      isStatement: true,
    });
  },
});
