import type { ListQuery, ObjectReference } from '../../model/ports.ts';

/** Returns the name of a kind in paths and in rights, by the rule that the API server names resources by. */
export function plural(kind: string): string {
  const name = kind.toLowerCase();
  if (name === 'endpoints') return name;
  if (/(?:s|x|ch|sh)$/.test(name)) return `${name}es`;
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`;
}

/** Path of the objects of a kind: in one namespace, or cluster-wide. */
export function collectionPath({
  apiVersion,
  kind,
  namespace,
}: Pick<ListQuery, 'apiVersion' | 'kind' | 'namespace'>): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${group}${scope}/${plural(kind)}`;
}

export function objectPath(reference: ObjectReference): string {
  return `${collectionPath(reference)}/${encodeURIComponent(reference.name)}`;
}

/**
 * Whether a path leads where it says. A name such as `..`, or with a slash in it, leads to another object. Everybody
 * who makes a pod or writes a job may write such a name. No object has one.
 */
export function isStraight(path: string): boolean {
  const [place = ''] = path.split('?', 1);
  return place.startsWith('/') && !/\/\.{0,2}(?:\/|$)|%2f|%25/i.test(place);
}

/** A path with its query, escaped where it must be and readable where it may be. */
export function withQuery(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const parts = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]) =>
        `${name}=${encodeURIComponent(String(value)).replaceAll(/%(?:3D|2F|3A|2C)/g, decodeURIComponent)}`,
    );
  return parts.length === 0 ? path : `${path}?${parts.join('&')}`;
}
