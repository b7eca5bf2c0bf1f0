/** When a missing profile may be made by hand. Each condition is read to plan, and again to apply. */
import type { FixContext, Readiness } from '../../model/fix.ts';
import type { MissingProfile } from '../../model/fix-inputs.ts';
import type { KubernetesObject, Namespace } from '../../model/kubernetes.ts';
import { canonicalJson } from '../../model/canonical-json.ts';
import { isolationAnnotation } from '../../calico/usual-profiles.ts';
import { whyNotCreated, type ProfileToCreate } from '../kit/calicoctl.ts';
import { refuse } from '../kit/conditions.ts';
import { labelsOf, profileObject, profileOwner } from '../kit/profile-object.ts';
import { calicoctlOf } from './calicoctl.ts';

/** @throws LookError when the node or its datastore could not be asked. */
export async function look(context: FixContext, input: MissingProfile): Promise<Readiness<ProfileToCreate>> {
  const { profile, namespace, pod, workloadEndpoint } = input;
  const owner = profileOwner(profile, namespace);
  if (!owner)
    return refuse(
      `${profile} is not a profile that Calico's controller makes for namespace ${namespace}`,
      'Find out who made the profile (the CNI configuration or a person) and restore it from there.',
    );

  const calicoctl = calicoctlOf(context, input);
  const [type, stored, endpoint, versions, space] = await Promise.all([
    calicoctl.datastoreType(),
    calicoctl.profile(profile),
    calicoctl.endpoint(namespace, workloadEndpoint),
    calicoctl.versions(),
    context.cluster.read<Namespace>({ apiVersion: 'v1', kind: 'Namespace', name: namespace }),
  ]);

  if (type === 'kubernetes')
    return refuse(
      'the datastore is the Kubernetes API, where profiles are derived from namespaces and cannot be written',
      `kubectl get namespace ${namespace}`,
      'Check why Felix cannot see the namespace (rights of calico-node, Typha).',
    );
  if (stored.object) return { ready: 'done', why: `profile ${profile} exists already: the controller was faster` };
  if (type === null && !stored.saysEtcd)
    return refuse('the node does not tell which datastore Calico uses', 'cat /etc/calico/calicoctl.cfg');
  const profiles = endpoint.object?.spec.profiles ?? [];
  if (!endpoint.object || endpoint.object.spec.pod !== pod)
    return refuse(
      `the client that finds no profile does not return the endpoint of ${namespace}/${pod} either, so it may ` +
        'use another datastore',
      `calicoctl get workloadendpoint ${workloadEndpoint} -n ${namespace}`,
    );
  if (!profiles.includes(profile))
    return refuse(`the endpoint of ${namespace}/${pod} does not name the profile ${profile}`);
  if (!space.ok) return refuse(`the namespace could not be read: ${space.reason}`);
  const phase = space.value.status?.phase ?? 'unknown';
  if (phase !== 'Active' || space.value.metadata.deletionTimestamp)
    return refuse(`namespace ${namespace} is ${phase}, not Active`);
  if (space.value.metadata.annotations?.[isolationAnnotation] !== undefined)
    return refuse(
      `namespace ${namespace} has the annotation ${isolationAnnotation}: an allowing profile would undo its ` +
        'default deny',
      'Restore the profile from the controller, which knows the annotation.',
    );
  if (versions.client && versions.cluster && !fits(versions.client, versions.cluster)) {
    return refuse(
      `calicoctl on ${input.node} is ${versions.client}, the cluster ${versions.cluster}: a client of another ` +
        'version may drop fields it does not know',
      `Install calicoctl ${clientFor(versions.cluster)} on ${input.node}.`,
    );
  }

  let labels = space.value.metadata.labels ?? {};
  if (owner.kind === 'account') {
    const account = await context.cluster.read<KubernetesObject>({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      namespace,
      name: owner.account,
    });
    if (!account.ok) return refuse(`the account ${namespace}/${owner.account} could not be read: ${account.reason}`);
    labels = account.value.metadata.labels ?? {};
  }
  const toCreate: ProfileToCreate = { object: profileObject(profile, namespace, owner, labels), namespace, owner };
  const problem = whyNotCreated(toCreate);
  if (problem !== null)
    return refuse(
      `the node's helper refuses profile ${profile}: ${problem}`,
      `Create profile ${profile} by hand with calicoctl.`,
    );
  const conditions = [
    { id: 'datastore', description: 'Calico keeps its objects in etcd', value: 'etcdv3' },
    { id: 'profile-absent', description: `profile ${profile} is absent by name`, value: 'absent' },
    {
      id: 'endpoint',
      description: `the same client returns the endpoint of ${namespace}/${pod}, and it names the profile`,
      value: `${workloadEndpoint}: ${profiles.join(', ')}`,
    },
    {
      id: 'namespace-active',
      description: `namespace ${namespace} is Active and the same as when planned`,
      value: `Active ${space.value.metadata.uid ?? ''}`,
    },
    {
      id: 'no-isolation-annotation',
      description: `namespace ${namespace} has no annotation ${isolationAnnotation}`,
      value: 'absent',
    },
    {
      id: 'labels',
      description: 'labels computed from the Kubernetes object now',
      value: canonicalJson(labelsOf(toCreate.object)),
    },
    {
      id: 'client-version',
      description: `calicoctl on ${input.node} is of the cluster's version, where both are known`,
      value: `${versions.client ?? 'unknown'} / ${versions.cluster ?? 'unknown'}`,
    },
  ];
  return { ready: 'yes', conditions, found: toCreate };
}

/** Clients of 2.x have numbers of their own, and profiles are the same in all of them. */
function fits(client: string, cluster: string): boolean {
  return /^v?1\./.test(client) ? /^v?[12]\./.test(cluster) : release(client) === release(cluster);
}

function clientFor(cluster: string): string {
  return /^v?[12]\./.test(cluster) ? 'v1.6' : release(cluster);
}

/** As calicoctl compares them: the text before the first `-`. */
function release(version: string): string {
  return version.split('-')[0] ?? version;
}
