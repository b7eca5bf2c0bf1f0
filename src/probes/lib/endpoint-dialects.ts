/** How calicoctl is asked for an endpoint and a profile, and what it answers: today's versions, and those of 2.x. */
import { oldNamespaceProfile, usualProfiles } from '../../calico/usual-profiles.ts';
import { endpointOfV1, profileOfV1, type V1Object } from '../../calico/v1-objects.ts';
import { workloadEndpointName } from '../../calico/endpoint-names.ts';
import { calicoctlGetProfile, calicoctlGetWorkloadendpoint } from '../../commands/calicoctl.ts';
import { calicoctlV1GetProfile, calicoctlV1GetWorkloadendpoint } from '../../commands/calicoctl-v1.ts';
import type { Profile, WorkloadEndpoint } from '../../model/calico.ts';
import type { Transcript } from '../../model/command.ts';
import { parseCalicoctlGet, parseV1Get, type CalicoctlAnswer } from '../parse/calicoctl.ts';

export interface NamedPod {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
}
export const oneEndpointCommands = [calicoctlGetWorkloadendpoint, calicoctlV1GetWorkloadendpoint] as const;
export const endpointCommands = [...oneEndpointCommands, calicoctlGetProfile, calicoctlV1GetProfile] as const;
type Values = Readonly<Record<string, string>>;

export interface EndpointDialect {
  readonly endpointCommand: (typeof oneEndpointCommands)[number];
  readonly endpointValues: (pod: NamedPod) => Values;
  readonly parseEndpoint: (transcript: Transcript) => CalicoctlAnswer<WorkloadEndpoint>;
  /** Lines of the endpoint that are evidence. */
  readonly telling: RegExp;
  readonly profileCommand: (typeof endpointCommands)[number];
  readonly parseProfile: (transcript: Transcript) => CalicoctlAnswer<Profile>;
  /** Profiles that endpoints of such a pod name as a rule. */
  readonly usualProfiles: (pod: NamedPod & { readonly serviceAccount: string }) => readonly string[];
}

export const todays: EndpointDialect = {
  endpointCommand: calicoctlGetWorkloadendpoint,
  endpointValues: ({ namespace, name, node }) => ({ namespace, name: workloadEndpointName(node, name) }),
  parseEndpoint: parseCalicoctlGet<WorkloadEndpoint>,
  telling: /^kind:|^ {2}(?:name|node|interfaceName|ipNetworks|profiles):|^ {2}- /,
  profileCommand: calicoctlGetProfile,
  parseProfile: parseCalicoctlGet<Profile>,
  usualProfiles,
};

export const ofVersion1: EndpointDialect = {
  endpointCommand: calicoctlV1GetWorkloadendpoint,
  endpointValues: ({ namespace, name, node }) => ({ namespace, pod: name, node }),
  parseEndpoint: (transcript) => firstOf(transcript, 'workloadEndpoint', endpointOfV1),
  telling: /^ {2}kind:|^ {4}(?:node|workload|interfaceName|ipNetworks|profiles):|^ {4}- /,
  profileCommand: calicoctlV1GetProfile,
  parseProfile: (transcript) => firstOf(transcript, 'profile', profileOfV1),
  usualProfiles: ({ namespace }) => [oldNamespaceProfile(namespace)],
};

/** It names an object by all that identifies it: there is one, or none. */
function firstOf<T>(transcript: Transcript, kind: string, toObject: (object: V1Object) => T): CalicoctlAnswer<T> {
  const answer = parseV1Get(transcript, kind, toObject);
  return answer.ok ? { ok: true, object: answer.objects[0] ?? null } : answer;
}
