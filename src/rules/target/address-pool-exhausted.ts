import { cniFailureOf } from '../../calico/cni-failures.ts';
import type { IPPool } from '../../model/calico.ts';
import type { IpamUsage } from '../../model/ipam.ts';
import { poolAddress } from '../../model/resource.ts';
import { defineRule, fail, notApplicable } from '../../model/rule.ts';

type Message = 'none' | 'full' | 'kept' | 'reported';

export const addressPoolExhausted = defineRule({
  id: 'address-pool-exhausted',
  description: 'No IP pool has an address that the pod may have, as the CNI plugin says.',
  step: 'target',
  requires: ['pod', 'pod-events'],
  considers: ['pools', 'ipam'],
  withholds: ['poolAddress'],
  advice: {
    who: 'the Calico administrator',
    commands: [
      'calicoctl ipam show --show-blocks   # which node holds the free addresses?',
      'calicoctl ipam check   # addresses that no pod uses any more; release them with calicoctl ipam release',
      'calicoctl get ippool -o yaml   # disabled, nodeSelector, namespaceSelector; add a pool where all are full',
      "kubectl -n {namespace} get pod {pod} -o jsonpath='{.metadata.annotations}'   # does it ask for one pool alone?",
    ],
  },
  messages: {
    none: {
      title: 'Pod {namespace}/{pod} gets no address: no IP pool is enabled',
      detail: '{pools}. The CNI plugin on {node} says: {said}',
    },
    full: {
      title: 'Pod {namespace}/{pod} gets no address: every enabled IP pool is full',
      detail: '{pools}. The CNI plugin on {node} says: {said}',
    },
    kept: {
      title: 'Pod {namespace}/{pod} gets no address, although IP pools have free ones',
      detail: '{pools}. {settings}The CNI plugin on {node} says: {said}',
    },
    reported: {
      title: 'Pod {namespace}/{pod} gets no address from the IP pools',
      detail: 'The CNI plugin on {node} says: {said} How full the pools are is not checked.',
    },
  },
  judge({ pod, 'pod-events': events }, { pools, ipam }, evidence) {
    const failure = cniFailureOf(events);
    const node = pod.spec.nodeName;
    if (failure?.kind !== 'no-address' || !node)
      return notApplicable('the kubelet does not report that the pod gets no address');
    const namespace = pod.metadata.namespace ?? 'default';
    const enabled = pools.status === 'observed' ? pools.value.filter(({ spec }) => !spec.disabled) : null;
    const usage = ipam.status === 'observed' ? ipam.value : null;
    const message = messageOf(enabled, usage);
    return fail({
      message,
      data: {
        namespace,
        pod: pod.metadata.name,
        node,
        said: sentence(failure.said),
        pools: poolWords(pools.status === 'observed' ? pools.value : [], usage),
        settings: usage ? settingWords(usage) : '',
      },
      subject: { kind: 'Pod', name: `${namespace}/${pod.metadata.name}` },
      node,
      proof: 'read',
      evidence: [...evidence('pod-events'), ...evidence('pools'), ...evidence('ipam')],
      stopsFlow: true,
      withholds: [poolAddress(`${namespace}/${pod.metadata.name}`)],
    });
  },
});

function messageOf(enabled: readonly IPPool[] | null, usage: IpamUsage | null): Message {
  if (enabled?.length === 0) return 'none';
  if (!enabled || !usage) return 'reported';
  const cidrs = new Set(enabled.map(({ spec }) => spec.cidr));
  const counted = usage.pools.filter(({ cidr }) => cidrs.has(cidr));
  if (counted.length === 0) return 'reported';
  return counted.every(({ free }) => free === 0) ? 'full' : 'kept';
}

function poolWords(pools: readonly IPPool[], usage: IpamUsage | null): string {
  if (pools.length === 0) return 'There is no IP pool';
  const words = pools.map(({ spec: { cidr, disabled } }) => {
    const found = usage?.pools.find((one) => one.cidr === cidr);
    const free = found ? `${found.free} of ${found.total} addresses are free` : 'not counted';
    return `${cidr}: ${disabled ? 'disabled' : free}`;
  });
  return words.join('; ');
}

/** What keeps a node from free addresses. */
function settingWords({ strictAffinity, maxBlocksPerHost }: IpamUsage): string {
  const words = [
    ...(strictAffinity === 'on' ? ['StrictAffinity is on: a node takes addresses of its own blocks alone.'] : []),
    ...(maxBlocksPerHost ? [`A node may have ${maxBlocksPerHost} blocks at most.`] : []),
  ];
  return words.map((one) => `${one} `).join('');
}

function sentence(said: string): string {
  return /[.!?]$/.test(said) ? said : `${said}.`;
}
