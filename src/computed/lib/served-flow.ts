import type { FlowService } from '../../model/flow.ts';
import { numberAt, servedPort, serviceName, type ServiceState } from '../../model/service.ts';
import type { FlowPort } from '../../model/target.ts';

/** The port of the judged pod that a Service leads to, and the Service's own address and port. */
interface ServedFlow {
  /** null: the pod's endpoint does not have the port, or there is no such endpoint. */
  readonly judged: FlowPort | null;
  /** null: no node translates the Service, or it lacks the asked port. */
  readonly service: FlowService | null;
}

/** @param address of the judged pod */
export function servedFlow(service: ServiceState, address: string): ServedFlow {
  const port = servedPort(service);
  const protocol = port && (['tcp', 'udp'] as const).find((one) => one === port.protocol);
  if (!port || !protocol) return { judged: null, service: null };
  const endpoint = service.endpoints.find((one) => one.address === address);
  const number = (endpoint && numberAt(endpoint, port)) ?? plainNumber(port.targetPort);
  return {
    judged: number === null ? null : { protocol, number },
    service:
      service.address === null
        ? null
        : { name: serviceName(service), address: service.address, port: { protocol, number: port.number } },
  };
}

function plainNumber(targetPort: string): number | null {
  return /^[1-9]\d{0,4}$/.test(targetPort) ? Number(targetPort) : null;
}
