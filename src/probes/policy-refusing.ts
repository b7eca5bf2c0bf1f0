import type { FlowEnd } from '../model/facts.ts';
import type { NodeRuleSets } from '../model/flow-walk.ts';
import type { Link, Route } from '../model/network.ts';
import type { FlowPort } from '../model/target.ts';
import { forwarded, walkFlow } from '../ruleset/walk-hook.ts';
import { askPacket } from './flow-packet.ts';
import { localAddresses } from './local-addresses.ts';
import { deviceTo } from '../ruleset/routes.ts';

export interface IngressQuestion {
  readonly source: FlowEnd;
  readonly destination: FlowEnd;
  readonly port: FlowPort;
  readonly rulesets: NodeRuleSets;
  readonly routes: readonly Route[];
  readonly links: readonly Link[];
}

/** The policy (or tier) that refuses this source on the pod's node, null when none does. */
export function policyRefusing({ source, destination, port, rulesets, routes, links }: IngressQuestion): string | null {
  const into = deviceTo(routes, source.address);
  const out = deviceTo(routes, destination.address) ?? destination.interface;
  if (!into || !out) return null;
  const result = walkFlow(rulesets.ruleSets, askPacket(source, destination, port), forwarded(into, out), { node: { localAddresses: localAddresses(links) } });
  if (result.decision !== 'drop' && result.decision !== 'reject') return null;
  if (result.owner?.kind === 'tier-default') return result.owner.policies.map(({ name }) => name).join(', ') || `tier ${result.owner.tier ?? 'default'}`;
  return result.owner?.kind === 'policy' ? result.owner.name : null;
}
