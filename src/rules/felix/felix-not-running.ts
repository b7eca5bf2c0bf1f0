import type { ExpectedDecision, FelixState } from '../../model/facts.ts';
import type { PacketWalk } from '../../model/flow-walk.ts';
import type { Fact } from '../../model/evidence.ts';
import { defineRule, fail, pass, type RawFinding } from '../../model/rule.ts';
import { datastore, felixOf, nodeRules, programming, typhaOf } from '../../model/resource.ts';
import { expectedOf, isOutdated } from '../lib/expected.ts';
import { whyNotLive } from '../lib/felix-live.ts';
import { endsAtUnknownInterface, isDenied, ruleWords, walkEvidence } from '../lib/walks.ts';

export const felixNotRunning = defineRule({
  id: 'felix-not-running',
  description: 'No Felix process is on the node, or its liveness fails.',
  step: 'felix',
  requires: ['pod', 'felix@target'],
  considers: ['flow', 'felix@source', 'walks', 'expected-decisions'],
  lacks: ['datastore/felix', 'typha', 'nodeRules'],
  withholds: ['felix', 'programming'],
  advice: { who: 'whoever looks after node {node}', commands: ['kubectl -n kube-system get pods -l k8s-app=calico-node -o wide --field-selector spec.nodeName={node}', 'kubectl -n kube-system logs -l k8s-app=calico-node --field-selector spec.nodeName={node} -c calico-node --tail=100'] },
  messages: {
    latent: { title: 'Felix is not running on {node}', detail: '{why} The rules that it left behind stay as they are; what changes from now on (new pods, policies, profiles) is not programmed there.' },
    stops: { title: 'Felix is not running on {node} and has not programmed this pod', detail: '{why} The packet ends at "Unknown interface" ({rule}): Felix never programmed the interface of this pod.' },
    outdated: { title: 'Felix is not running on {node}, and its rules there are not what the datastore says', detail: '{why} The packet ends at {rule}, which Felix left behind; it has not programmed what the datastore says since: {by}.' },
  },
  judge({ pod, 'felix@target': target }, { flow, 'felix@source': source, walks, 'expected-decisions': expected }, evidence) {
    const findings: RawFinding<'latent' | 'stops' | 'outdated'>[] = [];
    const check = (node: string | null, felix: FelixState, key: 'felix@target' | 'felix@source') => {
      const why = whyNotLive(felix);
      if (!why || !node || findings.some((finding) => finding.node === node)) return;
      const missed = unprogrammed(walks, node, expected);
      findings.push({
        message: missed ? (endsAtUnknownInterface(missed) ? 'stops' : 'outdated') : 'latent',
        data: { node, why, rule: missed?.result.rule ? ruleWords(missed.result.rule) : '', by: (missed && expectedOf(missed, expected)?.by) ?? '' },
        subject: { kind: 'Node', name: node },
        node,
        proof: 'read',
        evidence: [...evidence(key), ...(missed ? walkEvidence(missed, evidence('walks')) : []), ...(missed && !endsAtUnknownInterface(missed) ? evidence('expected-decisions') : [])],
        stopsFlow: missed !== null,
        lacks: [datastore('felix', node), typhaOf(node), nodeRules(node)],
        withholds: [felixOf(node), programming(node)],
      });
    };
    check(pod.spec.nodeName ?? null, target, 'felix@target');
    if (flow.status === 'observed' && source.status === 'observed') check(flow.value.source.node, source.value, 'felix@source');
    return findings.length > 0 ? fail(...findings) : pass('Felix is live');
  },
});

/** What stops the flow there and would not, had Felix run: an interface that it does not know, or a denial that the datastore no longer says. */
function unprogrammed(walks: Fact<readonly PacketWalk[]>, node: string, expected: Fact<readonly ExpectedDecision[]>): PacketWalk | null {
  if (walks.status !== 'observed') return null;
  const denied = walks.value.filter((walk) => walk.node === node && isDenied(walk));
  return denied.find(endsAtUnknownInterface) ?? denied.find((walk) => isOutdated(walk, expected)) ?? null;
}
