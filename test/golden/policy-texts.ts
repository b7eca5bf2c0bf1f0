/** What `policy` prints: of captured policies, of staged ones, and where nobody can read them. */
import { createBlindShells } from '../../src/adapters/node-helper/blind-shells.ts';
import { policyText } from '../../src/cli/policy/policy-text.ts';
import { readReport } from '../../src/runs/read-policies.ts';
import type { Target } from '../../src/model/target.ts';
import { readCapture } from '../cases/capture.ts';
import { captureDeps } from '../cases/judge-capture.ts';
import { clusterOf } from '../probes/cluster-of.ts';
import { calicoObject, kubernetesPolicy, smallCluster } from '../support/kubernetes-calico.ts';

const ofMypod: Target = {
  cluster: 'default',
  namespace: 'default',
  pod: 'mypod',
  from: { kind: 'pod', namespace: 'default', name: 'client' },
  port: { protocol: 'tcp', number: 8080 },
};
const web = { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'] };
const staged = smallCluster([
  kubernetesPolicy('from-shop', {
    ...web,
    ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'shop' } } }] }],
  }),
  calicoObject('NetworkPolicy', 'default.later', {
    selector: "app == 'web'",
    order: 2000,
    types: ['Ingress'],
    ingress: [
      { action: 'Allow', protocol: 'TCP', source: { services: { name: 'api' } }, destination: { ports: [8080] } },
    ],
  }),
  calicoObject('StagedKubernetesNetworkPolicy', 'nobody', { ...web, stagedAction: 'Set' }),
  calicoObject('StagedGlobalNetworkPolicy', 'default.old', { selector: 'all()', stagedAction: 'Delete' }, null),
]);

/** Resolves to one text for each way in which the command can answer. */
export async function policyTexts(): Promise<readonly string[]> {
  const { signal } = new AbortController();
  const deps = captureDeps(readCapture('policies-nft'));
  const blind = { ...deps, shells: createBlindShells('SSH_KEY_FILE is not set') };
  const reports = [
    await readReport(deps, ofMypod, signal),
    await readReport(captureDeps(readCapture('k8s-deny-ingress-legacy')), ofMypod, signal),
    await readReport(blind, ofMypod, signal),
    await readReport({ ...blind, cluster: clusterOf(staged) }, { ...ofMypod, pod: 'web' }, signal),
  ];
  return reports.map(policyText);
}
