import { controllersProcess, felixProcess } from '../nodes/daemons.ts';
import { controllersNode } from '../supervisor/workloads.ts';
import { labPod, type LabPod, type Topology } from '../topology.ts';
import { ruleGone, ruleThere, type Step } from './steps.ts';

/** A fault as data. `roots`, `consequences` and `latent` are the causes that a diagnosis of default/mypod from default/client must name. */
export type Fault = {
  name: string;
  summary: string;
  roots: string[];
  consequences: string[];
  latent: string[];
  /** Parameters of `break`, with their meaning. */
  parameters: Record<string, string>;
  /** What must still work while it is broken. */
  works: string[];
  /** Other faults that it is made of: they are broken in this order, and can be healed one by one. */
  parts: string[];
  break: (topology: Topology, parameters: Record<string, string>) => Step[];
  heal: (topology: Topology, parameters: Record<string, string>) => Step[];
};

const namespaceProfiles = (namespace: string) => [`kns.${namespace}`, `ksa.${namespace}.default`];

/** Pod by `namespace/name`. @throws Error when the lab has none. */
function pod(topology: Topology, id: string): LabPod {
  const found = topology.pods.find((one) => `${one.namespace}/${one.name}` === id);
  if (!found) throw new Error(`no pod ${id} in the lab`);
  return found;
}

const target = (topology: Topology) => pod(topology, 'default/mypod');

/** Felix's drops in the place of one missing profile, a direction each. */
const standInDrops = (profile: string) => ['pri', 'pro'].map((chain) => `-A cali-${chain}-${profile} .*-j DROP`);

const nodesOf = (topology: Topology, namespace: string) => [
  ...new Set(topology.pods.filter((one) => one.namespace === namespace).map((one) => one.node)),
];

/** Waits until every node with pods of the namespace has Felix's stand-ins for each of its profiles, or none. */
const awaitStandIns = (topology: Topology, namespace: string, wanted: 'there' | 'gone'): Step[] =>
  nodesOf(topology, namespace).flatMap((on) =>
    namespaceProfiles(namespace)
      .flatMap(standInDrops)
      .map((rule): Step => ({
        do: 'await',
        what: `Felix of ${on} to ${wanted === 'there' ? 'drop for the missing' : 'allow for the'} profile: ${rule}`,
        on,
        command: wanted === 'there' ? ruleThere(topology.dataplane, rule) : ruleGone(topology.dataplane, rule),
        seconds: 30,
      })),
  );

/** Deletes the profiles of a namespace and waits until Felix has put its stand-in drops in their place. */
const loseProfiles = (topology: Topology, namespace = 'default'): Step[] => [
  ...namespaceProfiles(namespace).map((name): Step => ({ do: 'remove-calico', kind: 'profile', name })),
  ...awaitStandIns(topology, namespace, 'there'),
];

const regainProfiles = (topology: Topology, namespace = 'default'): Step[] => [
  ...namespaceProfiles(namespace).map((name): Step => ({ do: 'restore-calico', kind: 'profile', name })),
  ...awaitStandIns(topology, namespace, 'gone'),
];

const controllersLog = 'cat /var/log/pods/kube-system/calico-kube-controllers-*/calico-kube-controllers.log';

const controllersSay = (topology: Topology, what: string, phrase: string): Step => ({
  do: 'await',
  what,
  on: controllersNode(topology).name,
  command: ['sh', '-c', `${controllersLog} | grep -q "$1"`, 'sh', phrase],
  seconds: 60,
});

const controllersBinding = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/calico-kube-controllers';

/** What the bot's fix may have put the controllers into. */
const grantBinding = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/calico-chatops-controller-grant';

const running = 'Namespace/Profile controller is now running';

const ipipBlocked: Fault = {
  name: 'ipip-blocked',
  summary: 'IP protocol 4 is dropped between the nodes, as by a cloud security group',
  roots: ['ipip-lost-between-nodes'],
  consequences: [],
  latent: [],
  parameters: {},
  works: ['default/mypod from its own node', 'pods of one node among themselves', 'node to node'],
  parts: [],
  break: () => [
    {
      do: 'run',
      on: 'underlay',
      command: [
        'nft',
        'table bridge security-group { chain transit { type filter hook forward priority 0; policy accept; ip protocol 4 counter drop; }; }',
      ],
    },
  ],
  // Also when somebody has opened it by hand: a table that is gone is added first.
  heal: () => [
    {
      do: 'run',
      on: 'underlay',
      command: ['nft', 'add table bridge security-group; delete table bridge security-group'],
    },
  ],
};

const controllerForbidden: Fault = {
  name: 'controller-forbidden',
  summary: 'the ClusterRoleBinding of kube-controllers is deleted, then the profile of namespace default',
  roots: ['controller-forbidden'],
  consequences: ['pod-profile-missing'],
  latent: [],
  parameters: { profile: 'kept: the profile stays, so that the flow works and controller-forbidden is latent' },
  works: ['default/mypod from its own node', 'shop/api from shop/db'],
  parts: [],
  break: (topology, { profile }) => [
    { do: 'remove-object', path: controllersBinding },
    // A watch that stands goes on without rights: only a controller that starts anew is refused.
    { do: 'restart', process: controllersProcess },
    controllersSay(topology, 'the controllers to be refused', 'is forbidden'),
    ...(profile === 'kept' ? [] : loseProfiles(topology)),
  ],
  heal: (topology, { profile }) => [
    { do: 'restore-object', path: controllersBinding },
    { do: 'clear-subjects', path: grantBinding },
    { do: 'restart', process: controllersProcess },
    ...(profile === 'kept' ? [] : regainProfiles(topology)),
    controllersSay(topology, 'the controllers to run', running),
  ],
};

const newPod = (topology: Topology): LabPod =>
  labPod({
    namespace: 'default',
    name: 'newpod',
    node: target(topology).node,
    ip: '10.244.1.6',
    labels: { app: 'new' },
    ports: [{ name: 'http', port: 8080, speaks: 'http' }],
    owner: null,
  });

const foreignRule = (topology: Topology): string[] => [
  'FORWARD',
  '-d',
  `${target(topology).ip}/32`,
  '-m',
  'comment',
  '--comment',
  'host firewall',
  '-j',
  'DROP',
];

const denyWeb = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'deny-web', namespace: 'default' },
  spec: { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'] },
};

const tierDrop = (topology: Topology) => `-A cali-tw-${target(topology).interface} .*End of tier default`;

/** Every fault that the lab can break and heal. */
export const catalogue: Fault[] = [
  ipipBlocked,
  {
    name: 'profile-missing',
    summary: 'the profile of namespace default is deleted behind a controller that has not reconciled yet',
    roots: ['pod-profile-missing'],
    consequences: [],
    latent: [],
    parameters: { namespace: 'whose profile; default when not given' },
    works: ['default/mypod from its own node', 'shop/api from shop/db'],
    parts: [],
    break: (topology, { namespace }) => [
      { do: 'pause', process: controllersProcess },
      ...loseProfiles(topology, namespace),
    ],
    heal: (topology, { namespace }) => [
      ...regainProfiles(topology, namespace),
      { do: 'resume', process: controllersProcess },
    ],
  },
  {
    name: 'controller-stopped',
    summary: 'kube-controllers is scaled to nothing, then the profile of namespace default is deleted',
    roots: ['controller-not-running'],
    consequences: ['pod-profile-missing'],
    latent: [],
    parameters: {},
    works: ['default/mypod from its own node', 'shop/api from shop/db'],
    parts: [],
    break: (topology) => [
      { do: 'scale', deployment: 'calico-kube-controllers', replicas: 0 },
      ...loseProfiles(topology),
    ],
    heal: (topology) => [
      ...regainProfiles(topology),
      { do: 'scale', deployment: 'calico-kube-controllers', replicas: 1 },
      controllersSay(topology, 'the controllers to run', running),
    ],
  },
  controllerForbidden,
  {
    name: 'first-case',
    summary: 'ipip-blocked and controller-forbidden at once',
    roots: ['ipip-lost-between-nodes', 'controller-forbidden'],
    consequences: ['pod-profile-missing'],
    latent: [],
    parameters: {},
    works: ['default/mypod from its own node'],
    parts: [ipipBlocked.name, controllerForbidden.name],
    break: () => [],
    heal: () => [],
  },
  {
    name: 'policy-deny',
    summary: 'a NetworkPolicy selects app=web in namespace default and allows nothing',
    roots: ['policy-denies-ingress'],
    consequences: [],
    latent: [],
    parameters: {},
    works: ['default/mypod from its own node', 'shop/api from default/client'],
    parts: [],
    break: (topology) => [
      {
        do: 'create-object',
        collection: '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies',
        object: denyWeb,
      },
      {
        do: 'await',
        what: 'Felix to deny',
        on: target(topology).node,
        command: ruleThere(topology.dataplane, tierDrop(topology)),
        seconds: 60,
      },
    ],
    heal: (topology) => [
      { do: 'remove-object', path: '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies/deny-web' },
      {
        do: 'await',
        what: 'Felix to allow',
        on: target(topology).node,
        command: ruleGone(topology.dataplane, tierDrop(topology)),
        seconds: 60,
      },
    ],
  },
  {
    name: 'foreign-drop',
    summary: 'a host firewall drops what goes to default/mypod before Calico sees it',
    roots: ['foreign-rule-drops'],
    consequences: [],
    latent: [],
    parameters: {},
    works: ['default/mypod from its own node', 'every other pod'],
    parts: [],
    break: (topology) => [
      {
        do: 'run',
        on: target(topology).node,
        command: [`iptables-${topology.dataplane}`, '-I', ...foreignRule(topology)],
      },
    ],
    heal: (topology) => [
      {
        do: 'run',
        on: target(topology).node,
        command: [`iptables-${topology.dataplane}`, '-D', ...foreignRule(topology)],
      },
    ],
  },
  {
    name: 'pod-route-missing',
    summary: 'the route to default/mypod is deleted from its node, and Felix does not look at routes again',
    roots: ['pod-route-missing'],
    consequences: [],
    latent: [],
    parameters: {},
    works: ['every other pod', 'node to node'],
    parts: [],
    break: (topology) => {
      const { node, ip } = target(topology);
      return [
        { do: 'set-environment', process: felixProcess(node), variables: { FELIX_ROUTEREFRESHINTERVAL: '0' } },
        felixReady(node),
        { do: 'run', on: node, command: ['ip', 'route', 'delete', `${ip}/32`] },
      ];
    },
    heal: (topology) => {
      const { node, ip } = target(topology);
      return [
        { do: 'reset-environment', process: felixProcess(node) }, // a Felix that starts programs every route
        felixReady(node),
        {
          do: 'await',
          what: `the route to ${ip}`,
          on: node,
          command: ['sh', '-c', `ip route show ${ip} | grep -q .`],
          seconds: 30,
        },
      ];
    },
  },
  {
    name: 'felix-stopped',
    summary: 'Felix of node-a is killed and stays down; what it programmed stands',
    roots: [],
    consequences: [],
    latent: ['felix-not-running'],
    parameters: {
      'new-pod':
        'true: default/newpod is added to the node afterwards; a diagnosis of it has the root felix-not-running',
    },
    works: ['default/mypod from default/client', 'every pod but default/newpod'],
    parts: [],
    break: (topology, parameters) => [
      { do: 'stop', process: felixProcess(target(topology).node) },
      ...(parameters['new-pod'] === 'true' ? [{ do: 'add-pod', pod: newPod(topology) } as const] : []),
    ],
    heal: (topology, parameters) => [
      ...(parameters['new-pod'] === 'true' ? [{ do: 'remove-pod', pod: newPod(topology) } as const] : []),
      { do: 'start', process: felixProcess(target(topology).node) },
      felixReady(target(topology).node),
    ],
  },
  {
    name: 'tunnel-down',
    summary: 'tunl0 of the source node node-b is down, and with it the routes through it',
    roots: ['tunnel-device-down'],
    consequences: ['block-route-missing'],
    latent: [],
    parameters: {},
    works: ['pods of one node among themselves', 'node to node'],
    parts: [],
    break: (topology) => [
      { do: 'hold-tunnel', node: pod(topology, 'default/client').node },
      { do: 'run', on: pod(topology, 'default/client').node, command: ['ip', 'link', 'set', 'tunl0', 'down'] },
    ],
    heal: (topology) => {
      const on = pod(topology, 'default/client').node;
      const peers = topology.nodes.filter((one) => one.name !== on).map((one) => one.block);
      return [
        { do: 'release-tunnel', node: on },
        { do: 'run', on, command: ['ip', 'link', 'set', 'tunl0', 'up'] },
        ...peers.map((block): Step => ({
          do: 'await',
          what: `the route to ${block}`,
          on,
          command: ['sh', '-c', `ip route show ${block} | grep -q tunl0`],
          seconds: 15,
        })),
      ];
    },
  },
];

/** Felix answers that it is ready: in sync, and programmed. */
function felixReady(on: string): Step {
  return {
    do: 'await',
    what: `Felix of ${on} to be ready`,
    on,
    command: ['curl', '-fsS', '-o', '/dev/null', 'http://127.0.0.1:9099/readiness'],
    seconds: 30,
  };
}
