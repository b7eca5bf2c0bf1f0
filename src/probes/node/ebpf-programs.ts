import { bashEbpfInterface } from '../../commands/bash-ebpf.ts';
import type { PodPrograms } from '../../model/ebpf-programs.ts';
import { observed, unavailable, type Evidence, type Gap } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import type { FlowEnd } from '../../model/flow.ts';
import { describeEnd } from '../../model/flow-end-words.ts';
import { LookError } from '../../model/look-error.ts';
import { podLink } from '../../model/pod-link.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { isOnNodeNetwork } from '../../flow-walks/ends.ts';
import { gapOf } from '../lib/evidence.ts';
import { refuseIpv6 } from '../lib/ipv4-alone.ts';
import { interfaceIndex, readPrograms } from '../lib/program-reading.ts';

export const ebpfPrograms = defineClusterProbe({
  id: 'ebpf-programs',
  description:
    "Policies, counters, routes and states that Calico's eBPF programs hold of each pod's interface. Read only on a " +
    'node with the eBPF dataplane, by the dumps of calico-node in its own container.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [bashEbpfInterface],
  needs: ['flow', 'dataplanes'],
  uses: ['links@target', 'links@source'],
  runsOn: ['target', 'source'],
  provides: ['programs'],
  async read(look, facts) {
    const flow = facts.get('flow');
    const { source, destination } = flow;
    const onEbpf = new Set(
      facts.get('dataplanes').flatMap(({ node, dataplane }) => (dataplane === 'ebpf' ? [node] : [])),
    );
    if (onEbpf.size === 0)
      return { programs: unavailable('not-applicable', 'no node of the flow runs the eBPF dataplane') };
    refuseIpv6(flow, { what: 'eBPF programs', next: 'In calico-node, run calico-node -bpf policy dump INTERFACE all' });
    const evidence: Evidence[] = [];
    const gaps: Gap[] = [];
    const readAt = async (place: 'target' | 'source', end: FlowEnd): Promise<readonly PodPrograms[]> => {
      if (end.kind !== 'pod' || end.node === null || isOnNodeNetwork(end) || !onEbpf.has(end.node)) return [];
      const links = await facts.ask(`links@${place}`);
      const link = links.status === 'observed' ? podLink(links.value, end) : null;
      // That the interface is missing, other rules say.
      if (!link) return [];
      const node = look.on(place);
      try {
        const transcript = await node.run(bashEbpfInterface, { index: interfaceIndex(link) });
        const programs = readPrograms(transcript, { node: node.node, address: end.address, link });
        evidence.push(evidenceOf(transcript));
        gaps.push(
          ...programs.unread.map((why): Gap => ({
            code: 'not-parsed',
            reason: `the eBPF programs of ${describeEnd(end)} were read in part: ${why}`,
            node: node.node,
          })),
        );
        return [programs];
      } catch (error) {
        if (!(error instanceof LookError)) throw error;
        gaps.push(gapOf(error, node.node));
        return [];
      }
    };
    const read = await Promise.all([
      readAt('target', destination),
      readAt(source.node === destination.node ? 'target' : 'source', source),
    ]);
    return { programs: observed(read.flat(), evidence, gaps) };
  },
});
