import type { Link } from '../../model/network.ts';
import { returnRoute } from '../../model/resource.ts';
import { defineRule, fail, notApplicable, type RawFinding } from '../../model/rule.ts';
import { noneOf, waysOfClass, wayOfLeg } from '../lib/wrong-ways.ts';

export const podAddressDuplicated = defineRule({
  id: 'pod-address-duplicated',
  description:
    "A node of the flow has a pod's address on an interface of its own, and so answers in the place of the pod.",
  step: 'routes',
  requires: ['flow', 'judged-ways'],
  considers: ['flow-outcome', 'path-capture', 'links@target', 'links@source'],
  withholds: ['way', 'returnRoute'],
  advice: {
    who: 'the owner of node {node}',
    commands: [
      'ip -4 addr show to {address}',
      'ip addr del {address}/{length} dev {device}   # and take it out of the configuration that sets it',
    ],
  },
  messages: {
    own: {
      title: 'Node {node} has the address {address} of pod {pod} itself, on {device}',
      detail: 'The node takes packets to {address} for its own and does not hand them to the pod.',
    },
  },
  judge(
    { flow, 'judged-ways': judged },
    { 'flow-outcome': outcome, 'path-capture': capture, 'links@target': target, 'links@source': source },
  ) {
    if (flow.destination.interface === null && flow.source.interface === null)
      return notApplicable('neither end of the flow has an address of its own');
    const findings = waysOfClass(judged, 'own-address', { outcome, capture }).map((one): RawFinding<'own'> => {
      const links = one.way.node === flow.destination.node ? target : source;
      const holder = links.status === 'observed' ? holderOf(links.value, one.way.destination) : null;
      return {
        message: 'own',
        data: {
          node: one.way.node,
          pod: one.to,
          address: one.way.destination,
          device: holder?.device ?? 'an interface',
          length: String(holder?.length ?? 32),
        },
        subject: { kind: 'Pod', name: one.to },
        node: one.way.node,
        proof: 'read',
        evidence: one.way.evidence,
        stopsFlow: true,
        withholds: [wayOfLeg(one), returnRoute(one.way.node, one.way.destination)],
      };
    });
    return findings.length > 0 ? fail(...findings) : noneOf(judged, 'no node of the flow has the address of a pod');
  },
});

function holderOf(
  links: readonly Link[],
  address: string,
): { readonly device: string; readonly length: number } | null {
  for (const { name, addresses } of links) {
    const found = addresses.find((own) => own.address === address);
    if (found) return { device: name, length: found.prefixLength };
  }
  return null;
}
