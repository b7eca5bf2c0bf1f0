import type { CalicoPolicy } from '../model/calico.ts';

/** `namespace/name` or `name`; a Kubernetes policy without Calico's own prefix. */
export function policyName({ metadata }: Pick<CalicoPolicy, 'metadata'>): string {
  const name = metadata.name.replace(/^knp\.default\./, '');
  return metadata.namespace ? `${metadata.namespace}/${name}` : name;
}
