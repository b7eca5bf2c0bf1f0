import type { Link } from '../model/network.ts';
import { tunnelOfDevice } from '../tunnels/registry.ts';

/** Does the device lead into a tunnel that Calico was told to use by another port than the usual one (vxlanPort)? */
export function hasOtherPort(device: string | null, links: readonly Link[]): boolean {
  const { port } = tunnelOfDevice(device);
  const own = links.find(({ name }) => name === device)?.vxlan?.port;
  return port !== null && own !== undefined && own !== port;
}
