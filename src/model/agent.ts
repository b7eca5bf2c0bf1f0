/** The agent: a DaemonSet of our own, through whose pods nodes are read where there is no SSH (deploy/node-agent). */

/** Nothing else is in this namespace: who may start a program in it is root on every node. */
export const agentNamespace = 'calico-chatops-agent';
export const agentName = 'calico-chatops-agent';
/** Of the DaemonSet, of its pods' account, and of their one container. */
export const agentContainer = 'agent';
/** The one program that the bot starts in a pod of the agent, without arguments. */
export const agentProgram = '/usr/local/bin/calico-chatops-agent';

/** The objects that the bot reads to find the pod of a node. */
export const agentDaemonSet = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  namespace: agentNamespace,
  name: agentName,
} as const;

/** What messages add to the name of a node that is read through its agent. */
export const agentMark = ' (agent)';

/** How the API server says that it does not reach the kubelet, through which every exec goes. */
export const kubeletUnreached = /\berror dialing backend\b|\berror sending request: |\bdial tcp \S/;
/** Asks the kubelet of a node through the API server, as every exec does. */
export const askKubelet = (node: string): string => `kubectl get --raw /api/v1/nodes/${node}/proxy/healthz`;

/** Installs the agent, or brings it to this version. */
export const applyAgent = 'kubectl apply -f deploy/node-agent/';

/**
 * What the bot needs in the agent's namespace. Servers up to Kubernetes 1.34 authorise a WebSocket of exec as `get`,
 * newer ones as `create`.
 */
export const agentRights: readonly {
  readonly group: string;
  readonly resource: string;
  readonly verbs: readonly string[];
  readonly names?: readonly string[];
}[] = [
  { group: '', resource: 'pods', verbs: ['get', 'list'] },
  { group: '', resource: 'pods/exec', verbs: ['create', 'get'] },
  // Its uid says which pods are its own.
  { group: 'apps', resource: 'daemonsets', verbs: ['get'], names: [agentName] },
];

/** Whether the API server holds the bot to the agent's one program. */
export type AgentGuard =
  | { readonly state: 'guarded' }
  | { readonly state: 'open' }
  | { readonly state: 'unknown'; readonly why: string };
