/** A kubectl for a cluster without controllers, whose pods of the agent run already. */

const counts = [
  'desiredNumberScheduled',
  'currentNumberScheduled',
  'numberReady',
  'updatedNumberScheduled',
  'numberAvailable',
];
const status = [
  '"observedGeneration":$generation',
  '"numberMisscheduled":0',
  ...counts.map((key) => `"${key}":$ready`),
];
const quoted = `{"status":{${status.join(',')}}}`.replaceAll('"', String.raw`\"`);

/** Returns a script that plays the controller of the agent's DaemonSet before kubectl waits for a roll-out. */
export const nodeAgentsAsRolledOut = (kubectl: string): string => `case $* in
*'rollout status daemonset/'*)
    it='-n calico-chatops-agent'
    generation=$(${kubectl} $it get daemonset calico-chatops-agent -o 'jsonpath={.metadata.generation}')
    ready=$(${kubectl} $it get pods --no-headers | grep -c .)
    ${kubectl} $it patch daemonset calico-chatops-agent --subresource=status --type=merge -p "${quoted}" >/dev/null ;;
esac
exec ${kubectl} "$@"`;
