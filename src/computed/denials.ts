import { defineComputed } from '../model/computed.ts';
import type { HookDefect } from '../model/calico-hooks.ts';
import type { Denial, DenialClass } from '../model/denial.ts';
import { observed, type Fact } from '../model/evidence.ts';
import type { ExpectedDecision } from '../model/expected-decision.ts';
import type { Flow } from '../model/flow.ts';
import type { PacketWalk } from '../model/flow-walk.ts';
import { endsIn, isDenied, isReversePath, sameRule } from '../model/denied-walk.ts';
import { countedEvidence, counterProof } from './lib/counter-proof.ts';
import { countedWalk, settledWalk } from './lib/counted-walks.ts';
import { judgedDenials, type Candidate } from './lib/judged-denials.ts';
import { openLegs } from './lib/open-legs.ts';
import { profileOf, type ProfileKnowledge } from './lib/profile-knowledge.ts';
import type { Owner } from '../model/ruleset/owner.ts';
import { walkEvidence } from '../model/walk-evidence.ts';
import { tunnelRefusedBy } from '../tunnels/registry.ts';

export const denials = defineComputed({
  id: 'denials',
  description:
    'Each dropped or rejected packet of the walks, by what ends it: policy, tier, profile, guard or foreign ' +
    'rule; with its proof and what the datastore says of it.',
  essential: false,
  needs: ['flow', 'walks'],
  considers: [
    'profiles',
    'source-profiles',
    'expected-decisions',
    'drop-counters',
    'flow-outcome',
    'calico-hooks',
    'further-drops',
    'righted-walks',
  ],
  async compute(facts) {
    const [profiles, sourceProfiles, expected, counters, outcome, hooks, further, righted] = await Promise.all([
      facts.ask('profiles'),
      facts.ask('source-profiles'),
      facts.ask('expected-decisions'),
      facts.ask('drop-counters'),
      facts.ask('flow-outcome'),
      facts.ask('calico-hooks'),
      facts.ask('further-drops'),
      facts.ask('righted-walks'),
    ]);
    const flow = facts.get('flow');
    const read = facts.get('walks');
    const walks = read.map((walk) => settledWalk(countedWalk(walk, counters)));
    const isOpen = ({ leg, node }: PacketWalk) =>
      read.some((one) => one.leg === leg && one.node === node && one.result.ends.length > 1);
    const rightWay = righted.status === 'observed' ? righted.value : [];
    const behindOthers = further.status === 'observed' ? further.value : [];
    // A rule that ends the packet on its wrong way may stand behind another one on the right way.
    const onRightWay = [...rightWay, ...behindOthers.filter((walk) => walk.onRightWay)].filter(isDenied);
    const isRighted = ({ leg, node }: PacketWalk) => rightWay.some((one) => one.leg === leg && one.node === node);
    const defects = hooks.status === 'observed' ? hooks.value : [];
    const candidatesOf = (walk: PacketWalk): readonly Candidate[] => {
      const { owner, rule } = walk.result;
      if (!owner || !rule) return [];
      const end = endOf(walk);
      const [own, other] = end === 'source' ? [sourceProfiles, profiles] : [profiles, sourceProfiles];
      const known = profileOf(walk, flow[end], own, other);
      const kind = classOf(walk, known, defects);
      const bursts = counters.status === 'observed' ? counters.value.bursts : [];
      const counted = counterProof(walk, counters, branchIsUnconditional.has(kind));
      // Up to PREROUTING the way is certain. After the route is chosen, and where the packet may have entered by
      // another interface, only a counter shows that the packet came by. What a rule of PREROUTING leaves too little
      // time to live ends only if it is forwarded.
      const isEarly = walk.hook === 'PREROUTING' && !walk.result.expired;
      const isUnsure = walk.entryDoubt !== undefined || (walk.wayDoubt !== null && !isEarly);
      if (isUnsure && counted.proof !== 'counter') return [];
      return [
        {
          denial: {
            class: kind,
            leg: walk.leg,
            node: walk.node,
            packet: addressesOf(walk),
            end,
            owner,
            rule,
            untrackedBy: walk.notTracked?.rule ?? null,
            ...(kind === 'left-over' && walk.leftOver ? { leftOver: walk.leftOver } : {}),
            profile: known?.profile ?? null,
            doubt: known?.doubt ?? null,
            ...(walk.result.expired ? { expiredOn: walk.expiresOn ?? walk.node } : {}),
            ...(walk.result.unheard ? { unheard: true as const } : {}),
            ...(endsIn(onRightWay, walk)
              ? { onRightWayToo: true as const }
              : isRighted(walk)
                ? { offRightWay: true as const }
                : {}),
            ...counted,
            // The objects were compared for the pod's own endpoint.
            expected: kind === 'host-endpoint' ? null : expectedOf(walk, expected),
            evidence: countedEvidence(walkEvidence(walk, facts.evidence('walks')), counted.burst),
          },
          // Where others may take the packets before, a rule that counted none is not disproved.
          bursts: isOpen(walk) ? [] : bursts.filter(({ leg, node }) => leg === walk.leg && node === walk.node),
          needsCounter: readsBpfMark(walk),
        },
      ];
    };
    const works = outcome.status === 'observed' && outcome.value.judgedPort === 'works';
    const behind = works ? [] : [...read.map(settledWalk).filter(isDenied), ...behindOthers];
    const { denied, open } = judgedDenials(
      walks.filter(isDenied).flatMap(candidatesOf),
      behind.flatMap(candidatesOf).map(({ denial }) => denial),
    );
    return observed(
      {
        denied: works ? denied.filter(isNotDisproved) : denied,
        open: works ? [] : [...open, ...openLegs(flow, walks)],
        notCompared: expected.status === 'unavailable' ? expected.reason : null,
      },
      facts.evidence('walks'),
    );
  },
});

/**
 * A flow that works disproves a walk which says that a rule of others, or a check of the way back, drops it: something
 * on its way was read wrong. Calico's other rules are compared with the datastore, which shows what else they keep from
 * the pod.
 */
const isNotDisproved = (denial: Denial) =>
  (denial.class !== 'foreign' && !isReversePath(denial)) || denial.proof === 'counter';

/** Drops that do not depend on the packet's source: a packet from the pod's own node proves them, too. */
const branchIsUnconditional: ReadonlySet<DenialClass> = new Set<DenialClass>(['profile-stand-in', 'unknown-interface']);

/** Returns the addresses of the packet where it ends: NAT may have changed them on the way. */
function addressesOf({ packet, result }: PacketWalk): Denial['packet'] {
  const { source, destination } = result.packet ?? packet;
  return { source, destination };
}

/** Returns the end whose endpoint judges the packet: the source, as the packet leaves it or the reply enters it. */
function endOf({ leg, result }: PacketWalk): keyof Pick<Flow, 'source' | 'destination'> {
  const direction = directionOf(result);
  return leg === 'source-egress' ||
    leg === 'reply-source-ingress' ||
    (leg === 'same-node' && direction === 'egress') ||
    (leg === 'reply-same-node' && direction === 'ingress')
    ? 'source'
    : 'destination';
}

/** Chains that lead to pods' own ones are of a direction, too. Source: felix/rules/dispatch.go. */
function directionOf({ owner, rule }: PacketWalk['result']): Owner['direction'] {
  const [, way] = /^(?:filter-)?cali-(from|to)-wl-dispatch/.exec(rule?.chain ?? '') ?? [];
  return owner?.direction ?? (way === 'from' ? 'egress' : way === 'to' ? 'ingress' : null);
}

/**
 * Does the drop depend on a mark of the eBPF programs? Felix's own rules in the kernel's chains drop packets only in
 * eBPF mode, by a mark that no rule set shows.
 */
function readsBpfMark({ result: { owner, rule } }: PacketWalk): boolean {
  return owner?.kind === 'calico-static' && rule !== null && !/^(?:filter-|raw-|mangle-|nat-)?cali-/.test(rule.chain);
}

/** Does the packet end here only because a jump into Calico's chains is missing? */
function endsForHook({ node, result: { owner, rule } }: PacketWalk, defects: readonly HookDefect[]): boolean {
  if (owner?.kind !== 'foreign' || !rule) return false;
  const chain = rule.backend === 'nftables' ? rule.chain.replace(/^filter-/, '') : rule.chain;
  return defects.some(
    (defect) =>
      defect.node === node &&
      defect.table === 'filter' &&
      (defect.flaw === 'late-accept'
        ? sameRule(defect.rule, rule)
        : rule.index === 0 && defect.chain === chain && defect.flaw !== 'behind'),
  );
}

/** The branch leads through a host endpoint's chains. Source: felix/rules/rule_defs.go. */
function isOfHostEndpoint({ branch, result: { rule } }: PacketWalk): boolean {
  return [...branch, ...(rule ? [rule] : [])].some(({ chain }) =>
    /^(?:filter-|raw-|mangle-|nat-)?cali-(?:th|fh|thfw|fhfw)-/.test(chain),
  );
}

function classOf(walk: PacketWalk, known: ProfileKnowledge | null, defects: readonly HookDefect[]): DenialClass {
  const { owner, rule } = walk.result;
  if (walk.notTracked?.decisionIfTracked === 'accept') return 'not-tracked';
  if (walk.leftOver) return 'left-over';
  if (endsForHook(walk, defects)) return 'hook-missing';
  if (isOfHostEndpoint(walk)) return 'host-endpoint';
  // Connection tracking admits replies. If a policy chain drops one, the chain is not as Felix writes it.
  const isReply = walk.leg.startsWith('reply-');
  // The comment with which Felix marks the drop for interfaces that no endpoint names (felix/rules/dispatch.go).
  if (rule?.comments.some((comment) => comment === 'Unknown interface')) return 'unknown-interface';
  if (owner?.kind === 'policy' || owner?.kind === 'policy-group') return isReply ? 'guard' : 'policy-rule';
  if (owner?.kind === 'tier-default') return isReply ? 'guard' : 'tier-end';
  if (owner?.kind === 'profile') return known?.isStandIn ? 'profile-stand-in' : 'profile';
  if (known) return 'no-profile-matched';
  if (owner?.kind === 'foreign') return 'foreign';
  return tunnelRefusedBy(rule?.comments ?? []) ? 'tunnel-guard' : 'guard';
}

function expectedOf(
  { leg, node, result }: PacketWalk,
  expected: Fact<readonly ExpectedDecision[]>,
): ExpectedDecision | null {
  if (expected.status === 'unavailable') return null;
  return (
    expected.value.find(
      (one) => one.leg === leg && one.node === node && one.direction === (result.owner?.direction ?? one.direction),
    ) ?? null
  );
}
