/** A pod's endpoint and its profiles, by name, through one client: the profiles' absence counts beside the endpoint. */
import { observed, unavailable, type Evidence, type Fact } from '../../model/evidence.ts';
import type { Profile, ProfileLookup, WorkloadEndpoint } from '../../model/calico.ts';
import { calicoctlGetProfile, calicoctlGetWorkloadendpoint } from '../../commands/calicoctl.ts';
import type { Transcript } from '../../model/command.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { parseCalicoctlGet } from '../parse/calicoctl.ts';
import { usualProfiles } from '../../calico/usual-profiles.ts';
import { workloadEndpointName } from '../../calico/endpoint-names.ts';

export interface LookedUpEndpoint {
  readonly endpoint: Fact<WorkloadEndpoint | null>;
  readonly profiles: Fact<readonly ProfileLookup[]>;
}
export const endpointCommands = [calicoctlGetWorkloadendpoint, calicoctlGetProfile] as const;
type Run = (
  command: (typeof endpointCommands)[number],
  params: Readonly<Record<string, string>>,
) => Promise<Transcript>;

/**
 * The usual profiles are asked for together with the endpoint, others after it: one round trip where all is as usual.
 */
export async function lookUpEndpoint(
  run: Run,
  pod: { readonly namespace: string; readonly name: string; readonly node: string; readonly serviceAccount: string },
): Promise<LookedUpEndpoint> {
  const lookups = new Map<string, Promise<Transcript>>();
  const profile = (name: string) => {
    const known = lookups.get(name) ?? run(calicoctlGetProfile, { name });
    lookups.set(name, known);
    return known;
  };
  const [found] = await Promise.all([
    run(calicoctlGetWorkloadendpoint, { name: workloadEndpointName(pod.node, pod.name), namespace: pod.namespace }),
    ...usualProfiles(pod).map(profile),
  ]);
  const endpoint = parseCalicoctlGet<WorkloadEndpoint>(found);
  const evidence = [
    found.exit === 0
      ? evidenceOf(found, /^kind:|^ {2}(?:name|node|interfaceName|ipNetworks|profiles):|^ {2}- /)
      : evidenceOf(found),
  ];
  if (!endpoint.ok) {
    const missing = unavailable(endpoint.code, endpoint.error, evidence);
    return { endpoint: missing, profiles: missing };
  }
  const names = endpoint.object?.spec.profiles ?? [];
  const profiles: ProfileLookup[] = [];
  const seen: Evidence[] = [];
  for (const name of names) {
    const transcript = await profile(name);
    const answer = parseCalicoctlGet<Profile>(transcript);
    seen.push(evidenceOf(transcript));
    if (!answer.ok)
      return { endpoint: observed(endpoint.object, evidence), profiles: unavailable(answer.code, answer.error, seen) };
    profiles.push({ name, profile: answer.object });
  }
  return { endpoint: observed(endpoint.object, evidence), profiles: observed(profiles, [...seen, ...evidence]) };
}
