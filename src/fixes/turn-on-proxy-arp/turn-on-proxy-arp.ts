import { z } from 'zod';
import { ipRouteGetPodGateway } from '../../commands/ip.ts';
import { sysctlProxyArpOff, sysctlProxyArpOn } from '../../commands/sysctl.ts';
import { defineFix, type Condition, type FixContext } from '../../model/fix.ts';
import type { PodInterfaceKey } from '../../model/fix-inputs.ts';
import { LookError } from '../../model/look-error.ts';
import { refuse } from '../kit/conditions.ts';
import { openWays, policyDeniedFlow } from '../kit/controls.ts';
import { interfaceShape } from '../kit/input-shapes.ts';
import { turnsOn } from '../kit/interface-key.ts';
import { run } from '../kit/on-node.ts';
import { shellCommand } from '../../model/shell-words.ts';

/** Lets a node answer a pod's ARP for its gateway again, as Calico's CNI plugin sets it for every pod. */
export const turnOnProxyArp = defineFix({
  id: 'turn-on-proxy-arp',
  description:
    "Turns proxy ARP on for a pod's interface on its node, where the node has a route for the pod's gateway.",
  risk: 'low',
  during: { seconds: 5, traffic: 'no flow stops' },
  input: z.strictObject({ ...interfaceShape, address: z.string().min(1) }),
  permissions: [],
  controls: [openWays, policyDeniedFlow],
  ...turnsOn<PodInterfaceKey>({
    key: 'proxy_arp',
    on: sysctlProxyArpOn,
    off: sysctlProxyArpOff,
    title: ({ interface: name, node }) => `Turn on proxy ARP for ${name} on ${node}`,
    reason:
      'The pod sends everything to its gateway 169.254.1.1, which nobody has. Its node answers for that ' +
      'address while this key is 1. Calico sets it when it makes the interface.',
    blastRadius: ({ interface: name, node, address }) =>
      `the pod ${address} behind ${name} on ${node}: it can send again. Other interfaces stay as they are`,
    scope: ({ address }) => ({ kind: 'one', of: `the pod ${address}` }),
    reads: [ipRouteGetPodGateway],
    further: gatewayRoute,
  }),
});

/** The node answers only where its own way to the gateway leaves by another interface. */
async function gatewayRoute(
  context: FixContext,
  input: PodInterfaceKey,
): Promise<readonly Condition[] | ReturnType<typeof refuse>> {
  const { interface: name, node, address } = input;
  const asked = await run(context, input, ipRouteGetPodGateway, { source: address, interface: name });
  if (asked.exit !== 0 && asked.exit !== 2)
    throw new LookError('command-failed', `${asked.command}: exit ${asked.exit ?? 'unknown'}: ${asked.stderr.trim()}`);
  const [, device] = / dev (\S+)/.exec(asked.stdout) ?? [];
  if (asked.exit === 2 || device === undefined || device === name)
    return refuse(
      `${node} has no route for 169.254.1.1 by another interface than ${name}, so proxy ARP alone does not help`,
      shellCommand`ip route get 169.254.1.1 from ${address} iif ${name}`,
    );
  return [{ id: 'gateway-route', description: `${node} routes 169.254.1.1 for the pod by`, value: device }];
}
