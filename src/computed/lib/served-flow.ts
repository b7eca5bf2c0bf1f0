import type { FlowService } from '../../model/flow.ts';
import { numberAt, servedPort, serviceName, type ServiceState } from '../../model/service.ts';
import type { FlowPort } from '../../model/target.ts';

/** The port of the judged pod that a Service leads to, and the Service's own address and port. */
interface ServedFlow {
  /** null: the pod's endpoint does not have the port, or there is no such endpoint. */
  readonly judged: FlowPort | null;
  /** null: no node translates the Service, or it has no port. */
  readonly service: FlowService | null;
}

/** @param address of the judged pod */
export function servedFlow(service: ServiceState, address: string): ServedFlow {
  const port = servedPort(service);
  const protocol = port && (['tcp', 'udp'] as const).find((one) => one === port.protocol);
  // A port that it lacks is tried all the same: it is what was asked about.
  if (!port) return { judged: null, service: reached(service, service.askedPort) };
  if (!protocol) return { judged: null, service: null };
  const endpoint = service.endpoints.find((one) => one.address === address);
  const number = (endpoint && numberAt(endpoint, port)) ?? plainNumber(port.targetPort);
  return {
    judged: number === null ? null : { protocol, number },
    service: reached(service, { protocol, number: port.number }),
  };
}

function reached(service: ServiceState, port: FlowPort | null): FlowService | null {
  const { address } = service;
  return address === null || port === null ? null : { name: serviceName(service), address, port };
}

function plainNumber(targetPort: string): number | null {
  return /^[1-9]\d{0,4}$/.test(targetPort) ? Number(targetPort) : null;
}
