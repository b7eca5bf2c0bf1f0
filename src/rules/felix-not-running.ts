import type { FelixState } from '../model/facts.ts';
import type { PacketWalk } from '../model/flow-walk.ts';
import type { Fact } from '../model/evidence.ts';
import { defineRule, fail, pass, type RawFinding } from '../model/rule.ts';
import { endsAtUnknownInterface, isDenied, ruleWords, walkEvidence } from './walks.ts';

export const felixNotRunning = defineRule({
  id: 'felix-not-running',
  description: 'No Felix process is on the node, or its liveness fails.',
  step: 'felix',
  requires: ['flow', 'felix@target'],
  considers: ['felix@source', 'walks'],
  explainedBy: ['datastore-unreachable', 'datastore-not-ready', 'calico-node-forbidden', 'typha-unavailable'],
  advice: { who: 'whoever looks after node {node}', commands: ['kubectl -n kube-system get pods -l k8s-app=calico-node -o wide --field-selector spec.nodeName={node}', 'kubectl -n kube-system logs -l k8s-app=calico-node --field-selector spec.nodeName={node} -c calico-node --tail=100'] },
  messages: {
    latent: { title: 'Felix is not running on {node}', detail: '{why} The rules that it left behind stay as they are; what changes from now on (new pods, policies, profiles) is not programmed there.' },
    stops: { title: 'Felix is not running on {node} and has not programmed this pod', detail: '{why} The packet ends at "Unknown interface" ({rule}): Felix never programmed the interface of this pod.' },
  },
  judge({ flow, 'felix@target': target }, { 'felix@source': source, walks }, evidence) {
    const findings: RawFinding<'latent' | 'stops'>[] = [];
    const check = (node: string | null, felix: FelixState, key: 'felix@target' | 'felix@source') => {
      const why = notLive(felix);
      if (!why || !node || findings.some((finding) => finding.node === node)) return;
      const unknown = unprogrammed(walks, node);
      findings.push({
        message: unknown ? 'stops' : 'latent',
        data: { node, why, rule: unknown?.result.rule ? ruleWords(unknown.result.rule) : '' },
        subject: { kind: 'Node', name: node },
        node,
        proof: 'read',
        evidence: [...evidence(key), ...(unknown ? walkEvidence(unknown, evidence('walks')) : [])],
        stopsFlow: unknown !== null,
        withholds: [`felix/${node}`],
      });
    };
    check(flow.destination.node, target, 'felix@target');
    if (source.status === 'observed') check(flow.source.node, source.value, 'felix@source');
    return findings.length > 0 ? fail(...findings) : pass('Felix is live');
  },
});

function notLive({ processes, liveness }: FelixState): string | null {
  if (liveness === 200 || liveness === 204) return null;
  if (liveness !== null) return `Its liveness answers ${liveness}.`;
  // Health reporting is off by default: silence on the port alone says nothing.
  return processes.length === 0 ? 'There is no Felix process, and nothing answers on its health port.' : null;
}

function unprogrammed(walks: Fact<readonly PacketWalk[]>, node: string): PacketWalk | null {
  if (walks.status !== 'observed') return null;
  return walks.value.find((walk) => walk.node === node && isDenied(walk) && endsAtUnknownInterface(walk)) ?? null;
}
