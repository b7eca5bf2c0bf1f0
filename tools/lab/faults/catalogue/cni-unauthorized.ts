import { podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';

const pods = '/api/v1/namespaces/default/pods';
const events = '/api/v1/namespaces/default/events';

export const cniUnauthorized = defineFault({
  name: 'cni-unauthorized',
  summary: "a new pod of node-a stays Pending: the kubelet reports that the CNI plugin's token is not accepted",
  expects: {
    asks: ['default/newpod'],
    verdict: 'fault',
    roots: ['cni-plugin-failing'],
    consequences: ['pod-not-running', 'pod-without-address'],
    answers: [flow('default/client', 'default/mypod')],
    silent: [],
    others: [{ asks: ['default/mypod'], verdict: 'healthy' }],
  },
  break: (topology) => {
    const { node } = podNamed(topology, 'default/mypod');
    return [
      {
        do: 'create-object',
        collection: pods,
        object: {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'newpod', namespace: 'default', labels: { app: 'new' } },
          spec: { nodeName: node, containers: [{ name: 'main', image: 'server' }] },
        },
      },
      {
        do: 'report',
        collection: events,
        about: `${pods}/newpod`,
        event: {
          metadata: { name: 'newpod.1', namespace: 'default' },
          type: 'Warning',
          reason: 'FailedCreatePodSandBox',
          message:
            'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for ' +
            'sandbox "4f1c": plugin type="calico" failed (add): error getting ClusterInformation: connection ' +
            'is unauthorized: Unauthorized',
          source: { component: 'kubelet', host: node },
          count: 3,
        },
      },
    ];
  },
  heal: () => [
    { do: 'remove-object', path: `${events}/newpod.1` },
    { do: 'await-removal', path: `${pods}/newpod` },
  ],
});
