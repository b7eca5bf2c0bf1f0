/** An API server whose pods have addresses of both kinds. */
import type { Pod } from '../../src/model/kubernetes.ts';
import type { ApiAnswer, ClusterReader } from '../../src/model/ports.ts';

const ipv4 = /\b(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?\b/g;

/** `10.244.1.5/26` is `fd00:10:244:1::5/68`. */
function asIPv6(text: string): string {
  return text.replaceAll(ipv4, (_, a: string, b: string, c: string, d: string, prefix: string | undefined) => {
    const length = prefix === undefined ? '' : `/${prefix === '32' ? 128 : 16 + 2 * Number(prefix)}`;
    return `fd00:${a}:${b}:${c}::${d}${length}`;
  });
}

/** Pods have both, their IPv6 address first. */
export function onBothFamilies(cluster: ClusterReader): ClusterReader {
  return changing(cluster, (value) => {
    if (Array.isArray(value)) return value.map(both);
    return both(value);
  });
}

function both(value: unknown): unknown {
  const { status } = value as Partial<Pod>;
  const own = status?.podIP;
  return own === undefined || own === ''
    ? value
    : { ...(value as Pod), status: { ...status, podIP: asIPv6(own), podIPs: [{ ip: asIPv6(own) }, { ip: own }] } };
}

function changing(cluster: ClusterReader, change: (value: unknown) => unknown): ClusterReader {
  const changed = async <T>(answer: Promise<ApiAnswer<T>>): Promise<ApiAnswer<T>> => {
    const given = await answer;
    return given.ok ? { ...given, value: change(given.value) as T } : given;
  };
  return {
    ...cluster,
    read: (reference) => changed(cluster.read(reference)),
    list: (query) => changed(cluster.list(query)),
  };
}
