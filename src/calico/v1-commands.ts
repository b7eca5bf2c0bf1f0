/**
 * The commands of an advice in Calico 2.x, whose calicoctl has other options and kinds. Source: projectcalico/calicoctl
 * v1.6.5, calicoctl/commands.
 */

type Twin = readonly [of: RegExp, old: (...found: readonly string[]) => string];

/** Fields of a pool, as it spells them. It encapsulates by IPIP alone. */
const fields: readonly (readonly [today: string, old: string])[] = [
  ['"natOutgoing":', '"nat-outgoing":'],
  ['"ipipMode":"Always"', '"ipip":{"enabled":true}'],
  ['"vxlanMode":"Always"', '"ipip":{"enabled":true}'],
  ['"ipipMode":"CrossSubnet"', '"ipip":{"enabled":true,"mode":"cross-subnet"}'],
];

/** It has no `patch`: the object is written anew. */
function edited(kind: string, name: string, patch: string, why: string): string {
  const change = fields.reduce((text, [today, old]) => text.replaceAll(today, old), patch);
  return (
    `calicoctl get ${kind} ${name} -o yaml > object.yaml   # change it as ${change} says, then calicoctl apply -f ` +
    `object.yaml${why}`
  );
}

const twins: readonly Twin[] = [
  [/^calicoctl get (?:networkpolicy -A|globalnetworkpolicy)$/, () => 'calicoctl get policy -o wide'],
  [/^calicoctl get globalnetworkpolicy -o yaml(.*)$/, (rest = '') => `calicoctl get policy -o yaml${rest}`],
  [
    /^calicoctl get workloadendpoint (?:-n \S+|-A) -o wide(.*)$/,
    (rest = '') => `calicoctl get workloadendpoint -o wide${rest}`,
  ],
  [
    /^calicoctl get bgppeer -o wide; calicoctl get bgpconfiguration -o yaml(.*)$/,
    (rest = '') => `calicoctl get bgppeer -o wide; calicoctl config get nodeToNodeMesh${rest}`,
  ],
  [/^calicoctl get clusterinformation( .*)$/, (rest = '') => `calicoctl get node${rest}`],
  [
    /^calicoctl get felixconfiguration default -o yaml( +# )defaultEndpointToHostAction(.*)$/,
    (sign = '', rest = '') => `calicoctl config get DefaultEndpointToHostAction --raw=felix${sign}${rest.slice(2)}`,
  ],
  [
    /^calicoctl patch felixconfiguration default -p '\{"spec":\{"defaultEndpointToHostAction":"Accept"\}\}'(.*)$/,
    (rest = '') => `calicoctl config set DefaultEndpointToHostAction ACCEPT --raw=felix${rest}`,
  ],
  [
    /^calicoctl patch (ippool|node) (\S+) -p ('[^']{1,200}')(.*)$/,
    (kind = '', name = '', patch = '', rest = '') => edited(kind, name, patch, rest.replace(/^ +# /, ': ')),
  ],
];

/** Returns what does the same with calicoctl 1.x; the command as it is where it is the same, or nothing does. */
export function v1Command(command: string): string {
  for (const [of, old] of twins) {
    const found = of.exec(command);
    if (found) return old(...found.slice(1));
  }
  return command;
}
