import { hostInterfaceName } from '../../calico/endpoint-names.ts';
import { poolOf } from '../../calico/pool-of.ts';
import { statedAddress } from '../../calico/trusted-address.ts';
import type { IPPool } from '../../model/calico.ts';
import type { Fact } from '../../model/evidence.ts';
import type { Pod } from '../../model/kubernetes.ts';
import type { Passage } from '../../model/passage.ts';
import { podLink } from '../../model/pod-link.ts';
import { endpointOf } from '../../model/resource.ts';
import { defineRule, fail, inconclusive, notApplicable, pass } from '../../model/rule.ts';

/** Needs no flow: there is none to an address of no pool, to which nothing is sent. */
export const podWiredByAnotherCni = defineRule({
  id: 'pod-wired-by-another-cni',
  description:
    'Another CNI plugin than Calico gave the pod its address and its interface, so Calico brings it no traffic.',
  step: 'endpoint',
  requires: ['pod', 'pools', 'pods', 'links@target'],
  considers: ['passage'],
  withholds: ['endpoint'],
  advice: {
    who: 'the owner of node {node}',
    commands: [
      "ls /etc/cni/net.d   # on {node}: the kubelet uses the first file; Calico's is 10-calico.conflist",
      "kubectl -n {namespace} delete pod {pod}   # once the first file is Calico's: its replacement is wired by Calico",
    ],
  },
  messages: {
    wired: {
      title: 'Another CNI plugin than Calico wired pod {namespace}/{pod}',
      detail:
        'No IP pool holds its address {address} (pools: {pools}), and {node} does not have the interface {usual} ' +
        'that Calico gives this pod{real}. Calico wired other pods, such as {other}. Either another configuration ' +
        'came first on {node}, or the pod is older than Calico.',
    },
  },
  judge({ pod: target, pools, pods, 'links@target': links }, { passage }, evidence) {
    const { namespace = 'default', name } = target.metadata;
    const { nodeName: node, hostNetwork } = target.spec;
    const address = statedAddress(target) ?? statedAddress(target, 6);
    if (hostNetwork) return notApplicable('the pod is on the host network');
    if (!node || address === null) return notApplicable('the pod has no node or no address yet');
    if (poolOf(pools, address)) return pass(`an IP pool holds ${address}`);
    if (pools.length === 0) return notApplicable('there is no IP pool: another plugin gives all addresses');
    // A pod that sends out of the cluster, or to another pod, is at the other place.
    if (evidence('links@target').some((read) => read.node !== null && read.node !== node))
      return inconclusive(`no IP pool holds ${address}, and the interfaces of ${node} were not read`);
    const usual = hostInterfaceName(namespace, name);
    if (links.some((link) => link.name === usual))
      return notApplicable(`no IP pool holds ${address}, and the pod has an interface of Calico`);
    const pod = `${namespace}/${name}`;
    const other = pods.find((one) => nameOf(one) !== pod && isOfPool(one, pools));
    // Where Calico only carries out policies, its pools hold no address of a pod.
    if (!other) return notApplicable(`no IP pool holds ${address}, and no pod is known that Calico wired`);
    const real = podLink(links, { interface: usual, address });
    return fail({
      message: 'wired',
      data: {
        namespace,
        pod: name,
        node,
        address,
        usual,
        other: nameOf(other),
        pools: pools.map(({ spec }) => spec.cidr).join(', '),
        real: real ? `; the pod has ${real.name}` : '',
      },
      subject: { kind: 'Pod', name: pod },
      node,
      proof: 'read',
      evidence: [...evidence('pod'), ...evidence('pools'), ...evidence('pods')],
      stopsFlow: !cameToPod(passage),
      withholds: [endpointOf(pod)],
    });
  },
});

function nameOf({ metadata }: Pod): string {
  return `${metadata.namespace ?? 'default'}/${metadata.name}`;
}

function isOfPool({ spec, status }: Pod, pools: readonly IPPool[]): boolean {
  return !spec.hostNetwork && status?.podIP !== undefined && poolOf(pools, status.podIP) !== null;
}

function cameToPod(passage: Fact<Passage>): boolean {
  return (
    passage.status === 'observed' &&
    passage.value.marks.some(
      ({ point, direction, state }) => point === 'target-pod' && direction === 'request' && state === 'seen',
    )
  );
}
