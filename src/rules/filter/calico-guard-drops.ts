import { isProven, type ReasonRise } from '../../model/drop-counters.ts';
import { droppedByPolicy } from '../../model/ebpf-programs.ts';
import type { Denial } from '../../model/denial.ts';
import { isReversePath } from '../../model/denied-walk.ts';
import type { Evidence } from '../../model/evidence.ts';
import { allLegs } from '../../model/flow-walk.ts';
import type { Flow } from '../../model/flow.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type RawFinding } from '../../model/rule.ts';
import { endpointOf, nodeName, programming } from '../../model/resource.ts';
import { ruleWords } from '../../model/rule-words.ts';
import { counterWords, doubtOn, isNotProgrammed, isToHost } from '../lib/denials.ts';
import { besideTwin } from '../lib/twin-words.ts';
import { waysOf } from '../lib/wrong-ways.ts';
import { isFelixGone } from '../../model/felix-gone.ts';

export const calicoGuardDrops = defineRule({
  id: 'calico-guard-drops',
  description:
    'A Calico rule that belongs to no policy or profile drops the packet: endpoint disabled, unknown ' +
    'interface, tunnel guard.',
  step: 'filter',
  requires: ['flow', 'denials'],
  considers: ['felix@target', 'felix@source', 'drop-counters', 'twin-walks'],
  lacks: ['way', 'programming', 'endpoint', 'nodeName'],
  advice: {
    who: 'the Calico administrator',
    commands: ['calicoctl get workloadendpoint -A -o wide   # is the endpoint of this interface listed, on this node?'],
  },
  messages: {
    drops: {
      title: 'A protective rule of Calico drops the packet on {node}: {comment}',
      detail: 'The packet ends at {rule}. {counters}{twin}',
    },
    counted: {
      title: "Calico's eBPF programs drop the packet on {node}: {comment}",
      detail:
        'The program of {interface} counted {counted} of {sent} test packets as dropped ({comment}), and none in an ' +
        'idle window.',
    },
  },
  judge(
    { flow, denials },
    { 'felix@target': target, 'felix@source': source, 'drop-counters': counters, 'twin-walks': twins },
    evidenceOf,
  ) {
    const denied = denials.denied.filter(
      (one) => (one.class === 'guard' && !isReversePath(one) && !isToHost(one)) || one.class === 'unknown-interface',
    );
    // Where Felix is dead, what it has not programmed is its own rule's to say.
    const isUnprogrammed = (one: Denial) =>
      isNotProgrammed(one) && isFelixGone(one.node === flow.destination.node ? target : source);
    const guarded = denied
      .filter((one) => !isUnprogrammed(one))
      .map((denial): RawFinding<'drops'> => {
        const { node, rule, proof, evidence } = denial;
        const twin = besideTwin(denial, twins, evidenceOf('twin-walks'));
        const comment = rule.comments.find((text) => !text.startsWith('cali:')) ?? rule.text;
        return {
          message: 'drops',
          data: { node, comment, rule: ruleWords(rule), counters: counterWords(denial), twin: twin.words },
          subject: { kind: 'Rule', name: `${rule.table} ${rule.chain} ${rule.index}` },
          node,
          proof,
          evidence: [...evidence, ...twin.evidence],
          stopsFlow: denial.stopsFlow,
          lacks: [...waysOf(denial), programming(node), nodeName(node), ...podsOn(node, flow).map(endpointOf)],
        };
      });
    const reasons = counters.status === 'observed' ? (counters.value.reasons ?? []) : [];
    const findings = [
      ...guarded,
      ...reasons
        .filter((one) => one.reason !== droppedByPolicy && isProven(one))
        .map((one) => countedFinding(one, flow, evidenceOf('drop-counters'))),
    ];
    if (findings.length > 0) return fail(...findings);
    if (denied.length > 0) return notApplicable('Felix does not run there, and does not know the interface');
    const doubt = doubtOn(denials, allLegs);
    return doubt ? inconclusive(doubt) : pass('no protective rule of Calico ends the packet');
  },
});

/** A drop that no rule of a packet filter and no policy makes. */
function countedFinding(
  { node, interface: device, reason, sent, rise }: ReasonRise,
  flow: Flow,
  evidence: readonly Evidence[],
): RawFinding<'counted'> {
  return {
    message: 'counted',
    data: { node, interface: device, comment: reason, counted: String(rise), sent: String(sent) },
    subject: { kind: 'Interface', name: device },
    node,
    proof: 'counter',
    evidence,
    stopsFlow: true,
    lacks: [programming(node), nodeName(node), ...podsOn(node, flow).map(endpointOf)],
    advice: {
      who: 'the Calico administrator',
      commands: [
        `calico-node -bpf counters dump --iface=${device}   # in the container calico-node of ${node}`,
        'calico-node -bpf routes dump   # there, too: does it have the addresses of both pods?',
      ],
    },
  };
}

/** The flow's pods on the node, as `namespace/name`. */
function podsOn(node: string, { source, destination }: Flow): readonly string[] {
  return [source, destination]
    .filter((end) => end.kind === 'pod' && end.node === node)
    .map(({ namespace, name }) => `${namespace}/${name}`);
}
