/** What Calico's eBPF programs, which take the place of kube-proxy, do with a Service's address. */
import type { FlowService } from '../../model/flow.ts';
import type { ProgramService } from '../../model/program-services.ts';
import { protocols } from '../../model/protocols.ts';
import type { Translation } from '../../model/service-translation.ts';

/** Returns what they do with what a pod or a node sends there; null: they leave the Service to others. */
export function programTranslation(
  services: readonly ProgramService[],
  { address, port }: Omit<FlowService, 'name'>,
): Translation | null {
  if (port.protocol === 'icmp') return { kind: 'none', why: "Calico's eBPF programs answer no pings to it." };
  const { number } = port;
  const protocol = protocols[port.protocol];
  const found = services.find((one) => one.address === address && one.port === number && one.protocol === protocol);
  if (!found) return { kind: 'none', why: "Calico's eBPF programs on the node do not hold it." };
  if (found.isExcluded) return null;
  return found.backends.length === 0
    ? { kind: 'none', why: `Calico's eBPF programs on the node hold it without a backend (${found.text}).` }
    : { kind: 'endpoints', endpoints: found.backends.toSorted(), rule: found.text, byPrograms: true };
}
