/** When a pod's interface may be brought up. Each condition is read to plan, and again to apply. */
import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { hostInterfaceName } from '../../calico/endpoint-names.ts';
import { bashPodNetworkInPod } from '../../commands/bash.ts';
import { ipAddrShow, ipNetnsList } from '../../commands/ip.ts';
import { fillTemplate } from '../../model/command-line.ts';
import type { Command } from '../../model/command.ts';
import type { FixContext, Readiness } from '../../model/fix.ts';
import type { PodInterface } from '../../model/fix-inputs.ts';
import type { Pod } from '../../model/kubernetes.ts';
import { headedSections } from '../../model/headed-sections.ts';
import { LookError } from '../../model/look-error.ts';
import { ipLinkSetPodUp } from '../../commands/ip-link.ts';
import { refuse } from '../kit/conditions.ts';
import { felixLive, felixLiveCommands } from '../kit/felix-live.ts';
import { storedEndpoint, storedEndpointCommands, storedEndpointReads } from '../kit/stored-endpoint.ts';
import { addressesOf, isTakenDown, linksIn, linksNow, run, type NodeLink } from '../kit/on-node.ts';
import { shellCommand } from '../../model/shell-words.ts';

/** A pod's interface now, and which of its ends are down. */
export interface DownEnds {
  /** Number of the node's end. */
  readonly index: string;
  /** The pod's network namespace, as the node names it. */
  readonly netns: string;
  readonly onNode: boolean;
  readonly inPod: boolean;
  /** IPv6 addresses of the pod, which a link inside the pod loses when it goes down. */
  readonly lostIpv6: readonly string[];
}

export const lookCommands: readonly Command[] = [
  ipAddrShow,
  ipNetnsList,
  bashPodNetworkInPod,
  ...storedEndpointCommands,
  ...felixLiveCommands,
];
export const lookReads = storedEndpointReads;
/** The pod's end, and its gateway, as Calico's CNI plugin makes them. */
const [inside, gateway] = ['eth0', '169.254.1.1'];

/** @throws LookError where the node could not be asked */
export async function look(context: FixContext, input: PodInterface): Promise<Readiness<DownEnds>> {
  const { interface: name, node, namespace, pod, address } = input;
  const who = `${namespace}/${pod}`;
  if (name !== hostInterfaceName(namespace, pod) || !isTaken(name))
    return refuse(
      `${name} is not the name that Calico gives the interface of ${who}, so it may be somebody else's`,
      shellCommand`ip -d link show dev ${name}   # on ${node}: whose is it?`,
    );
  const [links, namespaces, stored, felix] = await Promise.all([
    linksNow(context, input),
    namespacesNow(context, input),
    storedEndpoint(context, input),
    felixLive(context, input, 'because it gives the node its route to the pod again'),
  ]);
  if ('ready' in stored) return stored;
  const host = links.find(({ ifname }) => ifname === name);
  if (!host)
    return refuse(`${node} has no interface ${name} any more`, shellCommand`ip link show dev ${name}   # on ${node}`);
  const netns = namespaces.get(host.link_netnsid ?? -1);
  if (netns === undefined)
    return refuse(
      `${node} does not name the network namespace behind ${name}, so its other end was not checked`,
      shellCommand`ip -d link show dev ${name}; ip netns list   # on ${node}`,
    );
  const other = await podSide(context, input, netns);
  const own = other.links.find(({ ifindex }) => ifindex === host.link_index);
  if (own?.link_index !== host.ifindex || !addressesOf(own).includes(address))
    return refuse(
      `the other end of ${name} is not an interface with the address ${address} of ${who}`,
      shellCommand`ip netns exec ${netns} ip -d addr show   # on ${node}`,
    );
  const down = { onNode: isTakenDown(host), inPod: isTakenDown(own) };
  if (!down.onNode && !down.inPod) return { ready: 'done', why: `${name} of ${who} is up at both ends` };
  const routes = other.routes.join('; ');
  if (down.inPod && own.ifname !== inside)
    return refuse(
      `inside the pod the interface is called ${own.ifname}, not ${inside}: another plugin may give it its routes`,
      `kubectl -n ${namespace} delete pod ${pod}   # its owner makes a new one, which the CNI plugin wires anew`,
    );
  if (down.inPod && other.routes.some((route) => /^default |^169\.254\.1\.1 /.test(route)))
    return refuse(
      `the pod has a route for its gateway or a default route by another interface: ${routes}`,
      shellCommand`ip netns exec ${netns} ip route show   # on ${node}`,
    );
  if ('ready' in felix) return felix;
  const lostIpv6 = down.inPod ? await ipv6Of(context, input) : [];
  const conditions = [
    ...stored,
    { id: 'interface', description: `interface ${name} is the same as when planned`, value: String(host.ifindex) },
    {
      id: 'other-end',
      description: `its other end is the pod's`,
      value: `${own.ifname} (${own.ifindex}) with ${address} in ${netns}`,
    },
    { id: 'state', description: 'somebody took it down; a missing carrier alone is not that', value: stateOf(down) },
    ...(down.inPod
      ? [{ id: 'routes', description: `the pod has no default route and none to ${gateway}`, value: routes }]
      : []),
    felix,
  ];
  return { ready: 'yes', conditions, found: { index: String(host.ifindex), netns, ...down, lostIpv6 } };
}

async function ipv6Of({ cluster }: FixContext, { namespace, pod }: PodInterface): Promise<readonly string[]> {
  const answer = await cluster.read<Pod>({ apiVersion: 'v1', kind: 'Pod', namespace, name: pod });
  if (!answer.ok) throw new LookError('api-unreachable', `${answer.request}: ${answer.reason}`);
  return (answer.value.status?.podIPs ?? []).flatMap(({ ip }) => (isIPv6(ip) ? [ip] : []));
}

/** Returns which ends are down, in words. */
export function stateOf({ onNode, inPod }: Pick<DownEnds, 'onNode' | 'inPod'>): string {
  const ends = [...(onNode ? ['on the node'] : []), ...(inPod ? ['inside the pod'] : [])];
  return `down ${ends.join(' and ')}`;
}

/** Whether the node's helper takes the name. */
function isTaken(name: string): boolean {
  try {
    fillTemplate(ipLinkSetPodUp, { interface: name });
    return true;
  } catch {
    return false;
  }
}

const named = z.array(z.object({ name: z.string(), id: z.number().optional() }));

/** The names of the node's network namespaces, by the number that its links know them by. */
async function namespacesNow(context: FixContext, input: PodInterface): Promise<ReadonlyMap<number, string>> {
  const { stdout, command } = await run(context, input, ipNetnsList);
  if (stdout.trim() === '') return new Map();
  try {
    return new Map(named.parse(JSON.parse(stdout)).flatMap(({ id, name }) => (id === undefined ? [] : [[id, name]])));
  } catch (error) {
    throw new LookError('not-parsed', `${command} printed no list of network namespaces`, { cause: error });
  }
}

/** Links and routes inside the pod. */
async function podSide(
  context: FixContext,
  input: PodInterface,
  netns: string,
): Promise<{ readonly links: readonly NodeLink[]; readonly routes: readonly string[] }> {
  const { exit, truncated, stdout, command } = await run(context, input, bashPodNetworkInPod, {
    netns,
    address: input.nodeAddress,
  });
  const sections = exit === 0 && !truncated ? headedSections(stdout) : new Map<string, string>();
  const [links, routes] = [sections.get('links'), sections.get('routes')];
  if (links === undefined || routes === undefined)
    throw new LookError('not-parsed', `${command} did not print the network of the pod`);
  const lines = routes.split('\n').map((line) => line.trim());
  return { links: linksIn(links, command), routes: lines.filter((line) => line !== '') };
}
