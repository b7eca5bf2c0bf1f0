import { clusterInformationIn, type ClusterInformation } from '../../calico/cluster-information.ts';
import { calicoctlGetClusterInformation } from '../../commands/calicoctl.ts';
import { calicoApis } from '../../model/datastore-kind.ts';
import type { Condition, FixContext } from '../../model/fix.ts';
import type { OneNode } from '../../model/fix-inputs.ts';
import { refuse } from './conditions.ts';
import { printedLines } from './printed-lines.ts';

/** By `calicoApis`: Calico reads the first of them that has it. */
export function informationInApi(cluster: FixContext['cluster']) {
  return Promise.all(
    calicoApis.map((apiVersion) => cluster.read<ClusterInformation>(clusterInformationIn(apiVersion))),
  );
}

/**
 * Reads whether Calico's datastore says that it is ready: a part of Calico that starts against one which is locked, as
 * during a migration, waits, or writes what the migration then lacks.
 * @throws LookError where the datastore in etcd could not be asked
 */
export async function datastoreReady(
  context: FixContext,
  input: OneNode & { readonly datastore: 'kubernetes' | 'etcdv3' },
): Promise<readonly Condition[] | ReturnType<typeof refuse>> {
  const isReady = input.datastore === 'kubernetes' ? await readyInApi(context) : await readyInEtcd(context, input);
  if (!isReady)
    return refuse(
      "Calico's datastore does not say that it is ready",
      `calicoctl get clusterinformation default -o yaml   # on ${input.node}: datastoreReady must be true`,
    );
  return [{ id: 'datastore-ready', description: "Calico's datastore says that it is ready", value: 'true' }];
}

async function readyInApi({ cluster }: FixContext): Promise<boolean> {
  const [first] = (await informationInApi(cluster)).filter((answer) => answer.ok);
  return first?.value.spec?.datastoreReady === true;
}

async function readyInEtcd(context: FixContext, input: OneNode): Promise<boolean> {
  const lines = await printedLines(context, input, calicoctlGetClusterInformation);
  return lines.some((line) => line.trim() === 'datastoreReady: true');
}
