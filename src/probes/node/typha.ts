import { ssTypha } from '../../commands/ss.ts';
import { typhaComponent } from '../../model/calico-components.ts';
import { observed, unavailable, type Evidence, type Gap } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import type { Pod } from '../../model/kubernetes.ts';
import { LookError } from '../../model/look-error.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import type { TyphaConnection } from '../../model/typha.ts';
import { componentReads, findComponent, isRunning } from '../lib/calico-component.ts';
import { gapOf, outputOf } from '../lib/evidence.ts';

export const typha = defineClusterProbe({
  id: 'typha',
  description: "Typha's pods, and the connections to it from the flow's nodes, where the cluster has a Typha.",
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [ssTypha],
  reads: componentReads(typhaComponent),
  needs: ['install'],
  uses: ['flow'],
  runsOn: ['target', 'source'],
  provides: ['typha'],
  async read(look, facts) {
    if (facts.get('install').typha === null) throw new LookError('not-applicable', 'the cluster has no Typha');
    const [found, flow] = await Promise.all([findComponent(typhaComponent, look), facts.ask('flow')]);
    if (found.status === 'unavailable') return { typha: found };
    if (!found.value) return { typha: unavailable('not-applicable', 'the cluster has no Typha', found.evidence) };
    const { workload, pods } = found.value;
    const isOneNode = flow.status === 'observed' && flow.value.source.node === flow.value.destination.node;
    const connections: TyphaConnection[] = [];
    const evidence: Evidence[] = [...found.evidence];
    const gaps: Gap[] = [];
    for (const place of isOneNode ? (['target'] as const) : (['target', 'source'] as const)) {
      try {
        const node = look.on(place);
        const transcript = await node.run(ssTypha);
        const sockets = outputOf(transcript).split('\n').filter(Boolean);
        connections.push({ node: node.node, state: stateOf(sockets), to: peersOf(sockets, pods) });
        evidence.push(evidenceOf(transcript));
      } catch (error) {
        if (!(error instanceof LookError)) throw error;
        if (error.code !== 'not-applicable' && error.code !== 'needed-fact-missing') gaps.push(gapOf(error, null));
      }
    }
    const running = pods.filter(isRunning);
    const nodesOf = (some: typeof pods) => some.flatMap(({ spec }) => spec.nodeName ?? []);
    const value = {
      namespace: workload.metadata.namespace,
      name: workload.metadata.name,
      wanted: workload.spec.replicas ?? 1,
      runsOn: nodesOf(running),
      readyOn: nodesOf(running.filter((pod) => !isUnready(pod))),
      connections,
    };
    return { typha: observed(value, evidence, gaps) };
  },
});

/** Does the kubelet say that its probe of the pod fails? */
function isUnready({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'False') ?? false;
}

/** A line a connection, its state first. */
function stateOf(sockets: readonly string[]): TyphaConnection['state'] {
  const states = sockets.flatMap((line) => line.trim().split(/\s+/)[0] || []);
  if (states.includes('ESTAB')) return 'established';
  return states.length > 0 ? 'trying' : 'none';
}

/** Nodes of the pods that a connection stands to. A Typha has its node's address, which sockets may write as IPv6. */
function peersOf(sockets: readonly string[], pods: readonly Pod[]): readonly string[] {
  const peers = sockets.flatMap((line) => {
    const [, peer = ''] = /^\s*ESTAB\s.*\s\[?(?:::ffff:)?([0-9a-f.:]+?)(?:%\S*?)?\]?:\d+\s*$/.exec(line) ?? [];
    return peer === '' ? [] : [peer];
  });
  return pods.flatMap(({ spec, status }) => {
    const addresses = [status?.podIP, ...(status?.podIPs ?? []).map(({ ip }) => ip)];
    return spec.nodeName !== undefined && addresses.some((one) => one !== undefined && peers.includes(one))
      ? [spec.nodeName]
      : [];
  });
}
