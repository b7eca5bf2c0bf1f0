import type { FelixState } from '../model/facts.ts';
import type { PacketWalk } from '../model/flow-walk.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type RawFinding } from '../model/rule.ts';
import { expectedOf, isOutdated } from './expected.ts';
import { whyNotLive } from './felix-live.ts';
import { isDenied, ruleWords, walkEvidence } from './walks.ts';

export const felixRulesStale = defineRule({
  id: 'felix-rules-stale',
  description: "Felix is live, and its chains still drop what the datastore's policies and profiles let through, also 10 s later.",
  step: 'felix',
  requires: ['flow', 'walks', 'expected-decisions'],
  considers: ['later-walks', 'felix@target', 'felix@source'],
  explainedBy: ['datastore-unreachable', 'calico-node-forbidden', 'typha-unavailable', 'node-name-mismatch'],
  advice: {
    who: 'whoever looks after node {node}',
    commands: [
      'kubectl -n kube-system logs -l k8s-app=calico-node --field-selector spec.nodeName={node} -c calico-node --tail=200   # what does Felix wait for?',
      'kubectl -n kube-system exec $(kubectl -n kube-system get pods -l k8s-app=calico-node --field-selector spec.nodeName={node} -o name) -c calico-node -- sv restart /etc/service/enabled/felix   # Felix alone: BIRD and its routes stay',
    ],
  },
  messages: {
    stale: {
      title: 'Felix on {node} has not programmed what the datastore says',
      detail: 'The packet ends at {rule}, also on a second look 10 s later, and the datastore lets it through: {by}. {felix}',
    },
  },
  judge({ flow, walks, 'expected-decisions': decisions }, { 'later-walks': later, 'felix@target': target, 'felix@source': source }, evidence) {
    const expected = { status: 'observed', value: decisions, evidence: [] } as const;
    const outdated = walks.filter((walk) => isDenied(walk) && isOutdated(walk, expected));
    if (outdated.length === 0) {
      const open = decisions.find(({ decision }) => decision === 'unknown');
      return open ? inconclusive(`whether the datastore lets through what ${open.node} drops is not known: ${open.by}`) : pass("the node's rules and the datastore say the same");
    }
    const findings: RawFinding<'stale'>[] = [];
    const others: string[] = [];
    const doubts: string[] = [];
    for (const walk of outdated) {
      const key = walk.node === flow.destination.node ? 'felix@target' : 'felix@source';
      const felix = key === 'felix@target' ? target : source;
      if (felix.status === 'unavailable') doubts.push(`the packet ends on ${walk.node} and the datastore lets it through, and whether Felix is live there is not known: ${felix.reason}`);
      else if (whyNotLive(felix.value)) others.push(`Felix is not live on ${walk.node}`);
      else if (later.status === 'unavailable') doubts.push(`the packet ends on ${walk.node} and the datastore lets it through, and there was no second look: ${later.reason}`);
      else if (decisionLater(laterOf(walk, later.value)) === 'accept') others.push(`on a second look, 10 s later, ${walk.node} lets it through: it was just being programmed`);
      else if (decisionLater(laterOf(walk, later.value)) === null) doubts.push(`the packet ends on ${walk.node} and the datastore lets it through, and where it ends 10 s later is not certain`);
      else {
        findings.push({
          message: 'stale',
          data: { node: walk.node, rule: walk.result.rule ? ruleWords(walk.result.rule) : '', by: expectedOf(walk, expected)?.by ?? '', felix: healthWords(felix.value) },
          subject: { kind: 'Node', name: walk.node },
          node: walk.node,
          proof: 'read',
          evidence: [...evidence('expected-decisions'), ...walkEvidence(walk, evidence('walks')), ...walkEvidence(laterOf(walk, later.value) ?? walk, evidence('later-walks')), ...evidence(key)],
          stopsFlow: true,
          lacks: [`felix/${walk.node}`],
          withholds: [`felix/${walk.node}`],
        });
      }
    }
    if (findings.length > 0) return fail(...findings.filter((one, at) => findings.findIndex(({ node }) => node === one.node) === at));
    return doubts.length > 0 ? inconclusive(doubts.join('; ')) : notApplicable(others.join('; '));
  },
});

function laterOf({ leg, node }: PacketWalk, later: readonly PacketWalk[]): PacketWalk | null {
  return later.find((walk) => walk.leg === leg && walk.node === node) ?? null;
}

/** null: it was not walked again, or not to a certain end. */
function decisionLater(walk: PacketWalk | null): 'accept' | 'denied' | null {
  if (!walk) return null;
  return isDenied(walk) ? 'denied' : walk.result.decision === 'accept' ? 'accept' : null;
}

function healthWords({ liveness }: FelixState): string {
  return `Felix runs, and its liveness answers ${liveness}.`;
}
