import { calicoctlGetNode } from '../../commands/calicoctl.ts';
import type { CalicoNode, CalicoNodeLookup } from '../../model/calico.ts';
import { observed, unavailable, type Evidence } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { kubernetesNodeReads, readKubernetesNodes } from '../lib/kubernetes-datastore.ts';
import { dependsOnNodeAddresses } from '../lib/node-addresses.ts';
import { parseCalicoctlGet } from '../parse/calicoctl.ts';

export const calicoNodes = defineClusterProbe({
  id: 'calico-nodes',
  description:
    "Calico's objects of the flow's two nodes. Read only where a node refuses tunnel packets of the other, or " +
    'has no usual route to its pods.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [calicoctlGetNode],
  reads: kubernetesNodeReads,
  needs: ['flow', 'walks', 'datastore-kind'],
  uses: ['routes@target', 'routes@source', 'tunnel-neighbours'],
  runsOn: ['target'],
  provides: ['calico-nodes'],
  async read(look, facts) {
    const flow = facts.get('flow');
    const names = [flow.source.node, flow.destination.node].filter((name) => name !== null);
    const [toTarget, toSource, neighbours] = await Promise.all([
      facts.ask('routes@source'),
      facts.ask('routes@target'),
      facts.ask('tunnel-neighbours'),
    ]);
    const depends =
      new Set(names).size === 2 &&
      dependsOnNodeAddresses(flow, facts.get('walks'), {
        toTarget: toTarget.status === 'observed' ? toTarget.value : null,
        toSource: toSource.status === 'observed' ? toSource.value : null,
        neighbours: neighbours.status === 'observed' ? neighbours.value : [],
      });
    if (!depends)
      return {
        'calico-nodes': unavailable(
          'not-applicable',
          'no packet between two nodes is refused for its sender or lacks its route',
        ),
      };
    if (facts.get('datastore-kind').kind === 'kubernetes')
      return { 'calico-nodes': await readKubernetesNodes(look.cluster, names) };
    const node = look.on('target');
    const transcripts = await Promise.all(names.map((name) => node.run(calicoctlGetNode, { name })));
    const lookups: CalicoNodeLookup[] = [];
    const evidence: Evidence[] = [];
    for (const [at, transcript] of transcripts.entries()) {
      const answer = parseCalicoctlGet<CalicoNode>(transcript);
      evidence.push(
        transcript.exit === 0 ? evidenceOf(transcript, /^ {2}name:|Address:|Addr:/) : evidenceOf(transcript),
      );
      if (!answer.ok) return { 'calico-nodes': unavailable(answer.code, answer.error, evidence) };
      lookups.push({ node: names[at] ?? '', object: answer.object });
    }
    return { 'calico-nodes': observed(lookups, evidence) };
  },
});
