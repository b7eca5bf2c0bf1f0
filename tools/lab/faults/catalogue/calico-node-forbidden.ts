import { felixProcess, typhaProcess } from '../../nodes/daemons.ts';
import { typhaAccount, typhaSlice } from '../../objects/typha.ts';
import { controllersNode } from '../../supervisor/workloads.ts';
import type { Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { felixReady, felixWithoutTypha } from '../felix.ts';
import { flow } from '../flows.ts';
import { newPod } from '../new-pod.ts';
import type { Step } from '../steps.ts';

/** Of the account that reads the datastore for Felix. */
const roleOf = (topology: Topology) =>
  `/apis/rbac.authorization.k8s.io/v1/clusterroles/${topology.typha ? typhaAccount(topology) : 'calico-node'}`;

/** A watch that stands goes on without rights: only what starts anew is refused. */
const refusedAnew = (topology: Topology): readonly Step[] => {
  const pod = newPod(topology);
  const [process, on, log] = topology.typha
    ? [typhaProcess, controllersNode(topology).name, '/var/log/pods/*/calico-typha-*/calico-typha.log']
    : [felixProcess(pod.node), pod.node, '/var/log/calico/felix.log'];
  return [
    { do: 'stop', process },
    // No Felix is to find the new one before that is known to be not ready.
    ...(topology.typha ? ([{ do: 'await-unready', path: typhaSlice(topology) }] as const) : []),
    { do: 'start', process },
    {
      do: 'await',
      what: `${process} to be refused`,
      on,
      command: ['sh', '-c', `grep -qE 'namespaces.* is forbidden' ${log}`],
      seconds: 60,
    },
    // With its Typha every Felix begins anew.
    ...(topology.typha ? topology.nodes.map(({ name }) => felixWithoutTypha(name)) : []),
  ];
};

const expects = {
  asks: ['default/newpod'],
  verdict: 'fault',
  roots: ['calico-node-forbidden'],
  consequences: ['calico-guard-drops'],
  answers: [flow('default/client', 'default/mypod'), flow('node-a', 'default/mypod')],
  silent: [flow('default/client', 'default/newpod')],
  others: [{ asks: ['default/mypod'], verdict: 'fault', latent: ['calico-node-forbidden'] }],
} as const;

export const calicoNodeForbidden = defineFault({
  name: 'calico-node-forbidden',
  summary:
    'Felix, or the Typha that reads for it, may not read namespaces and is started anew, then default/newpod is ' +
    'added to node-a',
  datastores: ['kubernetes'],
  expects,
  expectsWithTypha: {
    ...expects,
    consequences: ['calico-guard-drops', 'typha-unavailable'],
    others: [
      {
        asks: ['default/mypod'],
        verdict: 'fault',
        latent: ['calico-node-forbidden'],
        consequences: ['typha-unavailable'],
      },
    ],
  },
  break: (topology) => {
    const pod = newPod(topology);
    return [
      { do: 'withdraw-resource', path: roleOf(topology), resource: 'namespaces' },
      ...refusedAnew(topology),
      { do: 'add-pod', pod },
      // As the CNI plugin leaves it.
      { do: 'run', on: pod.node, command: ['ip', 'route', 'replace', `${pod.ip}/32`, 'dev', pod.interface] },
    ];
  },
  heal: (topology) => {
    const pod = newPod(topology);
    return [
      { do: 'remove-pod', pod },
      { do: 'restore-rules', path: roleOf(topology) },
      ...(topology.typha
        ? topology.nodes.map(({ name }) => felixReady(name))
        : ([{ do: 'restart', process: felixProcess(pod.node) }, felixReady(pod.node)] as const)),
    ];
  },
});
