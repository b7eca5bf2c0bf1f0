import { poolOf } from '../calico/pool-of.ts';
import { shareSubnet } from '../calico/shared-subnet.ts';
import type { IPPool } from '../model/calico.ts';
import { defineComputed } from '../model/computed.ts';
import type { EncapsulationMode, PairEncapsulation } from '../model/encapsulation.ts';
import { observed, type Fact } from '../model/evidence.ts';
import type { Flow, FlowEnd } from '../model/flow.ts';
import { isCrossNode } from '../model/flow-place.ts';
import type { Link, TunnelKind } from '../model/network.ts';
import { tunnelBetween } from '../tunnels/registry.ts';

export const encapsulation = defineComputed({
  id: 'encapsulation',
  description: "How Calico's pools encapsulate packets, and by which tunnel they travel between the flow's nodes.",
  essential: false,
  needs: ['pools'],
  considers: ['flow', 'links@target', 'links@source'],
  async compute(facts) {
    const pools = facts.get('pools');
    const [flow, target, source] = await Promise.all([
      facts.ask('flow'),
      facts.ask('links@target'),
      facts.ask('links@source'),
    ]);
    return observed(
      {
        pools: pools.map(({ metadata, spec }) => ({
          name: metadata.name,
          cidr: spec.cidr,
          mode: modeOf(spec),
          disabled: spec.disabled ?? false,
        })),
        pair: flow.status === 'observed' ? pairOf(flow.value, pools, { target, source }) : null,
      },
      facts.evidence('pools'),
    );
  },
});

function modeOf({ ipipMode = 'Never', vxlanMode = 'Never' }: IPPool['spec']): EncapsulationMode {
  if (ipipMode !== 'Never') return ipipMode === 'Always' ? 'ipip' : 'ipip-crosssubnet';
  if (vxlanMode !== 'Never') return vxlanMode === 'Always' ? 'vxlan' : 'vxlan-crosssubnet';
  return 'none';
}

type Links = Readonly<Record<'target' | 'source', Fact<readonly Link[]>>>;

function pairOf(flow: Flow, pools: readonly IPPool[], links: Links): PairEncapsulation | null {
  const { source, destination } = flow;
  if (!isCrossNode(flow) || source.node === null || destination.node === null) return null;
  return {
    source: source.node,
    target: destination.node,
    there: kindTo(destination, pools, areNeighbours(links.source, source, destination)),
    back: kindTo(source, pools, areNeighbours(links.target, destination, source)),
  };
}

function kindTo(to: FlowEnd, pools: readonly IPPool[], neighbours: boolean | null): TunnelKind | null {
  const pool = poolOf(pools, to.address);
  return (pool && tunnelBetween(pool, neighbours)?.kind) ?? null;
}

function areNeighbours(links: Fact<readonly Link[]>, from: FlowEnd, to: FlowEnd): boolean | null {
  return links.status === 'observed' ? shareSubnet(links.value, from, to) : null;
}
