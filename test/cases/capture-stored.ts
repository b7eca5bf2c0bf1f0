/** The objects of a capture whose datastore was the Kubernetes API, as its API server holds them. */
import { parse } from 'yaml';
import type { KubernetesObject, ObjectMeta } from '../../src/model/kubernetes.ts';
import type { Capture } from './capture.ts';

export const storedApi = 'crd.projectcalico.org/v1';

/** By kind; a kind that is not here is not served. */
export function storedObjects(capture: Capture): Readonly<Record<string, readonly KubernetesObject[]>> {
  const items = (file: string): readonly KubernetesObject[] =>
    (parse((capture.text(`calicoctl/${file}`) ?? '').replace(/\nexit \d+\s*$/, '\n')) as { items?: KubernetesObject[] })
      .items ?? [];
  return {
    ClusterInformation: items('get-clusterinfo-yaml.txt'),
    FelixConfiguration: items('get-felixconfig-yaml.txt'),
    IPPool: items('get-ippool-yaml.txt'),
    NetworkPolicy: items('get-networkpolicy-yaml.txt'),
    GlobalNetworkPolicy: items('get-gnp-yaml.txt'),
    // The captured clusters had none (the README names every object that was applied).
    Tier: [],
    NetworkSet: [],
    GlobalNetworkSet: [],
  };
}

/** A namespace or an account with the labels that its profile passes on. */
export function labelledAs(capture: Capture, profile: string, metadata: ObjectMeta): KubernetesObject | null {
  const found = capture.profiles.find((one) => one.metadata.name === profile);
  if (!found) return null;
  const passedOn = Object.entries(found.spec?.labelsToApply ?? {})
    .map(([label, value]) => [label.slice(label.indexOf('.') + 1), value] as const)
    .filter(([label]) => label !== 'projectcalico.org/name');
  return { metadata: { ...metadata, labels: Object.fromEntries(passedOn) } };
}
