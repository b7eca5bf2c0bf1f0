import { readdirSync } from 'node:fs';
import { z } from 'zod';
import { administrator, type KubeObject } from './control-plane/api.ts';
import { insideNode } from './nodes/machine.ts';
import { labPaths, podPart, type LabPaths } from './paths.ts';
import { attempt, run } from './run.ts';
import type { LabPod, Topology } from './topology.ts';

/**
 * Everything about a lab that a fault could leave behind, in a form that compares: without counters,
 * times, identifiers that every object gets anew, and the random ends of pod names.
 */
export type Snapshot = Record<string, string[]>;

const withoutRandomEnds = (name: string) =>
  name.replace(/^(calico-node|calico-(?:kube-controllers|policy-controller)-[0-9a-f]+)-[0-9a-z]{5}$/, '$1');

const lines = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

/** A chain's line of a save without the counters of its policy. */
const chainPolicy = (line: string) => line.replace(/^(:\S+ \S+) \[\d+:\d+\]$/, '$1');

/** A save without tables that have no rule: iptables leaves those that it made once. */
function withoutEmptyTables(save: readonly string[]): string[] {
  const tables: string[][] = [];
  for (const line of save) {
    if (line.startsWith('*')) tables.push([]);
    tables.at(-1)?.push(line);
  }
  return tables.filter((table) => !table.every((line) => /^(\*\w+|:\S+ ACCEPT|COMMIT)$/.test(line))).flat();
}

/** Begins the lines of one part of a state. */
const mark = '=== ';

interface Part {
  readonly command: string;
  readonly isSave?: boolean;
  /** Where the order says nothing. */
  readonly isSet?: boolean;
}

/** Runs the commands of all parts in one shell: a state is read often, and a process costs. */
async function readParts(place: string[], parts: Readonly<Record<string, Part>>): Promise<Snapshot> {
  const script = Object.entries(parts).map(([name, { command }]) => `echo '${mark}${name}'; ${command}`);
  const { stdout } = await attempt([...place, 'sh', '-c', `exec 2>/dev/null\n${script.join('\n')}`]);
  const texts = new Map(
    stdout
      .split(new RegExp(`^${mark}`, 'm'))
      .slice(1)
      .map((text) => [text.slice(0, text.indexOf('\n')), text.slice(text.indexOf('\n') + 1)]),
  );
  return Object.fromEntries(
    Object.entries(parts).map(([name, { isSave = false, isSet = false }]) => {
      const text = texts.get(name);
      if (text === undefined) throw new Error(`the state has no ${name}: ${place.join(' ')}`);
      const read = lines(text).map(chainPolicy);
      return [name, isSave ? withoutEmptyTables(read) : isSet ? read.toSorted() : read];
    }),
  );
}

const nodeState = (paths: LabPaths, node: string): Promise<Snapshot> =>
  readParts(insideNode(paths, node, []), {
    [`${node} iptables-legacy`]: { command: 'iptables-legacy-save', isSave: true },
    [`${node} iptables-nft`]: { command: 'iptables-nft-save', isSave: true },
    [`${node} nftables`]: {
      command: 'nft -s list table ip calico; nft -s list table arp calico-arp',
      isSet: true,
    },
    [`${node} ipset`]: { command: 'ipset save', isSet: true },
    [`${node} routes`]: { command: 'ip route', isSet: true },
    [`${node} tunnel entries`]: {
      command: 'ip neigh show nud permanent; bridge fdb show dev vxlan.calico',
      isSet: true,
    },
    [`${node} links`]: {
      command:
        `ip -j link | tr '{' '\\n' | sed -n ` +
        `'s/.*"ifname":"\\([^"]*\\)","flags":\\(\\[[^]]*\\]\\),"mtu":\\([0-9]*\\).*/\\1 \\2 \\3/p'`,
      isSet: true,
    },
    [`${node} namespaces of pods`]: { command: 'ls /run/netns', isSet: true },
    [`${node} addresses`]: { command: `ip -4 -o addr | sed 's/^[0-9]*: //'`, isSet: true },
    [`${node} settings`]: {
      command: 'grep -rs --include=forwarding --include=rp_filter --include=proxy_arp "" /proc/sys/net/ipv4/conf',
      isSet: true,
    },
  });

/**
 * A pod's own links, addresses, routes and rules. A table of iptables-legacy stays once it was used, and is empty then.
 */
const podState = (paths: LabPaths, { namespace, name }: LabPod): Promise<Snapshot> =>
  readParts(['nsenter', `--net=${paths.namespaceFile(podPart(namespace, name))}`, '--'], {
    [`pod ${namespace}/${name}`]: {
      command:
        `ip -o link | sed 's/ qdisc.*//; s/@[^:]*//'; ip -4 -o addr; ip route; ip rule; ` +
        `iptables-legacy-save | grep '^-A'; nft -s list ruleset`,
    },
  });

const kinds = [
  '/api/v1/namespaces',
  '/api/v1/nodes',
  '/api/v1/pods',
  '/api/v1/services',
  '/api/v1/serviceaccounts',
  '/apis/apps/v1/deployments',
  '/apis/apps/v1/daemonsets',
  '/apis/networking.k8s.io/v1/networkpolicies',
  '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
];

function comparable(object: KubeObject): string {
  const { metadata, spec, rules, roleRef, subjects } = object;
  const { namespace, name, labels, annotations } = metadata;
  const conditions = object.status?.['conditions'];
  const isReady = Array.isArray(conditions)
    ? JSON.stringify(conditions).includes('"type":"Ready","status":"True"')
    : null;
  return JSON.stringify({
    namespace,
    name: withoutRandomEnds(name),
    labels,
    annotations,
    spec,
    rules,
    roleRef,
    subjects,
    isReady,
  });
}

const resourceSchema = z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) });
const keysSchema = z.object({ kvs: z.array(z.object({ key: z.base64(), value: z.base64() })).default([]) });

async function datastore(paths: LabPaths): Promise<string[]> {
  const dump = await run([
    'nsenter',
    `--net=${paths.namespaceFile('control')}`,
    'env',
    'ETCDCTL_API=3',
    'etcdctl',
    '--endpoints=https://127.0.0.1:2379',
    `--cacert=${paths.pki}/ca.crt`,
    `--cert=${paths.pki}/etcd-admin.crt`,
    `--key=${paths.pki}/etcd-admin.key`,
    'get',
    '--prefix',
    '/calico/resources/',
    '-w',
    'json',
  ]);
  return keysSchema.parse(JSON.parse(dump)).kvs.map(({ key, value }) => {
    const resource = resourceSchema.parse(JSON.parse(Buffer.from(value, 'base64').toString()));
    const { uid, creationTimestamp, resourceVersion, annotations, ...metadata } = resource.metadata;
    void [uid, creationTimestamp, resourceVersion, annotations];
    return `${Buffer.from(key, 'base64').toString()} ${JSON.stringify({ ...resource, metadata })}`;
  });
}

/** Takes a snapshot of a lab that is up. */
export async function snapshot(topology: Topology): Promise<Snapshot> {
  const paths = labPaths(topology.name);
  const api = administrator(paths);
  try {
    const [nodes, pods, objects, resources, underlay] = await Promise.all([
      Promise.all(topology.nodes.map((node) => nodeState(paths, node.name))),
      Promise.all(topology.pods.map((pod) => podState(paths, pod))),
      Promise.all(kinds.map(async (path) => [path, (await api.list(path)).map(comparable).toSorted()] as const)),
      topology.datastore === 'etcd' ? datastore(paths) : [],
      attempt(['nsenter', `--net=${paths.namespaceFile('underlay')}`, 'nft', '-s', 'list', 'ruleset']),
    ]);
    return {
      ...Object.assign({}, ...nodes, ...pods),
      ...Object.fromEntries(objects),
      'calico datastore': resources,
      'underlay nft': lines(underlay.stdout),
      processes: readdirSync(paths.processes).toSorted(),
      stopped: readdirSync(paths.stopped),
    };
  } finally {
    api.close();
  }
}
