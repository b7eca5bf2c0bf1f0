import type { FlowEnd } from '../../model/flow.ts';
import { endpointOf, nodeName } from '../../model/resource.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type RawFinding } from '../../model/rule.ts';
import { whyNotLive } from '../lib/felix-live.ts';

export const workloadEndpointMissing = defineRule({
  id: 'workload-endpoint-missing',
  description: "Calico's datastore has no endpoint for a pod of the flow, so Felix does not program the pod.",
  step: 'endpoint',
  requires: ['flow', 'endpoint'],
  considers: ['source-endpoint', 'endpoint-controls', 'datastore-kind', 'felix@target', 'felix@source'],
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
      'source-endpoint': sourceEndpoint,
      'endpoint-controls': controls,
      'datastore-kind': home,
      'felix@target': target,
      'felix@source': source,
    } = considered;
    if (home.status === 'observed' && home.value.kind === 'kubernetes')
      return notApplicable('with the Kubernetes datastore the endpoint follows from the pod');
    const lacking: (readonly [FlowEnd, 'destination' | 'source'])[] = [];
    if (endpoint === null) lacking.push([flow.destination, 'destination']);
    if (sourceEndpoint.status === 'observed' && sourceEndpoint.value === null) lacking.push([flow.source, 'source']);
    if (lacking.length === 0) return pass('the datastore has the endpoints of the flow');
    if (controls.status === 'unavailable')
      return inconclusive(
        `the client finds no endpoint of the pod, and was not tried with another: ${controls.reason}`,
      );
    const findings = lacking.flatMap(([{ namespace, name, node }, end]): RawFinding<'missing'>[] => {
      const pod = `${namespace}/${name}`;
      const control = controls.value.find((one) => one.pod === pod)?.found;
      if (!control || !node) return [];
      const felix = end === 'destination' ? target : source;
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
