/** The values that deploy/chart is tried with, and what the helm program makes of them. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: Readonly<Record<string, string>>;
}

const chart = resolve(import.meta.dirname, '../deploy/chart');
const secrets = { redis: 'a-redis', approvalKey: 'a-key', alerts: 'an-alert' };
const west = { KUBECONFIG: '/etc/calico-chatops/clusters/west', CHANNELS: ['C0WEST'] };

/** Every switch of values.yaml in both places. */
export const chartValues = {
  'the defaults': {},
  'the agent': { nodesVia: 'agent' },
  'calico-system': { rbac: { calicoSystem: true } },
  'no fixes': { rbac: { fixes: false } },
  'rights of others': { rbac: { diagnose: false, fixes: false } },
  'Redis out': { secrets: { redis: 'a-redis' } },
  'a worker apart': { worker: { apart: true }, secrets },
  'requests of Slack': { secrets: { ...secrets, socketMode: false, alertsBasicAuth: true } },
  'several clusters': { secrets: { clusters: 'kubeconfigs' }, config: { CLUSTERS: { east: {}, west } } },
  policies: {
    hostNetwork: false,
    podDisruptionBudget: { enabled: true },
    networkPolicy: { from: [{ namespaceSelector: { matchLabels: { role: 'monitoring' } } }] },
  },
  'a policy that lets nobody in': { hostNetwork: false },
  'a monitor': { serviceMonitor: { enabled: true, labels: { release: 'prometheus' } } },
  'places and pulls': {
    image: { repository: 'registry.example/calico-chatops', tag: 'one', pullPolicy: 'Always' },
    imagePullSecrets: [{ name: 'pull' }],
    state: { size: '2Gi', storageClassName: 'fast' },
    nodeSelector: { role: 'infra' },
    tolerations: [{ key: 'infra', operator: 'Exists', effect: 'NoSchedule' }],
  },
} as const satisfies Readonly<Record<string, object>>;

/** The objects of a file of manifests. */
export function objectsIn(text: string): readonly Manifest[] {
  return parseAllDocuments(text)
    .map((one) => one.toJS() as Manifest | null)
    .filter((one) => one !== null);
}

function helmDoes(helm: string, values: object, argv: readonly string[]) {
  const all = [...argv, '-n', 'calico-chatops', '--kube-version', '1.30.0', '-f', '-'];
  const { status, stdout, stderr, error } = spawnSync(helm, all, { encoding: 'utf8', input: JSON.stringify(values) });
  if (error) throw error;
  return { isDone: status === 0, stdout, stderr };
}

/** What Helm renders; nothing where it refuses the values: `why` says why. */
export function renderChart(
  helm: string,
  values: object,
): { readonly rendered: readonly Manifest[]; readonly why: string } {
  const { isDone, stdout, stderr } = helmDoes(helm, values, ['template', 'it', chart]);
  return { rendered: isDone ? objectsIn(stdout) : [], why: stderr };
}

/** What `helm lint` finds that is more than a hint. */
export function lintChart(helm: string, values: object): string {
  const { isDone, stdout, stderr } = helmDoes(helm, values, ['lint', '--strict', '--quiet', chart]);
  return isDone ? '' : `${stdout}${stderr}`;
}
