/** What kube-proxy does with a Service's address in IPVS mode (pkg/proxy/ipvs/proxier.go). */
import type { FlowService } from '../../model/flow.ts';
import { ipvsDevice, type VirtualServer } from '../../model/ipvs.ts';
import type { Link } from '../../model/network.ts';
import { endpointAt } from '../../model/service.ts';
import type { Translation } from '../../model/service-translation.ts';

/** @param links of the node: IPVS sees a packet only if the node has its destination itself */
export function ipvsTranslation(
  servers: readonly VirtualServer[],
  links: readonly Link[],
  { address, port }: Omit<FlowService, 'name'>,
): Translation {
  if (port.protocol === 'icmp') return { kind: 'none', why: 'IPVS balances no pings.' };
  const { protocol, number } = port;
  const found = servers.find((one) => one.address === address && one.port === number && one.protocol === protocol);
  if (!found) return { kind: 'none', why: 'kube-proxy uses IPVS, which has no virtual server for it.' };
  const rule = `IPVS ${protocol} ${endpointAt(address, number)}`;
  const isLocal = links.some(({ addresses }) => addresses.some((own) => own.address === address));
  if (!isLocal) return { kind: 'none', why: `kube-proxy uses IPVS, and ${ipvsDevice} lacks the address ${address}.` };
  const taking = found.servers.filter(({ weight }) => weight > 0);
  const all = found.servers.length === 0 ? 'has no real server' : 'has real servers of weight 0 alone';
  return taking.length === 0
    ? { kind: 'refused', rule: `${rule} ${all}` }
    : { kind: 'endpoints', endpoints: taking.map((one) => endpointAt(one.address, one.port)).toSorted(), rule };
}
