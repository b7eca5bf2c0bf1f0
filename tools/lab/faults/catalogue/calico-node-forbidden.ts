import { felixProcess } from '../../nodes/daemons.ts';
import { defineFault } from '../fault.ts';
import { felixReady } from '../felix.ts';
import { flow } from '../flows.ts';
import { newPod } from '../new-pod.ts';

const role = '/apis/rbac.authorization.k8s.io/v1/clusterroles/calico-node';

export const calicoNodeForbidden = defineFault({
  name: 'calico-node-forbidden',
  summary: 'Felix may not read namespaces and is started anew, then default/newpod is added to node-a',
  datastores: ['kubernetes'],
  expects: {
    asks: ['default/newpod'],
    verdict: 'fault',
    roots: ['calico-node-forbidden'],
    consequences: ['calico-guard-drops'],
    answers: [flow('default/client', 'default/mypod'), flow('node-a', 'default/mypod')],
    silent: [flow('default/client', 'default/newpod')],
    others: [{ asks: ['default/mypod'], verdict: 'fault', latent: ['calico-node-forbidden'] }],
  },
  break: (topology) => {
    const pod = newPod(topology);
    return [
      { do: 'withdraw-resource', path: role, resource: 'namespaces' },
      // A watch that stands goes on without rights: only a Felix that starts anew is refused.
      { do: 'restart', process: felixProcess(pod.node) },
      {
        do: 'await',
        what: `Felix of ${pod.node} to be refused`,
        on: pod.node,
        command: ['grep', '-qE', 'namespaces.* is forbidden', '/var/log/calico/felix.log'],
        seconds: 60,
      },
      { do: 'add-pod', pod },
      // As the CNI plugin leaves it.
      { do: 'run', on: pod.node, command: ['ip', 'route', 'replace', `${pod.ip}/32`, 'dev', pod.interface] },
    ];
  },
  heal: (topology) => {
    const pod = newPod(topology);
    return [
      { do: 'remove-pod', pod },
      { do: 'restore-rules', path: role },
      { do: 'restart', process: felixProcess(pod.node) },
      felixReady(pod.node),
    ];
  },
});
