import type { Flow } from '../../model/facts.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type RawFinding } from '../../model/rule.ts';
import { endpointOf, nodeName, programming } from '../../model/resource.ts';
import { allLegs, walkDoubt } from '../lib/walk-doubt.ts';
import { dropProof, endsAtUnknownInterface, isDenied, ruleWords, walkEvidence } from '../lib/walks.ts';

const guardKinds = new Set(['dispatch', 'endpoint', 'calico-static', 'host-endpoint']);

export const calicoGuardDrops = defineRule({
  id: 'calico-guard-drops',
  description: 'A Calico rule that is neither policy nor profile ends the packet: endpoint disabled, unknown interface, a guard of the tunnel.',
  step: 'filter',
  requires: ['flow', 'walks'],
  considers: ['drop-counters', 'flow-outcome', 'felix@target', 'felix@source'],
  lacks: ['programming', 'endpoint', 'nodeName'],
  advice: { who: 'whoever administers Calico', commands: ['calicoctl get workloadendpoint -A -o wide   # does the datastore have the endpoint of this interface, on this node?'] },
  messages: {
    drops: { title: "Calico's own guard drops the packet on {node}: {comment}", detail: '{rule} ends it. {counters}' },
  },
  judge({ flow, walks }, { 'drop-counters': counters, 'flow-outcome': outcome, 'felix@target': target, 'felix@source': source }, evidence) {
    const findings: RawFinding<'drops'>[] = [];
    let isFelixDead = false;
    for (const walk of walks.filter(isDenied)) {
      const { owner, rule } = walk.result;
      const comment = rule?.comments.find((text) => !text.startsWith('cali:')) ?? rule?.text ?? '';
      if (!owner || !rule || !guardKinds.has(owner.kind) || comment.endsWith('if no profiles matched')) continue;
      // Where Felix is dead, what it has not programmed is its own rule's to say.
      const felix = walk.node === flow.destination.node ? target : source;
      if (endsAtUnknownInterface(walk) && felix.status === 'observed' && felix.value.liveness === null && felix.value.processes.length === 0) {
        isFelixDead = true;
        continue;
      }
      const { proof, words } = dropProof(walk, counters, endsAtUnknownInterface(walk));
      findings.push({
        message: 'drops',
        data: { node: walk.node, comment, rule: ruleWords(rule), counters: words },
        subject: { kind: 'Rule', name: `${rule.table} ${rule.chain} ${rule.index}` },
        node: walk.node,
        proof,
        evidence: walkEvidence(walk, evidence('walks')),
        stopsFlow: true,
        lacks: [programming(walk.node), nodeName(walk.node), ...podsOn(walk.node, flow).map(endpointOf)],
      });
    }
    if (findings.length > 0) return fail(...findings);
    if (isFelixDead) return notApplicable('the interface is unknown to a Felix that does not run');
    const doubt = walkDoubt({ flow, walks }, outcome, allLegs);
    return doubt ? inconclusive(doubt) : pass("none of Calico's own guards ends the packet");
  },
});

/** The flow's pods on the node, as `namespace/name`. */
function podsOn(node: string, { source, destination }: Flow): readonly string[] {
  return [source, destination].filter((end) => end.kind === 'pod' && end.node === node).map(({ namespace, name }) => `${namespace}/${name}`);
}
