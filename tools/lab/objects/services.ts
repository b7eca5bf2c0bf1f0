import type { Administrator } from '../control-plane/api.ts';
import { ipv6Of, isDual, serviceAddress6 } from '../dual-stack.ts';
import { serviceAddress, type LabPod, type Topology } from '../topology.ts';

type AddressType = 'IPv4' | 'IPv6';

/** A Service before pods that serve the same, with addresses of these families, the first first. */
interface LabService {
  readonly namespace: string;
  readonly name: string;
  readonly families: readonly AddressType[];
  readonly behind: readonly LabPod[];
}

/** Name of the slice with a Service's endpoints of one family. */
export function sliceName(service: string, addressType: AddressType = 'IPv4'): string {
  return addressType === 'IPv4' ? `${service}-lab` : `${service}-lab-ipv6`;
}

/** A Service before the pods of every app that serves something, of each family that pods have. */
export async function ensureServices(api: Administrator, topology: Topology): Promise<void> {
  const served = Map.groupBy(
    topology.pods.filter((pod) => pod.ports.length > 0),
    (pod) => `${pod.namespace}/${pod.labels['app'] ?? pod.name}`,
  );
  const families = isDual(topology) ? (['IPv4', 'IPv6'] as const) : (['IPv4'] as const);
  await Promise.all(
    [...served].map(([key, behind]) => {
      const [namespace = '', name = ''] = key.split('/');
      return ensureService(api, { namespace, name, families, behind });
    }),
  );
}

const collections = {
  services: (namespace: string) => `/api/v1/namespaces/${namespace}/services`,
  slices: (namespace: string) => `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
};

/** Makes a Service, and an EndpointSlice for each of its families. */
export async function ensureService(api: Administrator, service: LabService): Promise<void> {
  const { namespace, name, families, behind } = service;
  const [pod] = behind;
  if (!pod) return;
  const address = serviceAddress(namespace, name);
  const clusterIPs = families.map((family) => (family === 'IPv4' ? address : serviceAddress6(address)));
  await api.ensure(collections.services(namespace), {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: {
      clusterIP: clusterIPs[0],
      clusterIPs,
      ipFamilies: families,
      ipFamilyPolicy: families.length > 1 ? 'RequireDualStack' : 'SingleStack',
      selector: pod.labels,
      ports: pod.ports.map((port) => ({ name: port.name, port: port.port, targetPort: port.name, protocol: 'TCP' })),
    },
  });
  await Promise.all(
    families.map((addressType) =>
      api.ensure(collections.slices(namespace), {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        addressType,
        metadata: {
          name: sliceName(name, addressType),
          namespace,
          labels: { 'kubernetes.io/service-name': name },
        },
        endpoints: behind.map((one) => ({
          addresses: [addressType === 'IPv4' ? one.ip : ipv6Of(one.ip)],
          conditions: { ready: true, serving: true, terminating: false },
          nodeName: one.node,
          targetRef: { kind: 'Pod', name: one.name, namespace: one.namespace },
        })),
        ports: pod.ports.map((port) => ({ name: port.name, port: port.port, protocol: 'TCP' })),
      }),
    ),
  );
}

/** Takes it away again, with its slices. */
export async function removeService(api: Administrator, { namespace, name, families }: LabService): Promise<void> {
  await api.remove(`${collections.services(namespace)}/${name}`);
  for (const family of families) await api.remove(`${collections.slices(namespace)}/${sliceName(name, family)}`);
}
