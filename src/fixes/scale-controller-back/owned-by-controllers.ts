/**
 * What a controller that starts would delete: it owns all profiles and nodes of Calico that bear names of Kubernetes'
 * objects, and deletes those whose object it does not find. One that asks another cluster finds none.
 */
import { calicoctlGetNodeNames, calicoctlGetProfileJson, calicoctlGetProfileNames } from '../../commands/calicoctl.ts';
import { grepDatastoreType } from '../../commands/grep.ts';
import type { ApiRead } from '../../model/api-reads.ts';
import type { Command } from '../../model/command.ts';
import type { Condition, FixContext } from '../../model/fix.ts';
import type { OneNode } from '../../model/fix-inputs.ts';
import { calicoctlOn } from '../kit/calicoctl.ts';
import { refuse } from '../kit/conditions.ts';
import { absentOf, namesIn } from '../kit/kept-profiles.ts';

export const ownedCommands: readonly Command[] = [
  calicoctlGetProfileNames,
  calicoctlGetNodeNames,
  calicoctlGetProfileJson,
  grepDatastoreType,
];
export const ownedReads: readonly ApiRead[] = ['Namespace', 'Node'].map((kind) => ({
  verb: 'get',
  apiVersion: 'v1',
  kind,
  where: 'cluster',
}));

/** Objects are read by name. */
const atMost = 500;

/**
 * Reads whether each namespace of a profile, and each of Calico's nodes, is there in Kubernetes.
 * @throws LookError where the datastore or the API server could not be asked
 */
export async function nothingToDelete(
  context: FixContext,
  input: OneNode,
): Promise<Condition | ReturnType<typeof refuse>> {
  const [isEtcd, profiles, nodes] = await Promise.all([
    readsEtcd(context, input),
    namesIn(context, input, calicoctlGetProfileNames),
    namesIn(context, input, calicoctlGetNodeNames),
  ]);
  if (!isEtcd)
    return refuse(
      `calicoctl on ${input.node} does not show that it reads etcd: without settings it reads the Kubernetes API, ` +
        'which lacks nothing that is compared',
      `cat /etc/calico/calicoctl.cfg   # on ${input.node}`,
    );
  const namespaces = new Set(profiles.flatMap((name) => /^(?:kns|ksa)\.([a-z0-9-]{1,63})/.exec(name)?.[1] ?? []));
  const owned = [
    ...[...namespaces].map((name) => ({ kind: 'Namespace', name })),
    ...nodes.map((name) => ({ kind: 'Node', name })),
  ];
  if (!nodes.includes(input.node))
    return refuse(`calicoctl lists no node ${input.node}, so it may not read this cluster's datastore`);
  if (owned.length > atMost)
    return refuse(
      `Calico's datastore holds ${owned.length} namespaces and nodes, and only ${atMost} are compared with Kubernetes`,
    );
  const absent = await absentOf(context, owned);
  const [first] = absent;
  if (first)
    return refuse(
      `Kubernetes has no ${first.kind} ${first.name}, which Calico's datastore knows` +
        `${absent.length > 1 ? `, and lacks ${absent.length - 1} more` : ''}: the controller would delete its objects`,
      `kubectl get ${first.kind.toLowerCase()} ${first.name}   # was it deleted while no controller ran?`,
    );
  return {
    id: 'nothing-to-delete',
    description: "Kubernetes has every namespace and node that Calico's datastore knows",
    value: 'all',
  };
}

/** No profile has this name: a namespace's has no dot. */
const noProfile = 'kns.no.namespace';

/** Its settings say so, or else the words in which it misses a profile. */
async function readsEtcd({ shells }: FixContext, { node, nodeAddress }: OneNode): Promise<boolean> {
  const calicoctl = calicoctlOn(shells, { name: node, address: nodeAddress });
  const type = await calicoctl.datastoreType();
  if (type !== null) return type === 'etcdv3';
  const missed = await calicoctl.profile(noProfile);
  return missed.object === null && missed.saysEtcd;
}
