/** How pods' packets travel between the nodes of a lab, as `up --encap` says it. */
export const encaps = ['ipip', 'vxlan', 'crosssubnet', 'none'] as const;

export type Encap = (typeof encaps)[number];

/** A lab, as far as this file knows it: `topology.ts` is built on it. */
interface Encapsulated {
  readonly encap: Encap;
}

interface OnUnderlay {
  readonly address: string;
}

type Mode = 'Never' | 'Always' | 'CrossSubnet';

interface Encapsulation {
  readonly ipipMode: Mode;
  readonly vxlanMode: Mode;
  /** Through which device the nodes' packets go into the tunnel; null: into none. */
  readonly device: string | null;
  /** Felix's set of the hosts whose tunnel packets a node takes; null: there is none. */
  readonly hosts: string | null;
  /** Of pods' interfaces: what the tunnel's header leaves of 1500 bytes. */
  readonly mtu: number;
  /** CALICO_NETWORKING_BACKEND: which of Calico's programs leads packets to other nodes' blocks. */
  readonly backend: 'bird' | 'vxlan';
}

const vxlan = {
  ipipMode: 'Never',
  device: 'vxlan.calico',
  hosts: 'cali40all-vxlan-net',
  mtu: 1450,
  backend: 'vxlan',
} as const;

/** What each kind means for the pool, the nodes and the programs. */
export const encapsulations: Readonly<Record<Encap, Encapsulation>> = {
  ipip: {
    ipipMode: 'Always',
    vxlanMode: 'Never',
    device: 'tunl0',
    hosts: 'cali40all-hosts-net',
    mtu: 1480,
    backend: 'bird',
  },
  vxlan: { ...vxlan, vxlanMode: 'Always' },
  crosssubnet: { ...vxlan, vxlanMode: 'CrossSubnet' },
  none: { ipipMode: 'Never', vxlanMode: 'Never', device: null, hosts: null, mtu: 1500, backend: 'bird' },
};

/** Labs with tunnels between their nodes. */
export const tunnelled = encaps.filter((encap) => encapsulations[encap].device !== null);

/** The tunnel device of the lab's nodes, and the set of the hosts that may use it. @throws Error: it has none */
export function tunnelOf({ encap }: Encapsulated): { readonly device: string; readonly hosts: string } {
  const { device, hosts } = encapsulations[encap];
  if (device === null || hosts === null) throw new Error(`a lab of --encap ${encap} has no tunnel`);
  return { device, hosts };
}

/** The link-layer address of a node's VXLAN device: of its own, by the number in its tunnel address. */
export function vxlanMac({ tunnelAddress }: { readonly tunnelAddress: string }): string {
  return `66:00:00:00:00:${Number(tunnelAddress.split('.')[2]).toString(16).padStart(2, '0')}`;
}

/** The network of an address of the underlay, each a /24, and the gateway in it. */
export function networkOf(address: string): { readonly network: string; readonly gateway: string } {
  const start = address.slice(0, address.lastIndexOf('.'));
  return { network: `${start}.0/24`, gateway: `${start}.1` };
}

/** Do packets between the pods of the two nodes travel as they are? */
export function isBare({ encap }: Encapsulated, one: OnUnderlay, other: OnUnderlay): boolean {
  const sameNetwork = networkOf(one.address).network === networkOf(other.address).network;
  return encap === 'none' || (encap === 'crosssubnet' && sameNetwork);
}
