import type { FlowEnd } from '../../model/flow.ts';
import type { Pod } from '../../model/kubernetes.ts';
import { endpointOf, nodeName } from '../../model/resource.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type RawFinding } from '../../model/rule.ts';
import { whyNotLive } from '../lib/felix-live.ts';

export const workloadEndpointMissing = defineRule({
  id: 'workload-endpoint-missing',
  description: "Calico's datastore has no endpoint for a pod of the flow, so Felix does not program the pod.",
  step: 'endpoint',
  requires: ['flow', 'endpoint'],
  considers: ['pod', 'pods', 'source-endpoint', 'endpoint-controls', 'datastore-kind', 'felix@target', 'felix@source'],
  lacks: ['nodeName'],
  withholds: ['endpoint'],
  advice: {
    who: 'the Calico administrator',
    commands: [
      'calicoctl get workloadendpoint -n {namespace} -o wide   # is there one for {pod}, of another node?',
      'kubectl -n {namespace} delete pod {pod}   # the CNI plugin writes an endpoint for the pod that replaces it',
      'tail -n 50 /var/log/calico/cni/cni.log   # on {node}: who removed the endpoint, and when?',
    ],
  },
  messages: {
    missing: {
      title: 'Pod {namespace}/{pod} has no endpoint in Calico',
      detail:
        'The datastore has none of its name, and the same client finds that of {control}. Felix on {node} programs ' +
        'neither policies nor a route for a pod without an endpoint, and drops its packets.',
    },
  },
  judge({ flow, endpoint }, considered, evidence) {
    const {
      pod: target,
      pods,
      'source-endpoint': sourceEndpoint,
      'endpoint-controls': controls,
      'datastore-kind': home,
      'felix@target': targetFelix,
      'felix@source': sourceFelix,
    } = considered;
    if (home.status === 'observed' && home.value.kind === 'kubernetes')
      return notApplicable('with the Kubernetes datastore the endpoint follows from the pod');
    const lacking: (readonly [FlowEnd, 'destination' | 'source'])[] = [];
    if (endpoint === null) lacking.push([flow.destination, 'destination']);
    if (sourceEndpoint.status === 'observed' && sourceEndpoint.value === null) lacking.push([flow.source, 'source']);
    if (lacking.length === 0) return pass('the datastore has the endpoints of the flow');
    const known = [
      ...(target.status === 'observed' ? [target.value] : []),
      ...(pods.status === 'observed' ? pods.value : []),
    ];
    const living = lacking.filter(([end]) => !known.some((pod) => isOf(pod, end) && isEnding(pod)));
    if (living.length === 0)
      return notApplicable('the endpoint of a pod that has ended, or is being deleted, goes with it');
    if (controls.status === 'unavailable')
      return inconclusive(
        `the client finds no endpoint of the pod, and was not tried with another: ${controls.reason}`,
      );
    const findings = living.flatMap(([{ namespace, name, node }, end]): RawFinding<'missing'>[] => {
      const pod = `${namespace}/${name}`;
      const control = controls.value.find((one) => one.pod === pod)?.found;
      if (!control || !node) return [];
      const felix = end === 'destination' ? targetFelix : sourceFelix;
      return [
        {
          message: 'missing',
          data: { namespace: namespace ?? 'default', pod: name, node, control },
          subject: { kind: 'Pod', name: pod },
          node,
          proof: 'read',
          evidence: [...evidence(end === 'source' ? 'source-endpoint' : 'endpoint'), ...evidence('endpoint-controls')],
          // A Felix that is gone has left what it programmed.
          stopsFlow: felix.status === 'observed' && whyNotLive(felix.value) === null,
          lacks: [nodeName(node)],
          withholds: [endpointOf(pod)],
        },
      ];
    });
    return findings.length > 0
      ? fail(...findings)
      : inconclusive('the client finds no endpoint of the pod, and none of another pod of its node either');
  },
});

function isOf({ metadata }: Pod, end: FlowEnd): boolean {
  return metadata.name === end.name && (metadata.namespace ?? 'default') === end.namespace;
}

/** Calico's CNI plugin removes the endpoint with the pod's network, which the kubelet takes down first. */
function isEnding({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined || status?.phase === 'Succeeded' || status?.phase === 'Failed';
}
