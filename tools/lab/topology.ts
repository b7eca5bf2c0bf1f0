import { createHash } from 'node:crypto';
import { z } from 'zod';
import { familyChoices } from './dual-stack.ts';
import { encaps, type Encap } from './encapsulation.ts';

/**
 * Who is where in the lab, as data. Every lab has the same addresses: each lives in namespaces of
 * its own, so two of them never meet.
 */

const nodeSchema = z.object({ name: z.string(), address: z.string(), tunnelAddress: z.string(), block: z.string() });

/** A node, its address on the underlay, and its /26 of pod addresses whose first is its tunnel device's. */
export type LabNode = z.infer<typeof nodeSchema>;

const podSchema = z.object({
  namespace: z.string(),
  name: z.string(),
  node: z.string(),
  ip: z.string(),
  /** Host side of the pod's veth, as Calico's CNI plugin names it. */
  interface: z.string(),
  labels: z.record(z.string(), z.string()),
  /** TCP ports the pod declares and serves. */
  ports: z.array(z.object({ name: z.string(), port: z.number(), speaks: z.enum(['http', 'tcp']) })),
  /** Name of the ReplicaSet that owns it; null for a bare pod. */
  owner: z.string().nullable(),
});

export type LabPod = z.infer<typeof podSchema>;

export const dataplanes = ['legacy', 'nft', 'nftables'] as const;
/** Where Calico keeps its objects. */
export const datastores = ['etcd', 'kubernetes'] as const;
/** How the bot reaches the nodes. */
export const nodeAccesses = ['ssh', 'agent'] as const;
/** Versions of Calico: that of 2017, and today's. */
export const eras = ['2', '3'] as const;
/** Who installed Calico. */
export const layouts = ['manifest', 'operator'] as const;

export const topologySchema = z.object({
  name: z.string(),
  era: z.enum(eras),
  /** What Felix programs: a backend of iptables, or a table of nftables. */
  dataplane: z.enum(dataplanes),
  datastore: z.enum(datastores),
  layout: z.enum(layouts),
  encap: z.enum(encaps),
  nodeAccess: z.enum(nodeAccesses),
  /** Which addresses nodes and pods have. */
  families: z.enum(familyChoices),
  /** Does Felix learn of changes from a Typha? */
  typha: z.boolean(),
  /** Directory of real calicoctl, calico-felix and kube-controllers; null with the stand-ins. */
  realPrograms: z.string().nullable(),
  nodes: z.array(nodeSchema),
  pods: z.array(podSchema),
});

export type Topology = z.infer<typeof topologySchema>;

export type Era = Topology['era'];
export type LabDatastore = Topology['datastore'];
export type Dataplane = Topology['dataplane'];

/** Where Calico's own pods, accounts and workloads are. */
export function calicoNamespace({ layout }: Pick<Topology, 'layout'>): string {
  return layout === 'operator' ? 'calico-system' : 'kube-system';
}

/** What manifests call Calico's controllers, their account and their role. */
export function controllersName({ era }: Pick<Topology, 'era'>): string {
  return era === '2' ? 'calico-policy-controller' : 'calico-kube-controllers';
}

/** The profiles that endpoints of a namespace's pods name: those of the namespace, and of the account of its pods. */
export function profilesOf({ era }: Pick<Topology, 'era'>, namespace: string): string[] {
  return era === '2' ? [`k8s_ns.${namespace}`] : [`kns.${namespace}`, `ksa.${namespace}.default`];
}

export const addresses = {
  gateway: '10.250.0.1',
  controlPlane: '10.250.0.10',
  operations: '10.250.0.5',
  outside: '10.250.0.200',
  prefixLength: 24,
  pool: '10.244.0.0/16',
} as const;

/** Address of the Service before the pods of an app, of the API server's range; each lab has the same. */
export function serviceAddress(namespace: string, app: string): string {
  const hash = createHash('sha1').update(`${namespace}/${app}`).digest();
  return `10.96.${100 + ((hash[0] ?? 0) % 100)}.${1 + ((hash[1] ?? 0) % 250)}`;
}

export const apiServer = `https://${addresses.controlPlane}:6443`;
export const calicoEtcd = `https://${addresses.controlPlane}:2379`;

/** The bot's account on every node (deploy/node). */
export const sshUser = 'calico-chatops';

/** Name of a pod's host interface: `cali` and 11 hex digits of SHA-1 over `namespace.pod`. */
export function hostInterface(namespace: string, pod: string): string {
  return `cali${createHash('sha1').update(`${namespace}.${pod}`).digest('hex').slice(0, 11)}`;
}

/** The nodes node-a, node-b, … with a /26 of pod addresses each. With `crosssubnet`, node-b is in another subnet. */
export function labNodes(count: number, encap: Encap = 'ipip'): LabNode[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `node-${String.fromCharCode(97 + index)}`,
    address: `10.250.${encap === 'crosssubnet' && index === 1 ? 1 : 0}.${11 + index}`,
    tunnelAddress: `10.244.${index + 1}.0`,
    block: `10.244.${index + 1}.0/26`,
  }));
}

type PodSketch = Omit<LabPod, 'interface'>;

const http = { name: 'http', port: 8080, speaks: 'http' } as const;

const sketches: PodSketch[] = [
  {
    namespace: 'default',
    name: 'mypod',
    node: 'node-a',
    ip: '10.244.1.5',
    labels: { app: 'web' },
    ports: [http],
    owner: 'web',
  },
  {
    namespace: 'default',
    name: 'client',
    node: 'node-b',
    ip: '10.244.2.7',
    labels: { app: 'client' },
    ports: [],
    owner: null,
  },
  {
    namespace: 'default',
    name: 'twin',
    node: 'node-c',
    ip: '10.244.3.5',
    labels: { app: 'web' },
    ports: [http],
    owner: 'web',
  },
  {
    namespace: 'shop',
    name: 'api',
    node: 'node-b',
    ip: '10.244.2.9',
    labels: { app: 'api' },
    ports: [http],
    owner: null,
  },
  {
    namespace: 'shop',
    name: 'db',
    node: 'node-a',
    ip: '10.244.1.9',
    labels: { app: 'db' },
    ports: [{ name: 'postgres', port: 5432, speaks: 'tcp' }],
    owner: null,
  },
];

/** A pod with the interface name that its namespace and name give. */
export function labPod(sketch: PodSketch): LabPod {
  return { ...sketch, interface: hostInterface(sketch.namespace, sketch.name) };
}

/** The pods that every lab starts with. */
export function labPods(): LabPod[] {
  return sketches.map(labPod);
}

/** @throws Error when the lab has no such node. */
export function nodeNamed(topology: Topology, name: string): LabNode {
  const node = topology.nodes.find((one) => one.name === name);
  if (!node) throw new Error(`no node ${name}; there are ${topology.nodes.map((one) => one.name).join(', ')}`);
  return node;
}

/** Pod by `namespace/name`. @throws Error when the lab has none. */
export function podNamed(topology: Topology, id: string): LabPod {
  const found = topology.pods.find((one) => `${one.namespace}/${one.name}` === id);
  if (!found) throw new Error(`no pod ${id} in the lab`);
  return found;
}
