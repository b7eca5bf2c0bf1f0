/** A program of the node that manages a pod's interface there, which is Calico's to manage. */
export interface ManagedInterface {
  readonly node: string;
  readonly interface: string;
  readonly manager: 'NetworkManager' | 'systemd-networkd';
  /** What the program says of it. */
  readonly state: string;
}
