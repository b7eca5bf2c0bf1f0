/**
 * Annotations in which Calico keeps, in the Kubernetes datastore, what Kubernetes' own objects have no field for.
 * Source: libcalico-go/lib/backend/k8s (conversion, resources/node.go).
 */
import { own } from './own.ts';

/** Of a pod, by the CNI plugin; empty once the pod's network is gone. Networks, with commas between them. */
export const podAddressAnnotations = ['cni.projectcalico.org/podIPs', 'cni.projectcalico.org/podIP'] as const;
/** Of a node, by calico-node. The address has a prefix length. */
export const nodeAddressAnnotation = 'projectcalico.org/IPv4Address';
export const nodeAddress6Annotation = 'projectcalico.org/IPv6Address';
export const nodeTunnelAnnotation = 'projectcalico.org/IPv4IPIPTunnelAddr';
export const nodeFrameTunnelAnnotation = 'projectcalico.org/IPv4VXLANTunnelAddr';
/** Of an object of `crd.projectcalico.org`: the metadata that Calico's own API shows of it, as JSON. */
export const metadataAnnotation = 'projectcalico.org/metadata';

/** What of them something judges. */
export interface StoredMetadata {
  readonly labels?: Readonly<Record<string, string>>;
}

/** Parses the annotation's value; nothing where there is none, or it holds no such thing. */
export function storedMetadata(text: string | undefined): StoredMetadata {
  if (text === undefined) return {};
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return {};
  }
  if (typeof found !== 'object' || found === null) return {};
  const { labels } = found as Readonly<Record<string, unknown>>;
  const texts =
    typeof labels === 'object' && labels !== null
      ? Object.fromEntries(Object.entries(labels).filter((one): one is [string, string] => typeof one[1] === 'string'))
      : undefined;
  return texts && Object.keys(texts).length > 0 ? { labels: texts } : {};
}

/** The value of the first of these annotations that has one; null: none is there, `''`: they are there, and empty. */
export function annotated(
  annotations: Readonly<Record<string, string>> | undefined,
  names: readonly string[],
): string | null {
  const values = names.flatMap((name) => own(annotations, name) ?? []);
  return values.find((value) => value !== '') ?? (values.length > 0 ? '' : null);
}
