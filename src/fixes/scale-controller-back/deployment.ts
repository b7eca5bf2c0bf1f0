import type { FixContext } from '../../model/fix.ts';
import type { KubernetesObject } from '../../model/kubernetes.ts';
import type { ApiAnswer } from '../../model/ports.ts';
import { manifestName, manifestNamespace } from '../kit/controller-names.ts';

/** The one Deployment that is scaled. */
export const deploymentReference = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: manifestNamespace,
  name: manifestName,
} as const;

/** One version of the Deployment. */
export interface DeploymentVersion {
  readonly uid: string;
  readonly resourceVersion: string;
}

/** Scales the Deployment, if it is still the version that was read. */
export function scaleTo(
  replicas: 0 | 1,
  { writer }: FixContext,
  version: DeploymentVersion,
  options: { readonly dryRun: boolean },
): Promise<ApiAnswer<KubernetesObject>> {
  return writer.merge({ ...deploymentReference, subresource: 'scale' }, { spec: { replicas } }, version, options);
}

/** Returns the same change back to 1, for a person to run. */
export function scaleCommand(resourceVersion: string): string {
  return (
    `kubectl -n ${manifestNamespace} scale deployment ${manifestName} --replicas=1 --current-replicas=0 ` +
    `--resource-version=${resourceVersion}`
  );
}
