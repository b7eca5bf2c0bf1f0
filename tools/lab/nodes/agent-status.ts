/**
 * A kubectl that plays the controller of DaemonSets before it waits for a roll-out: the lab has no controllers, and the
 * pods of the agent run already.
 */
export const nodeAgentsAsRolledOut = (kubectl: string) => `case $* in
*'rollout status daemonset/'*)
    set_of='-n calico-chatops-agent get daemonset calico-chatops-agent'
    generation=$(${kubectl} $set_of -o 'jsonpath={.metadata.generation}')
    ready=$(${kubectl} -n calico-chatops-agent get pods --no-headers | grep -c .)
    ${kubectl} -n calico-chatops-agent patch daemonset calico-chatops-agent --subresource=status --type=merge \\
        -p "{\\"status\\":{\\"observedGeneration\\":$generation,\\"desiredNumberScheduled\\":$ready,\\"currentNumberScheduled\\":$ready,\\"numberMisscheduled\\":0,\\"numberReady\\":$ready,\\"updatedNumberScheduled\\":$ready,\\"numberAvailable\\":$ready}}" >/dev/null ;;
esac
exec ${kubectl} "$@"`;
