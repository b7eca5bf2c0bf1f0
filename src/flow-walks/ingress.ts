import type { FlowEnd } from '../model/flow.ts';
import type { FlowPort } from '../model/target.ts';
import { delivered, forwarded, walkFlow } from '../ruleset/walk/walk-hook.ts';
import { askPacket } from './packets.ts';
import { localAddresses } from './local-addresses.ts';
import { isOnNodeNetwork } from './ends.ts';
import { deviceTo } from '../model/routes.ts';
import type { WalkedNode } from './walked-node.ts';

export interface IngressQuestion {
  readonly source: FlowEnd;
  readonly destination: FlowEnd;
  readonly port: FlowPort;
  /** The pod's node. */
  readonly node: WalkedNode;
}

/** What the rule sets of the pod's node do with the first packet of a flow. */
export interface Ingress {
  /** A rule of any owner drops or rejects the packet. */
  readonly denied: boolean;
  /** The policy or tier that denies it; null: none does. */
  readonly policy: string | null;
}

/** Walks the packet before anything is sent. It is good enough to choose a flow to try, not to judge one. */
export function walkIngress({
  source,
  destination,
  port,
  node: { rulesets, routes, links },
}: IngressQuestion): Ingress {
  const into = deviceTo(routes, source.address);
  const out = deviceTo(routes, destination.address) ?? destination.interface;
  if (!into || !out) return { denied: false, policy: null };
  const stages = isOnNodeNetwork(destination) ? delivered(into) : forwarded(into, out);
  const result = walkFlow(rulesets.ruleSets, askPacket(source, destination, port), stages, {
    node: { localAddresses: localAddresses(links) },
  });
  if (result.decision !== 'drop' && result.decision !== 'reject') return { denied: false, policy: null };
  const { owner } = result;
  if (owner?.kind === 'tier-default')
    return {
      denied: true,
      policy: owner.policies.map(({ name }) => name).join(', ') || `tier ${owner.tier ?? 'default'}`,
    };
  return { denied: true, policy: owner?.kind === 'policy' ? owner.name : null };
}
