import { familyOf, hostPrefix } from '../../model/addresses.ts';
import type { FlowEnd } from '../../model/flow.ts';
import type { JudgedWays } from '../../model/judged-way.ts';
import type { Pod } from '../../model/kubernetes.ts';
import type { Link } from '../../model/network.ts';
import { returnRoute, soleAddress } from '../../model/resource.ts';
import { defineRule, fail, notApplicable, type Advice, type RawFinding } from '../../model/rule.ts';
import { hostInterfaceName } from '../../calico/endpoint-names.ts';
import { isReachable, statedAddress } from '../../calico/trusted-address.ts';
import { noneOf, waysOfClass, wayOfLeg } from '../lib/wrong-ways.ts';

export const podAddressDuplicated = defineRule({
  id: 'pod-address-duplicated',
  description:
    "A node of the flow has the address of a pod, or of another node's tunnel, on an interface of its own. Or " +
    'two pods that run have one address.',
  step: 'routes',
  requires: ['flow', 'judged-ways'],
  considers: ['flow-outcome', 'path-capture', 'links@target', 'links@source', 'pods'],
  withholds: ['way', 'returnRoute', 'soleAddress'],
  advice: {
    who: 'the owner of node {node}',
    commands: [
      'ip addr show to {address}',
      'ip addr del {address}/{length} dev {link}   # and take it out of the configuration that sets it',
    ],
  },
  messages: {
    own: {
      title: 'Node {node} has the address {address} of {holder} itself, on {device}',
      detail: 'The node takes packets to {address} for its own and does not send them on.',
    },
    shared: {
      title: 'Pods {pod} and {other} have the same address {address}',
      detail: 'Both run, {other} on {otherNode}. Each node sends packets to {address} to only one of the two.{led}',
    },
  },
  judge(
    { flow, 'judged-ways': judged },
    { 'flow-outcome': outcome, 'path-capture': capture, 'links@target': target, 'links@source': source, pods },
  ) {
    if (flow.destination.interface === null && flow.source.interface === null)
      return notApplicable('neither end of the flow has an address of its own');
    const shared = pods.status === 'observed' ? sharing(flow.destination, pods.value, judged) : [];
    const own = waysOfClass(judged, 'own-address', { outcome, capture }).map((one): RawFinding<'own' | 'shared'> => {
      const links = one.way.node === flow.destination.node ? target : source;
      const { interface: inside } = one.toNode === flow.source.node ? flow.source : flow.destination;
      const ofNode = one.role === 'peer' && inside === null;
      const holder = links.status === 'observed' ? holderOf(links.value, one.way.destination) : null;
      return {
        message: 'own',
        data: {
          node: one.way.node,
          holder: ofNode ? one.to : `pod ${one.to}`,
          address: one.way.destination,
          device: holder?.device ?? 'an interface or by a route of type local',
          link: holder?.device ?? '',
          length: String(holder?.length ?? hostPrefix(familyOf(one.way.destination))),
        },
        ...(holder === null ? { advice: ofUnknown } : {}),
        subject: ofNode ? { kind: 'Node', name: one.toNode ?? '?' } : { kind: 'Pod', name: one.to },
        node: one.way.node,
        proof: 'read',
        evidence: one.way.evidence,
        stopsFlow: true,
        withholds: [wayOfLeg(one), returnRoute(one.way.node, one.way.destination)],
      };
    });
    const findings = [...shared, ...own];
    return findings.length > 0 ? fail(...findings) : noneOf(judged, 'no node of the flow has the address of a pod');
  },
});

/** Running pods beside the target with its address. Their flow is stopped where a node leads packets to the other. */
function sharing(
  { address, node, namespace, name, interface: own }: FlowEnd,
  pods: readonly Pod[],
  { ways }: JudgedWays,
): readonly RawFinding<'shared'>[] {
  if (own === null) return [];
  const family = familyOf(address);
  const isTarget = ({ metadata }: Pod) => metadata.namespace === namespace && metadata.name === name;
  return pods
    .filter((pod) => isReachable(pod, family) && !pod.spec.hostNetwork && !isTarget(pod))
    .filter((pod) => statedAddress(pod, family) === address)
    .map(({ metadata, spec }): RawFinding<'shared'> => {
      const { namespace: otherNamespace = 'default', name: otherName } = metadata;
      const other = `${otherNamespace}/${otherName}`;
      const astray = ways.filter(
        ({ way, device, class: judged }) =>
          way.destination === address && judged !== 'right' && device === hostInterfaceName(otherNamespace, otherName),
      );
      const [first] = astray;
      const led = new Set([...(spec.nodeName ? [spec.nodeName] : []), ...astray.map(({ way }) => way.node)]);
      return {
        message: 'shared',
        data: {
          pod: `${namespace}/${name}`,
          namespace: namespace ?? 'default',
          name,
          other,
          otherNamespace,
          otherName,
          address,
          otherNode: spec.nodeName ?? 'no node',
          led: first ? ` ${first.way.node} sends them to ${other}.` : '',
        },
        subject: { kind: 'Pod', name: other },
        node: spec.nodeName ?? node,
        proof: 'read',
        evidence: astray.flatMap(({ way }) => way.evidence),
        stopsFlow: first !== undefined,
        withholds: [...[...led].map((at) => soleAddress(at, address)), ...astray.map(wayOfLeg)],
        advice: ofShared,
      };
    });
}

/** No interface is known to have it: a route of type local takes its packets, too. */
const ofUnknown: Advice = {
  who: 'the owner of node {node}',
  commands: [
    'ip addr show to {address}   # does an interface have it?',
    'ip route show table all type local | grep -wF {address}   # or a route alone?',
    'ip route del local {address}/{length} table local   # takes such a route away; take it out of what sets it, too',
  ],
};

const ofShared: Advice = {
  who: 'the owner of pod {other}',
  commands: [
    'kubectl get pods -A -o wide --field-selector status.podIP={address}',
    'calicoctl ipam show --ip={address}   # to which pod the address was given',
    'kubectl -n {otherNamespace} delete pod {otherName}   # if it was given to {pod}: a new pod gets its own address',
    'kubectl -n {namespace} delete pod {name}   # if it was given to {other}',
  ],
};

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
