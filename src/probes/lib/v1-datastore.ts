import { calicoctlVersions, datastoreKind } from '../../calico/calicoctl-answers.ts';
import { poolOfV1 } from '../../calico/v1-objects.ts';
import type { IPPool } from '../../model/calico.ts';
import type { Transcript } from '../../model/command.ts';
import type { Datastore } from '../../model/control-plane.ts';
import type { DatastoreKind } from '../../model/datastore-kind.ts';
import { observed, unavailable, type Fact } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { lacksSettingsFile, parseV1Get, settingsWords, withoutFile } from '../parse/calicoctl.ts';

/** What calicoctl 1.x printed on one node. */
interface Printed {
  readonly pools: Transcript;
  readonly version: Transcript;
  /** The line of its settings that names the datastore. */
  readonly type: Transcript;
}

/**
 * Returns the datastore and the pools of Calico 2.x. It has no object that says whether it is ready.
 * @param kind by what the cluster says
 * @throws LookError not-parsed, output-too-large
 */
export function datastoreOfV1(
  { pools, version, type }: Printed,
  kind: DatastoreKind['kind'],
): { readonly datastore: Fact<Datastore>; readonly pools: Fact<readonly IPPool[]> } {
  const { node } = pools;
  const answer = parseV1Get(pools, 'ipPool', poolOfV1);
  const evidence = [evidenceOf(pools, /cidr|ipip|enabled|mode|nat-outgoing|disabled/), evidenceOf(version)];
  if (!answer.ok && (answer.code !== 'datastore-unreachable' || lacksSettingsFile(type))) {
    const none =
      answer.code === 'datastore-unreachable'
        ? unavailable('not-configured', settingsWords(node, withoutFile(answer.error)), evidence)
        : unavailable(answer.code, answer.error, evidence);
    return { datastore: none, pools: none };
  }
  if (answer.ok && answer.objects.length === 0) {
    const why = `calicoctl on ${node} finds no IP pool: it does not read Calico's datastore`;
    const none = unavailable('not-credible', why, evidence);
    return { datastore: none, pools: none };
  }
  const { client, cluster } = calicoctlVersions(version.stdout);
  const datastore: Datastore = {
    node,
    kind: kind ?? datastoreKind(type.stdout),
    reachable: answer.ok,
    error: answer.ok ? null : answer.error,
    clientVersion: client,
    clusterVersion: cluster,
    state: 'unknown',
  };
  return {
    datastore: observed(datastore, evidence),
    pools: answer.ok ? observed(answer.objects, evidence) : unavailable(answer.code, answer.error, evidence),
  };
}
