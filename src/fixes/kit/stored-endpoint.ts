/** A pod of a node as the API server and Calico's datastore have it. */
import { usualInterfacePrefix, workloadEndpointName } from '../../calico/endpoint-names.ts';
import { endpointOfPod } from '../../calico/kubernetes-datastore.ts';
import { calicoctlGetWorkloadendpointJson } from '../../commands/calicoctl.ts';
import type { ApiRead } from '../../model/api-reads.ts';
import type { Command } from '../../model/command.ts';
import type { Condition, FixContext } from '../../model/fix.ts';
import type { PodInterface } from '../../model/fix-inputs.ts';
import type { Pod } from '../../model/kubernetes.ts';
import { hasAddress } from '../../model/workloads.ts';
import { calicoctlOn } from './calicoctl.ts';
import { refuse } from './conditions.ts';

export const storedEndpointReads: readonly ApiRead[] = [
  { verb: 'get', apiVersion: 'v1', kind: 'Pod', where: 'cluster' },
];
export const storedEndpointCommands: readonly Command[] = [calicoctlGetWorkloadendpointJson];

/**
 * Reads whether the pod runs on this node with this address, and whether its endpoint is of this interface.
 * @throws LookError where the datastore could not be asked
 */
export async function storedEndpoint(
  context: FixContext,
  input: PodInterface,
): Promise<readonly Condition[] | ReturnType<typeof refuse>> {
  const { interface: name, node, namespace, pod, address } = input;
  const who = `${namespace}/${pod}`;
  const [stored, inEtcd] = await Promise.all([
    context.cluster.read<Pod>({ apiVersion: 'v1', kind: 'Pod', namespace, name: pod }),
    input.datastore === 'etcdv3' ? interfaceInEtcd(context, input) : null,
  ]);
  if (!stored.ok)
    return refuse(stored.status === 404 ? `pod ${who} is gone` : `pod ${who} could not be read: ${stored.reason}`);
  const { metadata, spec, status } = stored.value;
  if (metadata.deletionTimestamp !== undefined) return refuse(`pod ${who} is being deleted`);
  if (status?.phase !== 'Running') return refuse(`pod ${who} is ${status?.phase ?? 'in no known phase'}, not Running`);
  if (spec.nodeName !== node || !hasAddress(stored.value, address))
    return refuse(`pod ${who} is on ${spec.nodeName ?? 'no node'} with address ${status.podIP ?? 'none'} now`);
  // In the Kubernetes datastore the pod is the endpoint.
  const endpoint =
    input.datastore === 'etcdv3'
      ? inEtcd
      : (endpointOfPod(stored.value, usualInterfacePrefix)?.spec.interfaceName ?? null);
  if (endpoint !== name)
    return refuse(
      endpoint === null
        ? `Calico's datastore has no endpoint of ${who}`
        : `the endpoint of ${who} is of interface ${endpoint}, not of ${name}`,
      `calicoctl get workloadendpoint ${workloadEndpointName(node, pod)} -n ${namespace} -o yaml   # on ${node}`,
    );
  return [
    {
      id: 'pod',
      description: `pod ${who} runs on ${node} with address ${address}, and is the same as when planned`,
      value: metadata.uid ?? '',
    },
    { id: 'endpoint', description: `Calico's endpoint of the pod is of interface ${name}`, value: endpoint },
  ];
}

/** The interface of the pod's endpoint in etcd; null: it has none. */
async function interfaceInEtcd({ shells }: FixContext, input: PodInterface): Promise<string | null> {
  const { node, nodeAddress, namespace, pod } = input;
  const calicoctl = calicoctlOn(shells, { name: node, address: nodeAddress });
  const { object } = await calicoctl.endpoint(namespace, workloadEndpointName(node, pod));
  return object === null || object.spec.pod !== pod ? null : (object.spec.interfaceName ?? '');
}
