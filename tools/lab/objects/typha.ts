import type { Administrator, KubeObject } from '../control-plane/api.ts';
import { calicoNamespace, type Topology } from '../topology.ts';

/** Typha as Calico's installers have it: its Deployment and Service, and what Felix is told of them. */

export const typhaService = 'calico-typha';
export const typhaPort = 5473;
/** Of its health server, on the loopback address of its node. */
export const typhaReadiness = 'http://127.0.0.1:9098/readiness';
/** Where a kubelet would put the Secret with the certificates, on a node. */
export const typhaCertificates = '/var/lib/kubelet/pods/calico/volumes/kubernetes.io~secret/typha-certs';
/** Common names in the certificates of both ends. */
export const typhaNames = { server: 'typha-server', client: 'typha-client' } as const;

/** Typha's own settings. */
export const typhaVariables = {
  TYPHA_DATASTORETYPE: 'kubernetes',
  TYPHA_LOGFILEPATH: 'none',
  TYPHA_LOGSEVERITYSYS: 'none',
  TYPHA_CAFILE: `${typhaCertificates}/ca.crt`,
  TYPHA_SERVERCERTFILE: `${typhaCertificates}/typha-server.crt`,
  TYPHA_SERVERKEYFILE: `${typhaCertificates}/typha-server.key`,
  TYPHA_CLIENTCN: typhaNames.client,
  TYPHA_HEALTHENABLED: 'true',
} as const;

/**
 * The account with which Typha reads the datastore: of its own from the operator (pkg/render/typha.go), that of
 * calico-node in Calico's manifests (manifests/calico-typha.yaml).
 */
export const typhaAccount = ({ layout }: Pick<Topology, 'layout'>): string =>
  layout === 'operator' ? typhaService : 'calico-node';

/** The endpoints of its Service, as the supervisor keeps them. */
export const typhaSlice = (topology: Pick<Topology, 'layout'>): string =>
  `/apis/discovery.k8s.io/v1/namespaces/${calicoNamespace(topology)}/endpointslices/${typhaService}-lab`;

/** Felix's settings by which it finds Typha; none in a lab without it. */
export function felixTyphaVariables(topology: Pick<Topology, 'layout' | 'typha'>): Record<string, string> {
  if (!topology.typha) return {};
  return {
    FELIX_TYPHAK8SSERVICENAME: typhaService,
    FELIX_TYPHAK8SNAMESPACE: calicoNamespace(topology),
    FELIX_TYPHACAFILE: `${typhaCertificates}/ca.crt`,
    FELIX_TYPHACERTFILE: `${typhaCertificates}/typha-client.crt`,
    FELIX_TYPHAKEYFILE: `${typhaCertificates}/typha-client.key`,
    FELIX_TYPHACN: typhaNames.server,
  };
}

/** @param mark what the installer adds to an object of its own */
export async function ensureTypha(
  api: Administrator,
  { layout, namespace }: Pick<Topology, 'layout'> & { namespace: string },
  mark: (object: KubeObject) => KubeObject,
): Promise<void> {
  const labels = { 'k8s-app': typhaService };
  const ports = [{ name: typhaService, port: typhaPort, protocol: 'TCP', targetPort: typhaService }];
  await Promise.all([
    api.ensure(
      `/api/v1/namespaces/${namespace}/services`,
      mark({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: typhaService, namespace },
        spec: { selector: labels, ports },
      }),
    ),
    api.ensure(
      `/apis/apps/v1/namespaces/${namespace}/deployments`,
      mark({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: typhaService, namespace },
        spec: {
          replicas: 1,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              hostNetwork: true,
              serviceAccountName: typhaAccount({ layout }),
              containers: [
                {
                  name: typhaService,
                  image: 'quay.io/calico/calico:master',
                  ports: [{ name: typhaService, containerPort: typhaPort, protocol: 'TCP' }],
                  env: Object.entries(typhaVariables).map(([name, value]) => ({ name, value })),
                },
              ],
            },
          },
        },
      }),
    ),
  ]);
}
