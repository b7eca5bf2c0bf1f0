import { ownerOf } from '../../calico/owners.ts';
import {
  apiServerComponent,
  nodeComponent,
  typhaComponent,
  type ComponentName,
} from '../../model/calico-components.ts';
import { observed, type Fact, type Gap } from '../../model/evidence.ts';
import { evidenceOfAnswer } from '../../model/evidence-of.ts';
import type { Install, InstalledPart, InstallKind, OperatorState } from '../../model/install.ts';
import type { Installation, TigeraStatus } from '../../model/kubernetes.ts';
import type { ApiAnswer, ClusterReader } from '../../model/ports.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { findWorkload, type Component } from '../lib/calico-component.ts';
import { labelQuery } from '../lib/label-query.ts';
import { unavailableAnswer } from '../lib/evidence.ts';

/** The operator serves one, of this name. */
const installationName = 'default';
const operatorVersion = 'operator.tigera.io/v1';
const parts = [nodeComponent, typhaComponent, apiServerComponent] as const;

export const calicoInstall = defineClusterProbe({
  id: 'calico-install',
  description:
    "How Calico was installed: its DaemonSet and Deployments in Calico's namespaces with whatever owns them, the " +
    "operator's Installation and what the operator reports.",
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [],
  reads: [
    ...parts.map(({ kind, names }) => ({ verb: 'get', apiVersion: 'apps/v1', kind, where: 'calico', names }) as const),
    { verb: 'get', apiVersion: 'v1', kind: 'Namespace', where: 'cluster' },
    { verb: 'get', apiVersion: operatorVersion, kind: 'Installation', where: 'cluster', names: [installationName] },
    { verb: 'list', apiVersion: operatorVersion, kind: 'TigeraStatus', where: 'cluster' },
  ],
  needs: [],
  uses: ['controller'],
  provides: ['install'],
  async read(look, facts) {
    const { cluster, calicoNamespaces } = look;
    const [node, typha, apiServer, operator, controller] = await Promise.all([
      findPart(nodeComponent, calicoNamespaces, cluster),
      findPart(typhaComponent, calicoNamespaces, cluster),
      findPart(apiServerComponent, calicoNamespaces, cluster),
      readOperator(cluster),
      facts.ask('controller'),
    ]);
    if (node.status === 'unavailable') return { install: node };
    const { part, ...told } = node.value;
    const deployment = controller.status === 'observed' ? controller.value.deployment : null;
    const optional = [typha, apiServer, operator];
    const unread = optional.flatMap((fact) => (fact.status === 'unavailable' ? [fact] : []));
    const install: Install = {
      kind: kindOf(part),
      node: part,
      ...told,
      controllers:
        deployment && controller.status === 'observed'
          ? partOf(
              {
                ...deployment,
                metadata: { ...deployment.metadata, namespace: controller.value.namespace },
              },
              'Deployment',
            )
          : null,
      typha: valueOf(typha)?.part ?? null,
      apiServer: valueOf(apiServer)?.part ?? null,
      operator: valueOf(operator),
      unread: unread.map(({ reason }) => reason),
    };
    // What is refused lacks a right, which a person can give. The rest says nothing that a person can act on.
    const gaps = unread
      .filter(({ code }) => code === 'api-forbidden')
      .slice(0, 1)
      .map(({ code, reason }): Gap => ({ code, reason, node: null }));
    return { install: observed(install, [...node.evidence, ...operator.evidence], gaps) };
  },
});

function kindOf(node: InstalledPart | null): InstallKind {
  if (!node) return 'unknown';
  const by = node.owner?.by ?? null;
  if (by === null) return 'manifest';
  return by === 'gitops' ? 'other' : by;
}

interface FoundPart extends Pick<Install, 'backend' | 'packetFilter'> {
  readonly part: InstalledPart | null;
}

/** Where several namespaces have it, as while Calico moves to its operator, the first with ready pods counts. */
async function findPart(
  component: ComponentName,
  namespaces: readonly string[],
  cluster: ClusterReader,
): Promise<Fact<FoundPart>> {
  const answers = await Promise.all(namespaces.map((namespace) => findWorkload(namespace, component, cluster)));
  const found = answers.flatMap((answer) =>
    answer.status === 'observed' && answer.value ? [{ workload: answer.value, evidence: answer.evidence }] : [],
  );
  const best = found.find(({ workload }) => isReady(workload)) ?? found[0];
  if (best) return observed({ part: partOf(best.workload, component.kind), ...toldTo(best.workload) }, best.evidence);
  const unread = answers.find((answer) => answer.status === 'unavailable');
  return (
    unread ??
    observed(
      { part: null, backend: null },
      answers.flatMap(({ evidence }) => evidence),
    )
  );
}

function isReady({ status }: Component['workload']): boolean {
  return (status?.readyReplicas ?? status?.numberReady ?? 0) > 0;
}

function partOf(workload: Component['workload'], kind: InstalledPart['kind']): InstalledPart {
  const { metadata, spec } = workload;
  return {
    kind,
    namespace: metadata.namespace,
    name: metadata.name,
    selector: labelQuery(spec.selector) ?? null,
    account: spec.template.spec.serviceAccountName ?? 'default',
    owner: ownerOf(workload),
  };
}

/**
 * Sources: calico-node's environment in Calico's manifests and in the operator's DaemonSet, which wins over what the
 * datastore says (felix/config/config_params.go).
 */
function toldTo({ spec }: Component['workload']): Pick<Install, 'backend' | 'packetFilter'> {
  const variables = spec.template.spec.containers.flatMap(({ env = [] }) => env);
  const valueOf = (wanted: string) => variables.find(({ name }) => name.toUpperCase() === wanted)?.value ?? null;
  const iptables = valueOf('FELIX_IPTABLESBACKEND')?.toLowerCase();
  const mode = valueOf('FELIX_NFTABLESMODE')?.toLowerCase();
  const backend = valueOf('CALICO_NETWORKING_BACKEND');
  if (mode === 'enabled') return { backend, packetFilter: 'nftables' };
  return iptables === 'legacy' || iptables === 'nft' ? { backend, packetFilter: `iptables-${iptables}` } : { backend };
}

async function readOperator(cluster: ClusterReader): Promise<Fact<OperatorState | null>> {
  const kind = { apiVersion: operatorVersion, kind: 'Installation' };
  const [installation, statuses] = await Promise.all([
    cluster.read<Installation>({ ...kind, name: installationName }),
    cluster.list<TigeraStatus>({ apiVersion: operatorVersion, kind: 'TigeraStatus' }),
  ]);
  if (!installation.ok)
    return installation.status === 404
      ? observed(null, [evidenceOfAnswer(installation, 'no Installation')])
      : unavailableAnswer(installation);
  const { spec, status } = installation.value;
  const wanted = spec?.calicoNetwork?.linuxDataplane ?? status?.computed?.calicoNetwork?.linuxDataplane;
  const value: OperatorState = {
    installation: installationName,
    owner: ownerOf(installation.value),
    linuxDataplane: dataplanes.find((one) => one === wanted) ?? null,
    version: status?.calicoVersion ?? null,
    degraded: degradedOf(statuses),
  };
  const degraded = value.degraded.map(({ component, message }) => `${component} degraded: ${message}`);
  return observed(value, [
    evidenceOfAnswer(installation, `linuxDataplane ${wanted ?? 'not given'}`),
    ...(statuses.ok ? [evidenceOfAnswer(statuses, degraded.join('\n') || 'nothing is degraded')] : []),
  ]);
}

const dataplanes = ['Iptables', 'Nftables', 'BPF', 'VPP'] as const;

function degradedOf(answer: ApiAnswer<readonly TigeraStatus[]>): OperatorState['degraded'] {
  return (answer.ok ? answer.value : []).flatMap(({ metadata, status }) => {
    const degraded = status?.conditions?.find(({ type, status: is }) => type === 'Degraded' && is === 'True');
    return degraded
      ? [{ component: metadata.name, message: (degraded.message ?? degraded.reason ?? '').slice(0, 300) }]
      : [];
  });
}

function valueOf<T>(fact: Fact<T | null>): T | null {
  return fact.status === 'observed' ? fact.value : null;
}
