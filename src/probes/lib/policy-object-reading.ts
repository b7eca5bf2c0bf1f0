/**
 * Policies, tiers and network sets of Calico's datastore, as one client prints them: what an expected decision rests
 * on.
 */
import type { Transcript } from '../../model/command.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { PolicyObjects } from '../../model/calico.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import {
  parseNamespacesOfSets,
  parseNetworkSetList,
  parsePolicyList,
  parseTierList,
  parseV1Policies,
} from '../parse/calico-policies.ts';
import {
  calicoctlGetGlobalnetworkpolicies,
  calicoctlGetGlobalnetworksets,
  calicoctlGetNetworkpolicies,
  calicoctlGetNetworksetNames,
  calicoctlGetNetworksets,
  calicoctlGetTiers,
} from '../../commands/calicoctl.ts';
import { calicoctlV1GetPolicies } from '../../commands/calicoctl-v1.ts';
import { isUnknownOption } from '../../calico/calicoctl-answers.ts';
import { tellingLine } from './policy-lines.ts';

export const policyObjectCommands = [
  calicoctlGetNetworkpolicies,
  calicoctlGetGlobalnetworkpolicies,
  calicoctlGetTiers,
  calicoctlGetNetworksets,
  calicoctlGetGlobalnetworksets,
  calicoctlGetNetworksetNames,
  calicoctlV1GetPolicies,
] as const;

/** With what it was read by. */
export interface ReadPolicyObjects extends PolicyObjects {
  readonly evidence: readonly Evidence[];
}
export type RunPolicyCommand = (
  command: (typeof policyObjectCommands)[number],
  params?: Readonly<Record<string, string>>,
) => Promise<Transcript>;

/**
 * @param namespace of the endpoint that is judged
 * @param namespaces of both ends
 * @throws LookError where one of them could not be read: half of the policies are worse than none
 */
export async function readPolicyObjects(
  run: RunPolicyCommand,
  namespace: string,
  namespaces: readonly string[],
): Promise<ReadPolicyObjects> {
  const [policies, globalPolicies, tiers, globalSets, names, ...sets] = await Promise.all([
    run(calicoctlGetNetworkpolicies, { namespace }),
    run(calicoctlGetGlobalnetworkpolicies),
    run(calicoctlGetTiers),
    run(calicoctlGetGlobalnetworksets),
    run(calicoctlGetNetworksetNames),
    ...namespaces.map((one) => run(calicoctlGetNetworksets, { namespace: one })),
  ]);
  const old = isUnknownOption(policies) ? await run(calicoctlV1GetPolicies) : null;
  if (old && !isUnknownOption(old))
    return {
      policies: parseV1Policies(old),
      tiers: [],
      networkSets: [],
      unreadNamespaces: [],
      evidence: [evidenceOf(old, tellingLine)],
    };
  return {
    policies: [...parsePolicyList(policies), ...parsePolicyList(globalPolicies)],
    tiers: parseTierList(tiers),
    networkSets: [globalSets, ...sets].flatMap(parseNetworkSetList),
    unreadNamespaces: [...parseNamespacesOfSets(names)].filter((one) => !namespaces.includes(one)),
    evidence: [policies, globalPolicies, tiers].map((transcript) => evidenceOf(transcript, tellingLine)),
  };
}
