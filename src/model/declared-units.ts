/** What the start of the program checks of every kind of unit alike. A registry throws before anybody uses it. */
import type { ApiRead } from './api-reads.ts';

interface Declared {
  readonly id: string;
  readonly reads?: readonly ApiRead[];
}

/**
 * Throws for what is wrong with the units of a registry.
 * @param kind of the units, for the message, as `probes`
 * @param problemsOf what is wrong with one of them, as the rest of a sentence that begins with its id
 * @throws Error that names every offender: an id that is used twice or is not one, a read that the API server does not
 *   know, and what `problemsOf` says
 */
export function checkUnits<U extends Declared>(
  kind: string,
  units: readonly U[],
  problemsOf: (unit: U) => readonly string[],
): void {
  const seen = new Set<string>();
  const wrong = units.flatMap((unit) => {
    const { id, reads = [] } = unit;
    const isTwin = seen.has(id);
    seen.add(id);
    return [
      ...(isTwin ? ['is there twice'] : []),
      ...(/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(id) ? [] : ['is not an id']),
      ...reads.flatMap((read) => readProblem(read) ?? []),
      ...problemsOf(unit),
    ].map((problem) => `${id} ${problem}`);
  });
  if (wrong.length > 0) throw new Error(`the ${kind} do not hold together: ${wrong.join('; ')}`);
}

/** Rights are generated from reads: a wrong one gives a right that nobody needs, and lacks the one that is needed. */
function readProblem({ verb, apiVersion, kind, subresource, names }: ApiRead): string | null {
  const what = `declares a read of ${kind} in ${apiVersion}`;
  if (!/^(?:[a-z0-9.-]{1,253}\/)?v[1-9][a-z0-9]{0,9}$/.test(apiVersion)) return `${what}, which is not a version`;
  if (!/^[A-Z][A-Za-z]+$/.test(kind)) return `${what}, which is not a kind`;
  if (names?.length === 0) return `${what} with no names, so of nothing`;
  if (subresource !== undefined && (kind !== 'Pod' || verb !== 'get')) return `${what}, which has no log`;
  return verb === 'create' && kind !== 'SubjectAccessReview' ? `${what}, and would create it` : null;
}
