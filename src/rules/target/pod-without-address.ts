import { cni, datastore, felixOf, poolAddress, runningPod } from '../../model/resource.ts';
import { defineRule, fail, notApplicable, pass } from '../../model/rule.ts';
import { hasNetwork } from '../lib/pod-start.ts';

export const podWithoutAddress = defineRule({
  id: 'pod-without-address',
  description: 'The pod is scheduled, is not on the host network, and has no IP address.',
  step: 'target',
  requires: ['pod'],
  ofClientToo: true,
  lacks: ['felix', 'datastore/cni', 'poolAddress', 'cni', 'pod'],
  advice: {
    who: 'the owner of the nodes',
    commands: ['kubectl -n {namespace} get events --field-selector involvedObject.name={pod}'],
  },
  messages: {
    noAddress: {
      title: 'Pod {namespace}/{pod} has no address',
      detail: 'The CNI plugin on {node} has not given it an IP. The events of the pod say why.',
    },
  },
  judge({ pod }, _considered, evidence) {
    if (pod.spec.hostNetwork || !pod.spec.nodeName)
      return notApplicable('the pod is not scheduled or on the host network');
    if (pod.status?.podIP) return pass(`the pod has address ${pod.status.podIP}`);
    const namespace = pod.metadata.namespace ?? 'default';
    const name = `${namespace}/${pod.metadata.name}`;
    const node = pod.spec.nodeName;
    return fail({
      message: 'noAddress',
      data: { namespace, pod: pod.metadata.name, node },
      subject: { kind: 'Pod', name },
      node,
      proof: 'read',
      evidence: evidence('pod'),
      stopsFlow: true,
      lacks: [
        // Where the kubelet has come to a container, the network was there: it is gone, or its address not told yet.
        ...(pod.status?.phase === 'Pending' && !hasNetwork(pod)
          ? [felixOf(node), datastore('cni', node), poolAddress(name), cni(node)]
          : []),
        runningPod(name),
      ],
    });
  },
});
