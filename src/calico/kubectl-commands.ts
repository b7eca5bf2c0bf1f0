/**
 * The commands of an advice where the Kubernetes API is Calico's datastore: there kubectl reads and writes what
 * calicoctl does, and calicoctl is seldom installed.
 */
import type { CalicoApi } from '../model/datastore-kind.ts';

type Twin = readonly [of: RegExp, kubectl: (group: string, ...found: readonly string[]) => string];

/** What opens a policy's object for editing ends so. */
const thenApply = String.raw`-o yaml > policy\.yaml( +# .*), then calicoctl apply -f policy\.yaml:$`;

const twins: readonly Twin[] = [
  [/^calicoctl get networkpolicy -A$/, (group) => `kubectl get networkpolicies.${group} -A`],
  [/^calicoctl get globalnetworkpolicy$/, (group) => `kubectl get globalnetworkpolicies.${group}`],
  [
    new RegExp(String.raw`^calicoctl get networkpolicy (\S+) -n (\S+) ${thenApply}`),
    (group, name = '', namespace = '', why = '') =>
      `kubectl -n ${namespace} edit networkpolicies.${group} ${name}${why}:`,
  ],
  [
    new RegExp(String.raw`^calicoctl get globalnetworkpolicy (\S+) ${thenApply}`),
    (group, name = '', why = '') => `kubectl edit globalnetworkpolicies.${group} ${name}${why}:`,
  ],
  [
    /^calicoctl get node (\S+) -o yaml( +# does )spec\.bgp\.ipv4Address( .*)$/,
    (_, node = '', does = '', rest = '') =>
      `kubectl get node ${node} -o yaml${does}the annotation projectcalico.org/IPv4Address${rest}`,
  ],
  [
    /^calicoctl get node (\S+) -o yaml( +# )(.*)$/,
    (_, node = '', sign = '', rest = '') =>
      `kubectl get node ${node} -o yaml${sign}in the annotations of projectcalico.org: ${rest}`,
  ],
  [
    /^calicoctl get bgppeer -o wide; calicoctl get bgpconfiguration -o yaml(.*)$/,
    (group, rest = '') => `kubectl get bgppeers.${group},bgpconfigurations.${group} -o yaml${rest}`,
  ],
  [
    /^calicoctl get nodes -o wide; calicoctl get bgppeer -o wide( +# )ASN: (.*)$/,
    (group, sign = '', rest = '') =>
      `kubectl get nodes,bgppeers.${group} -o yaml${sign}projectcalico.org/ASNumber, asNumber: ${rest}`,
  ],
  [
    /^calicoctl get bgpconfiguration -o yaml(.*)$/,
    (group, rest = '') => `kubectl get bgpconfigurations.${group} -o yaml${rest}`,
  ],
  [/^calicoctl apply -f POOL(.*)$/, (group, rest = '') => `kubectl apply -f POOL${rest} (IPPool of ${group})`],
  [
    /^calicoctl patch ippool (\S+) -p (.*)$/,
    (group, pool = '', rest = '') => `kubectl patch ippools.${group} ${pool} --type=merge -p ${rest}`,
  ],
  [
    /^calicoctl get node -o wide( +# is any other )address( .*)$/,
    (_, any = '', rest = '') => `kubectl get nodes -o yaml${any}projectcalico.org/IPv4Address${rest}`,
  ],
  [
    /^calicoctl patch node (\S+) -p '\{"spec":\{"bgp":\{"ipv4Address":"([\d./]+)"\}\}\}'(.*)$/,
    (_, node = '', address = '', rest = '') =>
      `kubectl annotate node ${node} --overwrite projectcalico.org/IPv4Address=${address}${rest}`,
  ],
  [/^calicoctl get ippool -o (?:wide|yaml)(.*)$/, (group, rest = '') => `kubectl get ippools.${group} -o yaml${rest}`],
  [
    /^calicoctl get felixconfiguration default -o yaml(.*)$/,
    (group, rest = '') => `kubectl get felixconfigurations.${group} default -o yaml${rest}`,
  ],
  [
    /^calicoctl patch felixconfiguration default -p (.*)$/,
    (group, rest = '') => `kubectl patch felixconfigurations.${group} default --type=merge -p ${rest}`,
  ],
  [/^calicoctl get node -o wide( +# .*)?$/, (_, rest = '') => `kubectl get nodes -o wide${rest}`],
  [
    /^calicoctl get hostendpoint -o (?:wide|yaml)(.*)$/,
    (group, rest = '') => `kubectl get hostendpoints.${group} -o yaml${rest}`,
  ],
  [
    /^calicoctl get globalnetworkpolicy -o yaml(.*)$/,
    (group, rest = '') => `kubectl get globalnetworkpolicies.${group} -o yaml${rest}`,
  ],
  [
    /^calicoctl get kubecontrollersconfiguration default -o yaml(.*)$/,
    (group, rest = '') => `kubectl get kubecontrollersconfigurations.${group} default -o yaml${rest}`,
  ],
  [
    /^calicoctl get workloadendpoint -n (\S+) -o wide(.*)$/,
    (_, namespace = '', rest = '') => `kubectl -n ${namespace} get pods -o wide${rest}`,
  ],
  [/^calicoctl get workloadendpoint -A -o wide(.*)$/, (_, rest = '') => `kubectl get pods -A -o wide${rest}`],
  [
    /^calicoctl get clusterinformation default -o yaml(.*)$/,
    (group, rest = '') => `kubectl get clusterinformations.${group} default -o yaml${rest}`,
  ],
  [
    /^calicoctl datastore migrate unlock(.*)$/,
    (group, rest = '') =>
      `kubectl patch clusterinformations.${group} default --type=merge -p '{"spec":{"datastoreReady":true}}'${rest}`,
  ],
  [/^calicoctl ipam show --show-blocks(.*)$/, (group, rest = '') => `kubectl get ipamblocks.${group} -o yaml${rest}`],
];

/** Returns what does the same with kubectl; the command as it is where nothing does. */
export function kubectlCommand(command: string, api: CalicoApi): string {
  const [group = ''] = api.split('/');
  for (const [of, kubectl] of twins) {
    const found = of.exec(command);
    if (found) return kubectl(group, ...found.slice(1));
  }
  return command;
}
