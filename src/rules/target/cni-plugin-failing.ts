import { cniFailureOf, type CniFailureKind } from '../../calico/cni-failures.ts';
import { cni, datastore, felixOf, poolAddress, type Resource } from '../../model/resource.ts';
import { defineRule, fail, notApplicable, type Advice } from '../../model/rule.ts';

const reported = 'The kubelet of {node} reported this {times}, last at {last}: {said}';
const administrator = 'the Calico administrator';
const calicoNode = 'kubectl get pods -A -l k8s-app=calico-node -o wide --field-selector spec.nodeName={node}';

const advice: Readonly<Partial<Record<CniFailureKind, Advice>>> = {
  unauthorized: {
    who: administrator,
    commands: [
      'ls -l /etc/cni/net.d/calico-kubeconfig   # on {node}: calico-node renews the token in it',
      `${calicoNode}   # read its log; if it writes no new token, restart this one pod`,
    ],
  },
  forbidden: {
    who: administrator,
    commands: [
      'kubectl get clusterrolebinding calico-cni-plugin calico-node -o wide   # restore what the manifest has',
    ],
  },
  certificate: {
    who: administrator,
    commands: ['grep server: /etc/cni/net.d/calico-kubeconfig   # on {node}: check the certificate of this server'],
  },
  unreachable: {
    who: 'the owner of node {node}',
    commands: ['grep server: /etc/cni/net.d/calico-kubeconfig   # on {node}: does this address answer from there?'],
  },
  locked: {
    who: administrator,
    commands: ['calicoctl get clusterinformation default -o yaml   # datastoreReady must be true'],
  },
  'no-node': { who: administrator, commands: [`${calicoNode}   # it must run: it writes /var/lib/calico/nodename`] },
  'no-address': {
    who: administrator,
    commands: ['calicoctl ipam show --show-blocks', 'calicoctl get ippool -o wide   # add a pool, or free addresses'],
  },
  'address-taken': {
    who: 'the owner of node {node}',
    commands: ['ip route show   # on {node}: which interface has the address that the kubelet names?'],
  },
  'not-installed': {
    who: 'the owner of node {node}',
    commands: ['ls /opt/cni/bin /etc/cni/net.d   # on {node}: calico-node installs both', calicoNode],
  },
};

export const cniPluginFailing = defineRule({
  id: 'cni-plugin-failing',
  description: "The CNI plugin on the pod's node cannot wire the pod, as the kubelet reports.",
  step: 'target',
  requires: ['pod', 'pod-events'],
  ofClientToo: true,
  lacks: ['datastore/cni', 'felix', 'poolAddress'],
  withholds: ['cni'],
  advice: {
    who: 'the owner of node {node}',
    commands: [
      'tail -n 50 /var/log/calico/cni/cni.log   # on {node}',
      'kubectl get events -A --field-selector reason=FailedCreatePodSandBox   # other pods that wait for their network',
    ],
  },
  messages: {
    unauthorized: {
      title: 'The CNI plugin on {node} cannot wire {namespace}/{pod}: Kubernetes does not accept its token',
      detail: `${reported}. New pods on {node} stay Pending until the plugin has a valid token.`,
    },
    forbidden: {
      title: 'The CNI plugin on {node} cannot wire {namespace}/{pod}: its account lacks rights',
      detail: `${reported}.`,
    },
    certificate: { title: 'The CNI plugin on {node} cannot wire {namespace}/{pod}: TLS fails', detail: `${reported}.` },
    unreachable: {
      title: "The CNI plugin on {node} cannot wire {namespace}/{pod}: Calico's datastore does not answer it",
      detail: `${reported}.`,
    },
    locked: {
      title: "The CNI plugin on {node} cannot wire {namespace}/{pod}: Calico's datastore is locked",
      detail: `${reported}.`,
    },
    'no-node': {
      title: 'The CNI plugin on {node} cannot wire {namespace}/{pod}: calico-node has not started there',
      detail: `${reported}.`,
    },
    'no-address': {
      title: 'The CNI plugin on {node} cannot wire {namespace}/{pod}: no pool has an address for it',
      detail: `${reported}.`,
    },
    'address-taken': {
      title: 'The CNI plugin on {node} cannot wire {namespace}/{pod}: another interface has its address',
      detail: `${reported}.`,
    },
    'not-installed': {
      title: 'The CNI plugin on {node} cannot wire {namespace}/{pod}: it is not installed or not configured',
      detail: `${reported}.`,
    },
    other: { title: 'The CNI plugin{plugin} on {node} cannot wire {namespace}/{pod}', detail: `${reported}.` },
  },
  judge({ pod, 'pod-events': events }, _considered, evidence) {
    const failure = cniFailureOf(events);
    // Events end after an hour: none is no proof that the plugin works.
    if (!failure) return notApplicable('no event of the kubelet says that the CNI plugin failed');
    const namespace = pod.metadata.namespace ?? 'default';
    const name = `${namespace}/${pod.metadata.name}`;
    const node = pod.spec.nodeName ?? '';
    const { kind, plugin, said, at, count } = failure;
    return fail({
      message: kind,
      data: {
        namespace,
        pod: pod.metadata.name,
        node,
        said: withoutFullStop(said),
        last: at || 'a time that is not known',
        times: count === 1 ? 'once' : `${count} times`,
        plugin: plugin === null ? '' : ` ${plugin}`,
      },
      subject: { kind: 'Node', name: node },
      node,
      proof: 'read',
      evidence: evidence('pod-events'),
      stopsFlow: true,
      ...(advice[kind] ? { advice: advice[kind] } : {}),
      lacks: lackedBy(kind, node, name),
      withholds: [cni(node)],
    });
  },
});

function lackedBy(kind: CniFailureKind, node: string, pod: string): readonly Resource[] {
  if (kind === 'unreachable' || kind === 'locked') return [datastore('cni', node)];
  // calico-node writes the node's name once it has reached the datastore.
  if (kind === 'no-node') return [felixOf(node), datastore('cni', node)];
  return kind === 'no-address' ? [poolAddress(pod)] : [];
}

/** The sentence that holds it ends with a full stop of its own. */
function withoutFullStop(text: string): string {
  let end = text.length;
  while (end > 0 && '. \n\t'.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}
