import type { ProfileLookup } from '../../model/calico.ts';
import type { Flow } from '../../model/facts.ts';
import type { PacketWalk } from '../../model/flow-walk.ts';
import { defineRule, fail, inconclusive, pass, type RawFinding } from '../../model/rule.ts';
import { profile } from '../../model/resource.ts';
import { egressLegs, ingressLegs, walkDoubt } from '../lib/walk-doubt.ts';
import { dropProof, isDenied, ruleWords, walkEvidence } from '../lib/walks.ts';
import { workloadEndpointName } from '../../ruleset/endpoint-names.ts';

export const podProfileMissing = defineRule({
  id: 'pod-profile-missing',
  description: "An endpoint of the flow names a profile that the datastore lacks, and Felix's stand-in for it drops the packet.",
  step: 'endpoint',
  requires: ['flow', 'walks'],
  considers: ['profiles', 'source-profiles', 'drop-counters', 'flow-outcome', 'namespace'],
  lacks: ['profile'],
  fix: 'create-pod-profile',
  advice: {
    who: 'whoever administers Calico',
    commands: ['calicoctl get profile {profile} -o yaml', 'kubectl get namespace {namespace} --show-labels   # what the controller computes the profile from'],
  },
  messages: {
    missing: {
      title: 'Profile {profile} of pod {pod} does not exist',
      detail: 'The endpoint names it and the datastore, asked by name through the client that returned the endpoint, has none. Felix on {node} therefore drops all of its traffic that no policy takes over ({rule}). {counters}',
    },
  },
  judge({ flow, walks }, { profiles, 'source-profiles': sourceProfiles, 'drop-counters': counters, 'flow-outcome': outcome }, evidence) {
    const ends: readonly { walk: PacketWalk | undefined; key: 'profiles' | 'source-profiles'; end: Flow['source'] }[] = [
      { walk: profileDrop(walks, ['target-ingress', 'same-node'], 'ingress'), key: 'profiles', end: flow.destination },
      { walk: profileDrop(walks, ['source-egress', 'same-node'], 'egress'), key: 'source-profiles', end: flow.source },
    ];
    const denied = ends.filter(({ walk }) => walk);
    if (denied.length === 0) {
      const doubt = walkDoubt({ flow, walks }, outcome, [...ingressLegs, ...egressLegs]);
      return doubt ? inconclusive(doubt) : pass('no profile chain ends the packet');
    }
    const findings: RawFinding<'missing'>[] = [];
    const doubts: string[] = [];
    for (const { walk, key, end } of denied) {
      const lookups = key === 'profiles' ? profiles : sourceProfiles;
      if (!walk) continue;
      if (lookups.status === 'unavailable') {
        doubts.push(`a profile chain drops the packet, and the datastore could not be asked for the profile: ${lookups.reason}`);
        continue;
      }
      const lookup = endingProfile(walk, lookups.value);
      if (!lookup) doubts.push(`the chain of ${walk.result.owner?.name} drops the packet, and the endpoint of ${end.namespace}/${end.name} does not name that profile`);
      if (!lookup || lookup.profile !== null || !end.namespace || !end.node) continue;
      const missing = lookup.name;
      const pod = `${end.namespace}/${end.name}`;
      // Source and pod of one namespace share the profile: one finding, for the pod.
      if (findings.some((finding) => finding.subject.name === missing)) continue;
      const { proof, words } = dropProof(walk, counters, true);
      findings.push({
        message: 'missing',
        data: { profile: missing, pod, namespace: end.namespace, node: end.node, rule: walk.result.rule ? ruleWords(walk.result.rule) : '', counters: words },
        subject: { kind: 'Profile', name: missing },
        node: end.node,
        // The datastore's own word is what decides; the counter, where it can be read, shows the drop itself.
        proof: proof === 'counter' ? 'counter' : 'read',
        evidence: [...evidence(key).filter(({ command }) => command.includes(` ${missing} `) || command.includes('workloadendpoint')), ...walkEvidence(walk, evidence('walks'))],
        stopsFlow: true,
        lacks: [profile(missing)],
        fixInput: { profile: missing, namespace: end.namespace, pod: end.name, workloadEndpoint: workloadEndpointName(end.node, end.name), node: end.node, nodeAddress: end.nodeAddress ?? '' },
      });
    }
    if (findings.length > 0) return fail(...findings);
    return doubts.length > 0 ? inconclusive(doubts.join('; ')) : pass('the datastore has the profile whose chain ends the packet');
  },
});

function profileDrop(walks: readonly PacketWalk[], legs: readonly PacketWalk['leg'][], direction: 'ingress' | 'egress'): PacketWalk | undefined {
  return walks.find((walk) => legs.includes(walk.leg) && isDenied(walk) && walk.result.owner?.kind === 'profile' && (walk.result.owner.direction ?? direction) === direction);
}

/** What the datastore said of the profile whose chain ended the packet; null: the endpoint does not name it. */
function endingProfile(walk: PacketWalk, lookups: readonly ProfileLookup[]): ProfileLookup | null {
  const name = walk.standInForProfile ?? walk.result.owner?.name;
  return lookups.find((candidate) => candidate.name === name) ?? null;
}
