/** A pod's endpoint and its profiles, by name, through one client: the profiles' absence counts beside the endpoint. */
import { observed, unavailable, type Evidence, type Fact } from '../../model/evidence.ts';
import type { ProfileLookup, WorkloadEndpoint } from '../../model/calico.ts';
import { isUnknownOption } from '../../calico/calicoctl-answers.ts';
import type { Transcript } from '../../model/command.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import type { CalicoctlAnswer } from '../parse/calicoctl.ts';
import {
  ofVersion1,
  todays,
  type endpointCommands,
  type EndpointDialect,
  type NamedPod,
  type oneEndpointCommands,
} from './endpoint-dialects.ts';

export interface LookedUpEndpoint {
  readonly endpoint: Fact<WorkloadEndpoint | null>;
  readonly profiles: Fact<readonly ProfileLookup[]>;
}
type Run<Command> = (command: Command, params: Readonly<Record<string, string>>) => Promise<Transcript>;
type RunAll = Run<(typeof endpointCommands)[number]>;
type Pod = NamedPod & { readonly serviceAccount: string };

/** Resolves to the endpoint and its profiles, of today's client or, where that is of Calico 2.x, in its own way. */
export async function lookUpEndpoint(run: RunAll, pod: Pod): Promise<LookedUpEndpoint> {
  const today = await lookUpWith(todays, run, pod);
  if (!isUnknownOption(today.said)) return today;
  const old = await lookUpWith(ofVersion1, run, pod);
  return isUnknownOption(old.said) ? today : old;
}

/** Resolves to the endpoint alone. */
export async function findEndpoint(
  run: Run<(typeof oneEndpointCommands)[number]>,
  pod: NamedPod,
): Promise<{ readonly said: Transcript; readonly answer: CalicoctlAnswer<WorkloadEndpoint> }> {
  const ask = async ({ endpointCommand, endpointValues, parseEndpoint }: EndpointDialect) => {
    const said = await run(endpointCommand, endpointValues(pod));
    return { said, answer: parseEndpoint(said) };
  };
  const today = await ask(todays);
  if (!isUnknownOption(today.said)) return today;
  const old = await ask(ofVersion1);
  return isUnknownOption(old.said) ? today : old;
}

/**
 * The usual profiles are asked for together with the endpoint, others after it: one round trip where all is as usual.
 */
async function lookUpWith(
  dialect: EndpointDialect,
  run: RunAll,
  pod: Pod,
): Promise<LookedUpEndpoint & { readonly said: Transcript }> {
  const lookups = new Map<string, Promise<Transcript>>();
  const profile = (name: string) => {
    const known = lookups.get(name) ?? run(dialect.profileCommand, { name });
    lookups.set(name, known);
    return known;
  };
  const [said] = await Promise.all([
    run(dialect.endpointCommand, dialect.endpointValues(pod)),
    ...dialect.usualProfiles(pod).map(profile),
  ]);
  const endpoint = dialect.parseEndpoint(said);
  const evidence = [said.exit === 0 ? evidenceOf(said, dialect.telling) : evidenceOf(said)];
  if (!endpoint.ok) {
    const missing = unavailable(endpoint.code, endpoint.error, evidence);
    return { said, endpoint: missing, profiles: missing };
  }
  const names = endpoint.object?.spec.profiles ?? [];
  const profiles: ProfileLookup[] = [];
  const seen: Evidence[] = [];
  for (const name of names) {
    const transcript = await profile(name);
    const answer = dialect.parseProfile(transcript);
    seen.push(evidenceOf(transcript));
    if (!answer.ok)
      return {
        said,
        endpoint: observed(endpoint.object, evidence),
        profiles: unavailable(answer.code, answer.error, seen),
      };
    profiles.push({ name, profile: answer.object });
  }
  return { said, endpoint: observed(endpoint.object, evidence), profiles: observed(profiles, [...seen, ...evidence]) };
}
