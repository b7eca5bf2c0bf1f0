import type { LabelSelector } from '../../model/kubernetes.ts';

/**
 * Returns a label selector as a list query has it; undefined: it selects everything, or says what no query can.
 * Source: k8s.io/apimachinery, labels.Parse.
 */
export function labelQuery(selector: LabelSelector | undefined): string | undefined {
  const labels = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const expressions = (selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(',')})`;
  });
  const terms = [...labels, ...expressions];
  return terms.length > 0 ? terms.join(',') : undefined;
}
