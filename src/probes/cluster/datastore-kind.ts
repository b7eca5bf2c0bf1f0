import { datastoreKind as kindNamed } from '../../calico/calicoctl-answers.ts';
import { usualInterfacePrefix } from '../../calico/endpoint-names.ts';
import type { ApiRead } from '../../model/api-reads.ts';
import { nodeComponent } from '../../model/calico-components.ts';
import { calicoApis, type CalicoApi, type DatastoreKind } from '../../model/datastore-kind.ts';
import { observed, type Evidence, type Fact } from '../../model/evidence.ts';
import { evidenceOfAnswer } from '../../model/evidence-of.ts';
import type { Deployment, KubernetesObject } from '../../model/kubernetes.ts';
import type { ApiAnswer, ClusterReader } from '../../model/ports.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { unavailableAnswer } from '../lib/evidence.ts';

const told = ['DATASTORE_TYPE', 'ETCD_ENDPOINTS', 'FELIX_INTERFACEPREFIX'];

export const datastoreKind = defineClusterProbe({
  id: 'datastore-kind',
  description:
    'The datastore of Calico, etcd or the Kubernetes API, by the settings of calico-node, and by what the ' +
    'API server serves.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [],
  reads: [
    { verb: 'get', apiVersion: 'apps/v1', kind: 'DaemonSet', where: 'calico', names: nodeComponent.names },
    ...calicoApis.map((apiVersion): ApiRead => ({
      verb: 'list',
      apiVersion,
      kind: 'ClusterInformation',
      where: 'cluster',
    })),
  ],
  needs: [],
  provides: ['datastore-kind'],
  async read({ cluster, calicoNamespaces }) {
    const [workloads, informations] = await Promise.all([
      Promise.all(
        calicoNamespaces.flatMap((namespace) =>
          nodeComponent.names.map((name) =>
            cluster.read<Deployment>({ apiVersion: 'apps/v1', kind: 'DaemonSet', namespace, name }),
          ),
        ),
      ),
      Promise.all(calicoApis.map((api) => served(cluster, api))),
    ]);
    const settings = workloads.flatMap((answer) => (answer.ok ? [settingsOf(answer, answer.value)] : []));
    return { 'datastore-kind': kindOf(settings, informations) };
  },
});

interface Settings {
  readonly kind: 'etcdv3' | 'kubernetes' | null;
  readonly interfacePrefix: string;
  readonly evidence: Evidence;
}
interface Served {
  readonly api: CalicoApi;
  readonly answer: ApiAnswer<readonly KubernetesObject[]>;
}

/** Of the one object that every installation has. */
async function served(cluster: ClusterReader, api: CalicoApi): Promise<Served> {
  return { api, answer: await cluster.list({ apiVersion: api, kind: 'ClusterInformation', limit: 10 }) };
}

/** As Calico's programs take them: without a type, a program that is given etcd uses it. */
function settingsOf(answer: ApiAnswer<Deployment>, { metadata, spec }: Deployment): Settings {
  const variables = spec.template.spec.containers.flatMap(({ env = [] }) => env);
  const variable = (name: string) => variables.find((one) => one.name === name);
  const type = variable('DATASTORE_TYPE')?.value;
  const prefixes = variable('FELIX_INTERFACEPREFIX')?.value ?? '';
  const shown = variables.filter(({ name }) => told.includes(name)).map(({ name, value }) => `${name}=${value ?? '?'}`);
  return {
    kind: (type === undefined ? null : kindNamed(type)) ?? (variable('ETCD_ENDPOINTS') ? 'etcdv3' : null),
    interfacePrefix: prefixes.split(',')[0]?.trim() || usualInterfacePrefix,
    evidence: evidenceOfAnswer(answer, `DaemonSet ${metadata.name}: ${shown.join(' ') || 'says nothing of it'}`),
  };
}

/** Objects of Calico's that nobody's settings are known to use may be left over, or served from etcd. */
function kindOf(settings: readonly Settings[], informations: readonly Served[]): Fact<DatastoreKind> {
  const [first, ...others] = settings;
  const evidence = settings.map((one) => one.evidence);
  const isSettled = others.every(({ kind }) => kind === first?.kind);
  const said = isSettled ? (first?.kind ?? null) : null;
  if (said === 'etcdv3' || !isSettled) return observed({ kind: said === 'etcdv3' ? said : null }, evidence);
  const interfacePrefix = first?.interfacePrefix ?? usualInterfacePrefix;
  for (const { api, answer } of informations) {
    if (answer.ok) {
      // Calico's own API server shows the objects of etcd by the newer group.
      if (said === null && (answer.value.length === 0 || api !== 'crd.projectcalico.org/v1')) break;
      const shown = `${api} is served, with ${answer.value.length} ClusterInformation`;
      return observed({ kind: 'kubernetes', api, interfacePrefix }, [...evidence, evidenceOfAnswer(answer, shown)]);
    }
    if (answer.status === 404) continue;
    // Which of the two is served cannot be told.
    return said === null || answer.status === null
      ? observed({ kind: null }, evidence)
      : observed({ kind: null }, evidence, [gapOf(answer)]);
  }
  const reason = `calico-node says that its datastore is Kubernetes, and the API server serves no objects of Calico`;
  return observed({ kind: null }, evidence, said === null ? [] : [{ code: 'api-not-found', reason, node: null }]);
}

function gapOf(answer: ApiAnswer<unknown> & { readonly ok: false }) {
  const { code, reason } = unavailableAnswer(answer);
  return { code, reason, node: null };
}
