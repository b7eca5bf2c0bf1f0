/** Links that fixes bring up, and take down again to roll back. Each command changes one kind of interface alone. */
import { defineCommand } from '../model/command.ts';
import { ipip } from '../tunnels/ipip.ts';
import { vxlan } from '../tunnels/vxlan.ts';
import type { Tunnel } from '../tunnels/contract.ts';
import { inPod } from './lib/in-pod.ts';

const setting = { timeoutSeconds: 5, maxBytes: 10_000, writes: true } as const;
const set = (device: string, state: 'up' | 'down') => ['ip', 'link', 'set', 'dev', device, state];
const podLink = '{interface:podlink}';
/** A pod's end of its interface, as Calico's CNI plugin names it. */
const inside = 'eth0';

export const ipLinkSetPodUp = defineCommand({ id: 'ip-link-set-pod-up', argv: set(podLink, 'up'), ...setting });
export const ipLinkSetPodDown = defineCommand({ id: 'ip-link-set-pod-down', argv: set(podLink, 'down'), ...setting });
export const ipLinkSetUpInPod = defineCommand({
  id: 'ip-link-set-up-in-pod',
  argv: [...inPod, ...set(inside, 'up')],
  ...setting,
});
export const ipLinkSetDownInPod = defineCommand({
  id: 'ip-link-set-down-in-pod',
  argv: [...inPod, ...set(inside, 'down')],
  ...setting,
});

/** The two routes that the CNI plugin gives a pod. `add` changes no route that is there. */
export const ipRouteAddGatewayInPod = defineCommand({
  id: 'ip-route-add-gateway-in-pod',
  argv: [...inPod, 'ip', 'route', 'add', '169.254.1.1', 'dev', inside, 'scope', 'link'],
  ...setting,
});
export const ipRouteAddDefaultInPod = defineCommand({
  id: 'ip-route-add-default-in-pod',
  argv: [...inPod, 'ip', 'route', 'add', 'default', 'via', '169.254.1.1', 'dev', inside],
  ...setting,
});

const deviceOf = ({ device }: Tunnel) => device?.name ?? '';

export const ipLinkSetIpipUp = defineCommand({
  id: 'ip-link-set-ipip-up',
  argv: set(deviceOf(ipip), 'up'),
  ...setting,
});
export const ipLinkSetIpipDown = defineCommand({
  id: 'ip-link-set-ipip-down',
  argv: set(deviceOf(ipip), 'down'),
  ...setting,
});
export const ipLinkSetVxlanUp = defineCommand({
  id: 'ip-link-set-vxlan-up',
  argv: set(deviceOf(vxlan), 'up'),
  ...setting,
});
export const ipLinkSetVxlanDown = defineCommand({
  id: 'ip-link-set-vxlan-down',
  argv: set(deviceOf(vxlan), 'down'),
  ...setting,
});
