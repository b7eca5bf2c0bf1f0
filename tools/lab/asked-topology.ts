import { resolve } from 'node:path';
import { familyChoices } from './dual-stack.ts';
import { encaps } from './encapsulation.ts';
import { allowFlags, UsageError, type Invocation } from './options.ts';
import { dataplanes, datastores, labNodes, labPods, layouts, nodeAccesses, type Topology } from './topology.ts';

/**
 * The topology that `up`'s flags ask for.
 * @throws UsageError for one that does not exist in the world, or that the lab does not have
 */
export function askedTopology(invocation: Invocation): Topology {
  const choices = ['nodes', 'era', 'datastore', 'layout', 'dataplane', 'encap', 'node-access', 'families'];
  allowFlags(invocation, [...choices, 'typha', 'real']);
  const chosen = <Value extends string>(flag: string, now: readonly [Value, ...Value[]], later: string[]): Value => {
    const value = invocation.flags.get(flag) ?? now[0];
    const found = now.find((one) => one === value);
    if (found !== undefined) return found;
    throw new UsageError(
      later.includes(value)
        ? `up --${flag} ${value}: not yet`
        : `up --${flag} ${value}: one of ${[...now, ...later].join(', ')}`,
    );
  };
  const count = Number(invocation.flags.get('nodes') ?? '3');
  if (!Number.isInteger(count) || count < 3 || count > 26) throw new UsageError('up --nodes: a number from 3 to 26');
  const era = chosen('era', ['3', '2'], []);
  const encap = chosen('encap', encaps, []);
  const datastore = chosen('datastore', datastores, []);
  const layout = chosen('layout', layouts, []);
  if (layout === 'operator' && datastore !== 'kubernetes')
    throw new UsageError(
      "up --layout operator: Calico's operator supports the Kubernetes datastore only; add --datastore kubernetes",
    );
  const dataplane = chosen('dataplane', dataplanes, []);
  const real = invocation.flags.has('real') ? process.env['LAB_CALICO_BIN'] : null;
  if (real === undefined || real === '') throw new UsageError('up --real: LAB_CALICO_BIN is not set');
  const typha = invocation.flags.has('typha');
  if (typha && datastore !== 'kubernetes')
    throw new UsageError(
      "up --typha: Calico's installers have it with the Kubernetes datastore; add --datastore kubernetes",
    );
  const families = chosen('families', familyChoices, []);
  if (families === 'dual' && [datastore, encap, era].join() !== 'kubernetes,vxlan,3')
    throw new UsageError('up --families dual: the lab has it with --datastore kubernetes and --encap vxlan');
  if (era === '2') {
    const asked = [datastore, layout, encap, dataplane === 'nftables' ? dataplane : 'iptables', String(real)];
    if (asked.join() !== 'etcd,manifest,ipip,iptables,null')
      throw new UsageError(
        'up --era 2: Calico 2.x is here with etcd, IPIP and iptables, as the manifests have it, without --real',
      );
  }
  return {
    name: invocation.name,
    era,
    dataplane,
    datastore,
    layout,
    realPrograms: real === null ? null : resolve(real),
    encap,
    nodeAccess: chosen('node-access', nodeAccesses, []),
    families,
    typha,
    nodes: labNodes(count, encap),
    pods: labPods(),
  };
}
