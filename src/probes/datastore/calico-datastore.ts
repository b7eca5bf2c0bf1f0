import { calicoctlVersions, datastoreKind, isOfVersion1, isUnknownOption } from '../../calico/calicoctl-answers.ts';
import type { ClusterInformation } from '../../calico/cluster-information.ts';
import { bpfOf, type BpfSettings } from '../../calico/felix-settings.ts';
import { observed, unavailable, type Fact } from '../../model/evidence.ts';
import type { Datastore } from '../../model/control-plane.ts';
import type { IPPool } from '../../model/calico.ts';
import type { Transcript } from '../../model/command.ts';
import { LookError } from '../../model/look-error.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import {
  calicoctlGetClusterInformation,
  calicoctlGetFelixconfiguration,
  calicoctlGetIppools,
  calicoctlVersion,
} from '../../commands/calicoctl.ts';
import { calicoctlV1GetIppools } from '../../commands/calicoctl-v1.ts';
import { grepDatastoreType } from '../../commands/grep.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { datastoreReads, readKubernetesDatastore } from '../lib/kubernetes-datastore.ts';
import { attempt } from '../lib/partial-reading.ts';
import { datastoreOfV1 } from '../lib/v1-datastore.ts';
import { lacksSettingsFile, parseCalicoctlGet, settingsWords, withoutFile } from '../parse/calicoctl.ts';

interface FelixConfiguration {
  readonly spec?: BpfSettings;
}

export const calicoDatastore = defineClusterProbe({
  id: 'calico-datastore',
  description:
    "Asks Calico's datastore for its version, state and pools: through the API server where it is Kubernetes', else " +
    "through calicoctl on the pod's node.",
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [
    calicoctlGetClusterInformation,
    calicoctlGetFelixconfiguration,
    calicoctlGetIppools,
    calicoctlV1GetIppools,
    calicoctlVersion,
    grepDatastoreType,
  ],
  reads: datastoreReads,
  needs: ['pod', 'datastore-kind'],
  runsOn: ['target'],
  provides: ['datastore', 'pools'],
  async read(look, facts) {
    const home = facts.get('datastore-kind');
    if (home.kind === 'kubernetes') return readKubernetesDatastore(look.cluster, home);
    const node = look.on('target');
    const run = (command: typeof calicoctlGetFelixconfiguration) => node.run(command);
    const [information, felix, pools, version, type] = await Promise.all([
      node.run(calicoctlGetClusterInformation),
      attempt(run, calicoctlGetFelixconfiguration),
      node.run(calicoctlGetIppools),
      node.run(calicoctlVersion),
      node.run(grepDatastoreType),
    ]);
    if (isUnknownOption(information) && isOfVersion1(version.stdout))
      return datastoreOfV1({ pools: await node.run(calicoctlV1GetIppools), version, type }, home.kind);
    const answer = parseCalicoctlGet<ClusterInformation>(information);
    // A client that cannot be run, has no settings, or does not understand the question, says nothing of the datastore.
    const trouble =
      !answer.ok && answer.code === 'datastore-unreachable' && lacksSettingsFile(type) ? 'not-configured' : null;
    if (!answer.ok && (trouble ?? answer.code) !== 'datastore-unreachable') {
      const why = trouble
        ? settingsWords(node.node, withoutFile(answer.error))
        : answer.code === 'command-failed'
          ? `calicoctl on ${node.node}: ${answer.error}`
          : answer.error;
      const none = unavailable(trouble ?? answer.code, why, [evidenceOf(information)]);
      return { datastore: none, pools: none };
    }
    const poolList = parseCalicoctlGet<{ readonly items?: readonly IPPool[] }>(pools);
    if (answer.ok && answer.object === null && poolList.ok && (poolList.object?.items ?? []).length === 0) {
      const none = unavailable(
        'not-credible',
        `calicoctl on ${node.node} finds neither ClusterInformation nor IP pools: it does not read Calico's datastore`,
        [evidenceOf(information), evidenceOf(pools)],
      );
      return { datastore: none, pools: none };
    }
    const versions = calicoctlVersions(version.stdout);
    const datastore: Datastore = {
      node: node.node,
      kind: home.kind ?? datastoreKind(type.stdout),
      reachable: answer.ok,
      error: answer.ok ? null : answer.error,
      clientVersion: versions.client,
      clusterVersion: versions.cluster,
      state: stateOf(answer.ok ? answer.object?.spec?.datastoreReady : undefined),
      ...felixSettings(felix),
    };
    const poolFact: Fact<readonly IPPool[]> = poolList.ok
      ? observed(poolList.object?.items ?? [], [evidenceOf(pools, /cidr|ipipMode|vxlanMode|name:|natOutgoing/)])
      : unavailable(poolList.code, poolList.error, [evidenceOf(pools)]);
    return { datastore: observed(datastore, [evidenceOf(information)]), pools: poolFact };
  },
});

/** A client that does not know the kind says nothing of it. */
function felixSettings(felix: Transcript | LookError): ReturnType<typeof bpfOf> {
  if (felix instanceof LookError || felix.exit !== 0 || felix.truncated) return {};
  const answer = parseCalicoctlGet<FelixConfiguration>(felix);
  return answer.ok ? bpfOf(answer.object?.spec) : {};
}

function stateOf(ready: boolean | undefined): Datastore['state'] {
  return ready === undefined ? 'unknown' : ready ? 'ready' : 'locked';
}
