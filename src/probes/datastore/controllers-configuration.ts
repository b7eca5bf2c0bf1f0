import { isOfVersion1, isUnknownOption } from '../../calico/calicoctl-answers.ts';
import { calicoctlGetKubecontrollersconfiguration, calicoctlVersion } from '../../commands/calicoctl.ts';
import { observed, unavailable } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { LookError } from '../../model/look-error.ts';
import { own } from '../../model/own.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { parseCalicoctlGet } from '../parse/calicoctl.ts';

interface Settings {
  readonly controllers?: Readonly<Record<string, unknown>>;
}
interface KubeControllersConfiguration {
  readonly spec?: Settings;
  /** `runningConfig`: what the controller really runs with, as it wrote at its start. */
  readonly status?: { readonly runningConfig?: Settings };
}

/**
 * The names that ENABLED_CONTROLLERS has for them. Source: api/pkg/apis/projectcalico/v3/kubecontrollersconfig.go: a
 * controller whose key is not there is disabled.
 */
const namesOf: Readonly<Record<string, string>> = {
  node: 'node',
  policy: 'policy',
  workloadEndpoint: 'workloadendpoint',
  serviceAccount: 'serviceaccount',
  namespace: 'namespace',
  loadBalancer: 'loadbalancer',
};
/** Without the object, and in versions that do not know it. */
const usual = ['policy', 'namespace', 'serviceaccount', 'workloadendpoint', 'node'];

export const controllersConfiguration = defineClusterProbe({
  id: 'controllers-configuration',
  description:
    'Controllers that KubeControllersConfiguration enables. Read only where the environment of the controller does ' +
    'not choose them and a pod of the flow lacks a profile.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [calicoctlGetKubecontrollersconfiguration, calicoctlVersion],
  needs: ['controller'],
  uses: ['profiles', 'source-profiles', 'datastore-kind'],
  runsOn: ['target'],
  provides: ['controllers-configuration'],
  async read(look, facts) {
    if (facts.get('controller').enabledControllers !== null)
      throw new LookError('not-applicable', 'the environment of the controller says which controllers it runs');
    const [home, ...lookups] = await Promise.all([
      facts.ask('datastore-kind'),
      facts.ask('profiles'),
      facts.ask('source-profiles'),
    ]);
    const lacksProfile = lookups.some(
      (fact) => fact.status === 'observed' && fact.value.some(({ profile }) => profile === null),
    );
    if (!lacksProfile || (home.status === 'observed' && home.value.kind === 'kubernetes'))
      throw new LookError('not-applicable', 'no pod of the flow lacks a profile that a controller makes');
    const transcript = await look.on('target').run(calicoctlGetKubecontrollersconfiguration);
    const evidence = [evidenceOf(transcript)];
    // Calico 2.x does not have the kind. The first clients of version 3 do not know the option, and may have it.
    if (isUnknownOption(transcript)) {
      const version = await look.on('target').run(calicoctlVersion);
      if (isOfVersion1(version.stdout))
        return { 'controllers-configuration': observed(usual, [...evidence, evidenceOf(version)]) };
    }
    if (/resource type '[\w-]{1,60}' is not supported/.test(transcript.stderr))
      return { 'controllers-configuration': observed(usual, evidence) };
    const answer = parseCalicoctlGet<KubeControllersConfiguration>(transcript);
    if (!answer.ok) return { 'controllers-configuration': unavailable(answer.code, answer.error, evidence) };
    const { spec, status } = answer.object ?? {};
    const enabled = (status?.runningConfig ?? spec)?.controllers;
    return {
      'controllers-configuration': observed(
        enabled ? Object.keys(enabled).flatMap((key) => own(namesOf, key) ?? []) : usual,
        evidence,
      ),
    };
  },
});
