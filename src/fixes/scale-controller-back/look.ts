/** When the controllers may be scaled back. Each condition is read to plan, and again to apply. */
import { ownerOf } from '../../calico/owners.ts';
import { clusterInformationReads } from '../../calico/cluster-information.ts';
import { calicoctlGetClusterInformation } from '../../commands/calicoctl.ts';
import type { ApiRead } from '../../model/api-reads.ts';
import type { Command } from '../../model/command.ts';
import type { FixContext, LastChange, Readiness } from '../../model/fix.ts';
import type { ScaledController } from '../../model/fix-inputs.ts';
import type { Deployment } from '../../model/kubernetes.ts';
import { refuse } from '../kit/conditions.ts';
import { manifestName, manifestNamespace } from '../kit/controller-names.ts';
import { lastChange } from '../kit/last-change.ts';
import { datastoreReady } from '../kit/datastore-ready.ts';
import { deploymentReference, scaleCommand, scaleTo, type DeploymentVersion } from './deployment.ts';
import { nothingToDelete, ownedCommands, ownedReads } from './owned-by-controllers.ts';

/** The Deployment as it is scaled to 0. */
export interface StoppedController extends DeploymentVersion {
  /** Who applies it again; null: nobody says so. */
  readonly owner: string | null;
  readonly changed?: LastChange | undefined;
}

export const lookCommands: readonly Command[] = [calicoctlGetClusterInformation, ...ownedCommands];
export const lookReads: readonly ApiRead[] = [
  { verb: 'get', apiVersion: 'apps/v1', kind: 'Deployment', where: 'calico', names: [manifestName] },
  ...clusterInformationReads,
  ...ownedReads,
];

/** @throws LookError where the node, the datastore or the API server could not be asked */
export async function look(context: FixContext, input: ScaledController): Promise<Readiness<StoppedController>> {
  const { namespace, name, datastore } = input;
  if (namespace !== manifestNamespace || name !== manifestName)
    return refuse(
      `${namespace}/${name} is not the Deployment of Calico's manifests, ${manifestNamespace}/${manifestName}`,
      `kubectl -n ${namespace} scale deployment ${name} --replicas=1   # if nobody stopped it on purpose`,
    );
  const answer = await context.cluster.read<Deployment>(deploymentReference);
  if (!answer.ok) return refuse(`Deployment ${namespace}/${name} could not be read: ${answer.reason}`);
  const { metadata, spec } = answer.value;
  const { uid, resourceVersion } = metadata;
  if (uid === undefined || resourceVersion === undefined)
    return refuse(`the API server does not say which version of Deployment ${namespace}/${name} it has`);
  if (spec.replicas !== 0)
    return { ready: 'done', why: `Deployment ${namespace}/${name} is scaled to ${spec.replicas ?? 1} now` };
  const owner = ownerOf(answer.value);
  if (owner?.by === 'operator')
    return refuse(
      `Deployment ${namespace}/${name} belongs to ${owner.name}, which sets its number of replicas`,
      `Find out why ${owner.name} keeps it at 0.`,
    );
  const elsewhere = settingsTrouble(spec, input);
  if (elsewhere !== null)
    return refuse(
      `Deployment ${namespace}/${name} ${elsewhere}`,
      `kubectl -n ${namespace} set env deployment ${name} --list   # is Calico being migrated?`,
    );
  const [ready, whole] = await Promise.all([
    datastoreReady(context, input),
    // In the Kubernetes datastore, what the controllers compare with is what they write to.
    datastore === 'etcdv3' ? nothingToDelete(context, input) : [],
  ]);
  if ('ready' in ready) return ready;
  if ('ready' in whole) return whole;
  const rejected = await scaleTo(1, context, { uid, resourceVersion }, { dryRun: true });
  if (!rejected.ok)
    return refuse(`the API server refuses it in a dry run: ${rejected.reason}`, scaleCommand(resourceVersion));
  return {
    ready: 'yes',
    conditions: [
      {
        id: 'deployment',
        description: `Deployment ${namespace}/${name} is scaled to 0 and the same as when planned`,
        value: `${uid} at ${resourceVersion}`,
      },
      { id: 'no-operator', description: 'no operator owns the Deployment', value: 'none' },
      {
        id: 'settings',
        description: 'the settings of the Deployment name no other API server, datastore or task',
        value: 'none',
      },
      ...ready,
      ...[whole].flat(),
    ],
    found: {
      uid,
      resourceVersion,
      owner: owner?.name ?? null,
      changed: lastChange([{ kind: 'Deployment', object: answer.value }]),
    },
  };
}

/** How the controllers would work on other objects than this cluster's; null: as far as their settings say, not. */
function settingsTrouble({ template }: Deployment['spec'], { datastore }: ScaledController): string | null {
  const variables = template.spec.containers.flatMap(({ env }) => env ?? []);
  const valueOf = (name: string) => variables.find((one) => one.name === name)?.value;
  // Also where its value comes from elsewhere.
  if (variables.some(({ name, value }) => name === 'KUBECONFIG' && value !== ''))
    return 'is told by KUBECONFIG which API server to ask, and it would delete what that one lacks';
  if ((valueOf('DATASTORE_TYPE') ?? datastore) !== datastore)
    return `is for the datastore ${valueOf('DATASTORE_TYPE')}, and calico-node for ${datastore}`;
  return valueOf('ENABLED_CONTROLLERS')?.includes('flannelmigration') ? 'migrates the cluster from Flannel' : null;
}
