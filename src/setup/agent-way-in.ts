/** Why there is no way into a node through its agent, and what opens it. */
import { agentMark, agentName, agentNamespace, applyAgent, askKubelet, kubeletUnreached } from '../model/agent.ts';
import type { LookError } from '../model/look-error.ts';
import type { Trouble } from './check.ts';

const askNode = `Run ${askKubelet('NODE')}: it takes the same way, to port 10250 of the node`;
const inNamespace = `kubectl -n ${agentNamespace}`;
/** A node that has an image of this name already does not pull another one: only a new tag brings it. */
export const renewAgent =
  'Run docker build -t IMAGE -f deploy/node-agent/Dockerfile deploy/ && docker push IMAGE, with a new tag, ' +
  `then ${inNamespace} set image daemonset/${agentName} agent=IMAGE`;

/** How the lines begin that only say which right is missing. */
const mayNot = 'the account may not';
/** Whether a line of a node only says what the account lacks: the line of its rights says that too. */
export const isOfRights = (text: string): boolean => text.startsWith(mayNot);

/** Returns words that are the same for all nodes of one cause: without names of nodes and pods. */
export function agentTrouble({ code, message }: LookError, node: string): Trouble {
  const start = `${node}${agentMark}: `;
  const said = message.startsWith(start) ? message.slice(start.length) : message;
  if (code === 'agent-missing') return podTrouble(said);
  if (code === 'api-forbidden') return { text: `${mayNot} find the agent: ${said}`, next: `Run ${applyAgent}` };
  if (code === 'exec-refused') return refusedTrouble(said);
  if (code === 'node-helper-missing') return helperTrouble(said);
  if (code === 'api-unreachable') return { text: said, next: 'Run kubectl get --raw /readyz' };
  if (code === 'timeout' && said.startsWith('the node helper did not start'))
    return {
      text: `${said}: the kubelet does not answer the API server at port 10250, or the node is overloaded`,
      next: `${askNode}. If it answers, run uptime on the node: is it overloaded?`,
    };
  return { text: said.replaceAll(node, 'the node'), next: 'Run uptime on the node: is it overloaded?' };
}

function podTrouble(said: string): Trouble {
  if (said.startsWith('there is no DaemonSet'))
    return {
      text:
        `the agent is not installed: namespace ${agentNamespace} has no DaemonSet ${agentName}, ` +
        'and the bot uses no other namespace',
      next: `Run ${applyAgent}`,
    };
  if (/is not of it, and is not used/.test(said))
    return {
      text: "a pod in the agent's namespace is not of its DaemonSet, and is not used",
      next: `Run ${inNamespace} get pods -o wide, and find out who made it`,
    };
  if (/has no pod there/.test(said))
    return { text: said.replace(' there', ' on the node'), next: `Run ${inNamespace} describe daemonset ${agentName}` };
  return {
    text: said.replace(/its pod \S{1,253} is/, "the agent's pod is").replace(/^its pod/, "the agent's pod"),
    next: `Run ${inNamespace} describe pods`,
  };
}

function refusedTrouble(said: string): Trouble {
  if (/ValidatingAdmissionPolicy/.test(said))
    return {
      text: "an admission policy refuses the agent's program: the manifests are of another version",
      next: `Run ${applyAgent} -f deploy/rbac/ from this version of calico-chatops`,
    };
  if (/: 403 /.test(said))
    return {
      text: `${mayNot} start the agent's program`,
      next: `Run ${applyAgent.replace(/$/, 'rights.yaml')}`,
    };
  if (/without TLS/.test(said))
    return { text: said, next: 'Run kubectl config view --minify: its server must begin with https://' };
  const why = said.replace(/^the helper was not started: /, '');
  if (kubeletUnreached.test(why))
    return {
      text: `the API server does not reach the kubelet at port 10250: ${withoutPlace(why)}`,
      next: `${askNode}, and open the port to the control plane`,
    };
  return {
    text: `the API server does not start the agent's program: ${why}`,
    next: `Run ${inNamespace} describe pods`,
  };
}

/** The same words for all nodes. */
const withoutPlace = (why: string): string => why.replace(/^.{0,600}\bdial tcp \S{1,80}: /, '');

/** Source: what nsenter, env, a container runtime and the helper itself print. */
function helperTrouble(said: string): Trouble {
  if (/not in the allow-list/.test(said)) return { text: 'the allow-list of the agent is outdated', next: renewAgent };
  if (/allow-list is missing/.test(said)) return { text: 'the image of the agent has no allow-list', next: renewAgent };
  if (/reassociate to namespace|Operation not permitted|Permission denied/i.test(said))
    return {
      text: `the agent may not enter the mount namespace of the node: ${said}`,
      next: `Run ${applyAgent}: its container needs hostPID and the capabilities of agent.yaml`,
    };
  if (/No such file|not found/i.test(said))
    return {
      text: `the image of the agent, or the node, lacks a program: ${said}`,
      next: `${renewAgent}. The node itself needs bash, coreutils and util-linux`,
    };
  return { text: said, next: renewAgent };
}
