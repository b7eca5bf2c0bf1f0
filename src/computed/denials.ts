import { defineComputed } from '../model/computed.ts';
import type { Denial, DenialClass } from '../model/denial.ts';
import { observed, type Fact } from '../model/evidence.ts';
import type { ExpectedDecision } from '../model/expected-decision.ts';
import type { Flow } from '../model/facts.ts';
import type { PacketWalk } from '../model/flow-walk.ts';
import { isDenied } from '../model/denied-walk.ts';
import { counterProof } from './lib/counter-proof.ts';
import { openLegs } from './lib/open-legs.ts';
import { profileOf, type ProfileKnowledge } from './lib/profile-knowledge.ts';
import { walkEvidence } from '../model/walk-evidence.ts';

export const denials = defineComputed({
  id: 'denials',
  description:
    'Each dropped or rejected packet of the walks, by what ends it: policy, tier, profile, guard or foreign rule; with its proof and what the datastore says of it.',
  essential: false,
  needs: ['flow', 'walks'],
  considers: ['profiles', 'source-profiles', 'expected-decisions', 'drop-counters', 'flow-outcome'],
  async compute(facts) {
    const [flow, walks] = [facts.get('flow'), facts.get('walks')];
    const [profiles, sourceProfiles, expected, counters, outcome] = await Promise.all([
      facts.ask('profiles'),
      facts.ask('source-profiles'),
      facts.ask('expected-decisions'),
      facts.ask('drop-counters'),
      facts.ask('flow-outcome'),
    ]);
    const denied = walks.filter(isDenied).flatMap((walk): readonly Denial[] => {
      const { owner, rule } = walk.result;
      if (!owner || !rule) return [];
      const end = endOf(walk);
      const known = profileOf(walk, flow[end], end === 'source' ? sourceProfiles : profiles);
      const kind = classOf(walk, known);
      const proven = counterProof(walk, counters, branchIsUnconditional.has(kind));
      // Before a route is chosen the way is certain; after it, only a counter shows that the packet came by.
      if (walk.wayDoubt !== null && walk.hook !== 'PREROUTING' && proven.proof !== 'counter') return [];
      return [
        {
          class: kind,
          leg: walk.leg,
          node: walk.node,
          end,
          owner,
          rule,
          profile: known?.profile ?? null,
          doubt: known?.doubt ?? null,
          ...proven,
          expected: expectedOf(walk, expected),
          evidence: walkEvidence(walk, facts.evidence('walks')),
        },
      ];
    });
    const works = outcome.status === 'observed' && outcome.value.judgedPort === 'works';
    return observed(
      {
        denied,
        open: works ? [] : openLegs(flow, walks),
        notCompared: expected.status === 'unavailable' ? expected.reason : null,
      },
      facts.evidence('walks'),
    );
  },
});

/** Drops whose branch reads nothing of the packet's source: a packet from the pod's own node proves them as well. */
const branchIsUnconditional: ReadonlySet<DenialClass> = new Set<DenialClass>(['profile-stand-in', 'unknown-interface']);

/** The source's endpoint judges where the packet leaves it, or its answer comes back. */
function endOf({ leg, result }: PacketWalk): keyof Pick<Flow, 'source' | 'destination'> {
  return leg === 'source-egress' ||
    leg === 'reply-source-ingress' ||
    (leg === 'same-node' && result.owner?.direction === 'egress')
    ? 'source'
    : 'destination';
}

function classOf({ result: { owner, rule } }: PacketWalk, known: ProfileKnowledge | null): DenialClass {
  // The comment with which Felix marks the drop for interfaces that no endpoint names (felix/rules/dispatch.go).
  if (rule?.comments.some((comment) => comment === 'Unknown interface')) return 'unknown-interface';
  if (owner?.kind === 'policy' || owner?.kind === 'policy-group') return 'policy-rule';
  if (owner?.kind === 'tier-default') return 'tier-end';
  if (owner?.kind === 'profile') return known?.isStandIn ? 'profile-stand-in' : 'profile';
  if (known) return 'no-profile-matched';
  return owner?.kind === 'foreign' ? 'foreign' : 'guard';
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
