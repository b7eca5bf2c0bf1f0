import { defineCommand } from '../model/command.ts';
import { inPod } from './lib/in-pod.ts';

const setting = { timeoutSeconds: 5, maxBytes: 10_000, writes: true } as const;

/** The two routes that the CNI plugin gives a pod. `add` changes no route that is there. */
export const ipRouteAddGatewayInPod = defineCommand({
  id: 'ip-route-add-gateway-in-pod',
  argv: [...inPod, 'ip', 'route', 'add', '169.254.1.1', 'dev', 'eth0', 'scope', 'link'],
  ...setting,
});
export const ipRouteAddDefaultInPod = defineCommand({
  id: 'ip-route-add-default-in-pod',
  argv: [...inPod, 'ip', 'route', 'add', 'default', 'via', '169.254.1.1', 'dev', 'eth0'],
  ...setting,
});
