import type { FelixOfPod } from '../../model/fix-inputs.ts';
import { programsOf, type PodPrograms } from '../../model/ebpf-programs.ts';
import { picking } from '../../model/evidence.ts';
import type { Flow, FlowEnd } from '../../model/flow.ts';
import { describeEnd } from '../../model/flow-end-words.ts';
import { own } from '../../model/own.ts';
import { felixOf, programming } from '../../model/resource.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type Advice, type RawFinding } from '../../model/rule.ts';
import { felixButton } from '../lib/felix-button.ts';
import { calicoNodeLog, partsData, restartFelix } from '../lib/calico-parts.ts';

type Message = 'detached' | 'unattached' | 'unpoliced' | 'version' | 'twice';

export const bpfDataplaneNotReady = defineRule({
  id: 'bpf-dataplane-not-ready',
  description:
    "On a node with Calico's eBPF dataplane, its programs are missing on the pod's interface, or of another version, " +
    'or kube-proxy serves Services too.',
  step: 'felix',
  requires: ['flow', 'dataplanes', 'programs'],
  considers: ['datastore', 'install', 'datastore-kind', 'calico-node-access'],
  lacks: ['felix'],
  withholds: ['programming'],
  fix: 'restart-felix',
  advice: {
    who: 'the owner of node {node}',
    commands: [
      `${calicoNodeLog(200)}   # did Felix fail to load or attach a program?`,
      `${restartFelix}   # attaches its programs again; BIRD and its routes stay`,
    ],
  },
  messages: {
    detached: {
      title: "Calico's eBPF programs are not attached to {interface} on {node}",
      detail:
        "Felix's maps call the interface of {pod} ready, and bpftool shows programs of Felix on other interfaces " +
        'only. The packet filter of {node} drops what comes from the pod ("From workload without BPF seen mark"). ' +
        'Felix does not notice that its programs are gone.',
    },
    unattached: {
      title: 'Felix has not attached its eBPF programs to {interface} on {node}',
      detail:
        "Felix's maps do not have the interface of {pod} as ready, and bpftool shows programs of Felix on other " +
        'interfaces only. Pods from before keep working.',
    },
    unpoliced: {
      title: 'No eBPF program judges what goes to {interface} on {node}',
      detail:
        'bpftool shows the program for packets from {pod}, and not the one for packets to it. Policies for ingress ' +
        'are not enforced there.',
    },
    version: {
      title: "Calico's eBPF programs on {node} are of another version",
      detail: 'The maps on the node do not fit the calico-node that runs there: {version}.',
    },
    twice: {
      title: "kube-proxy and Calico's eBPF dataplane both serve Services on {node}",
      detail:
        'kube-proxy runs there (process {proxies}). Felix deletes its rules, and kube-proxy writes them again. Flows ' +
        "to a pod's own address need neither.",
    },
  },
  judge(
    { flow, dataplanes, programs },
    { datastore, install, 'datastore-kind': home, 'calico-node-access': access },
    evidence,
  ) {
    const onEbpf = new Set(dataplanes.flatMap(({ node, dataplane }) => (dataplane === 'ebpf' ? [node] : [])));
    const ends = [flow.destination, flow.source].filter(
      ({ kind, node, interface: device }) => kind === 'pod' && device !== null && node !== null && onEbpf.has(node),
    );
    if (ends.length === 0) return notApplicable('no pod of the flow is on a node with the eBPF dataplane');
    const findings: RawFinding<Message, FelixOfPod>[] = [];
    const doubts: string[] = [];
    const button = (message: Message, end: FlowEnd, { state, otherVersion }: PodPrograms) => {
      // A Felix of another version makes its maps anew: every connection of the node would begin anew, too.
      const asIf = message !== 'twice' && otherVersion !== null ? 'version' : message;
      const noFix = own<string>(noButton, asIf === 'unpoliced' && state !== 'ready' ? 'unattached' : asIf);
      return noFix === undefined ? felixButton(end, { home, access }) : { noFix };
    };
    for (const end of ends) {
      const read = programsOf(programs, end.node, end.address);
      if (!read) {
        doubts.push(`the eBPF programs of ${describeEnd(end)} were not read`);
        continue;
      }
      const { node, interface: device, attached, otherVersion, kubeProxies } = read;
      const isOneTooMany =
        kubeProxies.length > 0 && datastore.status === 'observed' && datastore.value.keepsKubeProxyRules === false;
      const message = defectOf(read) ?? (isOneTooMany ? 'twice' : null);
      const isTold = findings.some((one) => isOfNode(one.message) && one.message === message && one.node === node);
      if (message && !isTold)
        findings.push({
          message,
          data: {
            ...partsData(install),
            node,
            interface: device,
            pod: describeEnd(end),
            version: otherVersion ?? '',
            proxies: kubeProxies.join(', '),
          },
          subject: isOfNode(message) ? { kind: 'Node', name: node } : { kind: 'Interface', name: device },
          node,
          proof: 'read',
          evidence: picking(
            evidence('programs'),
            (line) => line.includes(device) || /cali_tc_|cali_counters/.test(line),
          ),
          stopsFlow: (message === 'detached' || message === 'unattached') && needsPrograms(flow, end),
          lacks: [felixOf(node)],
          ...button(message, end, read),
          ...(message === 'twice' ? { advice: oneServer } : { withholds: [programming(node)] }),
        });
      else if (attached.egress !== 'yes' || attached.ingress !== 'yes')
        doubts.push(`it is not known which programs are attached to ${device} on ${node}`);
    }
    if (findings.length > 0) return fail(...findings);
    const [doubt] = doubts;
    return doubt === undefined ? pass("Felix's programs are attached to the pods' interfaces") : inconclusive(doubt);
  },
});

/** A Felix that starts attaches programs that are gone at once. These are not gone: something else keeps them away. */
const noButton: Readonly<Partial<Record<Message, string>>> = {
  unattached: 'Felix has not attached its programs, and its log says why: a restart may change nothing',
  version: 'which version is to run is not known, and a restart may bring the same one',
  twice: 'a restart of Felix does not end kube-proxy',
};

/** Where kube-proxy must stay, Felix is told to leave its rules alone. */
const oneServer: Advice = {
  who: 'the cluster administrator',
  commands: [
    'kubectl -n kube-system get daemonset kube-proxy   # who installed it? Turn it off there',
    `kubectl patch felixconfiguration default --type merge -p '{"spec":{"bpfKubeProxyIptablesCleanupEnabled":false}}'` +
      '   # only if kube-proxy must stay',
  ],
};

function isOfNode(message: Message): boolean {
  return message === 'version' || message === 'twice';
}

function defectOf({ attached, state, otherVersion }: PodPrograms): Message | null {
  if (attached.egress === 'no') return state === 'ready' ? 'detached' : 'unattached';
  if (attached.ingress === 'no') return 'unpoliced';
  return otherVersion === null ? null : 'version';
}

/** A node and its own pods reach each other without any program. */
function needsPrograms({ source, destination }: Flow, end: FlowEnd): boolean {
  const other = end === destination ? source : destination;
  return other.interface !== null || other.node !== end.node;
}
