import type { FixDraft } from '../../model/fix.ts';
import type { PodInterface } from '../../model/fix-inputs.ts';
import { stateOf, type DownEnds } from './look.ts';
import { shellCommand } from '../../model/shell-words.ts';

/** Felix gives the node its route to the pod within seconds of a link that comes up, and writes all routes at 90 s. */
const withinSeconds = 60;

export function draft(input: PodInterface, found: DownEnds): FixDraft {
  const { node, nodeAddress, interface: name, namespace, pod, address } = input;
  const { onNode, inPod, netns, lostIpv6 } = found;
  const who = `${namespace}/${pod}`;
  const enter = shellCommand`ip netns exec ${netns}`;
  const steps = [
    ...(onNode
      ? [{ description: `Bring ${name} up on ${node}`, command: shellCommand`ip link set dev ${name} up`, node }]
      : []),
    ...(inPod
      ? [
          { description: 'Bring eth0 up inside the pod', command: `${enter} ip link set dev eth0 up`, node },
          {
            description: 'Add the route to its gateway',
            command: `${enter} ip route add 169.254.1.1 dev eth0 scope link`,
            node,
          },
          {
            description: 'Add its default route',
            command: `${enter} ip route add default via 169.254.1.1 dev eth0`,
            node,
          },
        ]
      : []),
  ];
  return {
    title: `Bring up interface ${name} of pod ${who}`,
    reason:
      `Somebody took the interface ${stateOf(found)}, and the kernel removed routes with it. ` +
      (inPod ? "This adds the pod's own two routes again, as the CNI plugin does. " : '') +
      (lostIpv6.length > 0
        ? `It does not add ${lostIpv6.join(', ')} and the IPv6 routes, which the pod lost too: for these, delete the ` +
          'pod, so that its owner makes a new one. '
        : '') +
      `Felix adds the route of ${node} to the pod. This does not say who took it down: it may happen again.`,
    steps,
    diff: [
      `--- ${node} ${name}`,
      `+++ ${node} ${name}`,
      ...(onNode ? ['-state DOWN', '+state UP'] : []),
      ...(inPod
        ? [
            '-eth0 in the pod: state DOWN',
            '+eth0 in the pod: state UP',
            '+169.254.1.1 dev eth0 scope link',
            '+default via 169.254.1.1 dev eth0',
          ]
        : []),
    ].join('\n'),
    blastRadius:
      (lostIpv6.length > 0
        ? `IPv4 of the pod ${who} on ${node} alone: ${lostIpv6.join(', ')} and its IPv6 routes stay lost. `
        : `the pod ${who} (${address}) on ${node}. `) + 'Policies decide about its traffic as before',
    scope: { kind: 'one', of: `the pod ${who}`, namespace },
    risk: 'low',
    rollback: {
      kind: 'exact',
      description: 'Take down again what this brought up, if the interface is still the same. The routes go with it.',
    },
    withinSeconds,
    nodes: [{ name: node, address: nodeAddress }],
  };
}
