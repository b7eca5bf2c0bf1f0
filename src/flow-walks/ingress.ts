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

/** How the pod's node takes the first packet of a flow, by its rule sets alone. */
export interface Ingress {
  /** It ends in a drop or reject, by a rule of any owner. */
  readonly denied: boolean;
  /** The policy (or tier) that refuses it, null when none does. */
  readonly policy: string | null;
}

/** Before anything is sent: enough to choose what to ask, not to judge. */
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
