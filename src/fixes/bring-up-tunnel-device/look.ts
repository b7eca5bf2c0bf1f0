/** When a tunnel device may be brought up. Each condition is read to plan, and again to apply. */
import { calicoctlGetNode } from '../../commands/calicoctl.ts';
import { ipAddrShow } from '../../commands/ip.ts';
import type { ApiRead } from '../../model/api-reads.ts';
import { annotated } from '../../model/calico-annotations.ts';
import type { Command } from '../../model/command.ts';
import type { FixContext, Readiness } from '../../model/fix.ts';
import type { NodeInterface } from '../../model/fix-inputs.ts';
import type { KubernetesNode } from '../../model/kubernetes.ts';
import { refuse } from '../kit/conditions.ts';
import { felixLive, felixLiveCommands } from '../kit/felix-live.ts';
import { addressesOf, isTakenDown, linksNow, run } from '../kit/on-node.ts';
import { tunnelCommands, type TunnelCommands } from './devices.ts';
import { shellCommand } from '../../model/shell-words.ts';

/** The device as it is now. */
export interface DownDevice {
  readonly index: string;
  readonly address: string;
}

export const lookCommands: readonly Command[] = [ipAddrShow, calicoctlGetNode, ...felixLiveCommands];
export const lookReads: readonly ApiRead[] = [{ verb: 'get', apiVersion: 'v1', kind: 'Node', where: 'cluster' }];

/** @throws LookError where the node could not be asked */
export async function look(context: FixContext, input: NodeInterface): Promise<Readiness<DownDevice>> {
  const { interface: name, node } = input;
  const its = tunnelCommands(name);
  if (its === null)
    return refuse(`${name} is not a tunnel device of Calico`, shellCommand`ip -d link show dev ${name}   # on ${node}`);
  const [links, stored, felix] = await Promise.all([
    linksNow(context, input),
    storedAddress(context, input, its),
    felixLive(context, input, 'because it keeps the device as it should be'),
  ]);
  const link = links.find(({ ifname }) => ifname === name);
  if (!link)
    return refuse(
      `${node} has no device ${name}: Felix makes it`,
      shellCommand`ip -d link show dev ${name}   # on ${node}`,
    );
  if (!isTakenDown(link)) return { ready: 'done', why: `${name} of ${node} is up` };
  const held = addressesOf(link);
  if (stored.address === null)
    return refuse(
      `Calico has no address of ${name} for ${node}${stored.unread}, so no pool may use the tunnel there`,
      `calicoctl get node ${node} -o yaml   # on ${node}: ${its.field}`,
      'calicoctl get ippool -o wide   # on any node: does a pool use this tunnel?',
    );
  if (!held.includes(stored.address))
    return refuse(
      `${name} of ${node} has ${held.join(', ') || 'no address'}, and Calico gave it ${stored.address}`,
      shellCommand`ip addr show dev ${name}   # on ${node}: Felix sets the address`,
    );
  if ('ready' in felix) return felix;
  return {
    ready: 'yes',
    conditions: [
      { id: 'device', description: `device ${name} is the same as when planned`, value: String(link.ifindex) },
      { id: 'state', description: 'somebody took it down; a missing carrier alone is not that', value: 'down' },
      { id: 'address', description: 'it has the address that Calico gave it for this node', value: stored.address },
      felix,
    ],
    found: { index: String(link.ifindex), address: stored.address },
  };
}

/**
 * The device's address as Calico stores it: in an annotation of the Kubernetes node, else in Calico's own object. It is
 * there only while a pool uses the tunnel.
 */
async function storedAddress(
  context: FixContext,
  input: NodeInterface,
  { annotation, field }: TunnelCommands,
): Promise<{ readonly address: string | null; readonly unread: string }> {
  const { node: name } = input;
  const kubernetes = await context.cluster.read<KubernetesNode>({ apiVersion: 'v1', kind: 'Node', name });
  const written = kubernetes.ok ? annotated(kubernetes.value.metadata.annotations, [annotation]) : null;
  if (written) return { address: written, unread: '' };
  const { exit, stdout } = await run(context, input, calicoctlGetNode, { name });
  const line = stdout.split('\n').find((one) => one.trim().startsWith(`${field}: `));
  if (exit === 0 && line !== undefined)
    return { address: line.slice(line.indexOf(': ') + 2).replaceAll(/["'\s]/g, ''), unread: '' };
  return { address: null, unread: exit === 0 ? '' : ' that could be read' };
}
