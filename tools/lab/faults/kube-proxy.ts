import { createHash } from 'node:crypto';
import { serviceAddress, type Topology } from '../topology.ts';
import type { Step } from './steps.ts';

/** A Service as kube-proxy programs it: `endpoints` are `ADDRESS:PORT`. */
type ServiceRules = {
  namespace: string;
  name: string;
  portName: string;
  port: number;
  endpoints: readonly string[];
};

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** 16 characters of base32 over SHA-256, as kube-proxy names chains (pkg/proxy/iptables, portProtoHash). */
function hashed(text: string): string {
  const bits = [...createHash('sha256').update(text).digest()]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  return Array.from({ length: 16 }, (_, at) => alphabet[Number.parseInt(bits.slice(at * 5, at * 5 + 5), 2)]).join('');
}

function chainsOf({ namespace, name, portName, endpoints }: ServiceRules) {
  const port = `${namespace}/${name}:${portName}`;
  return {
    port,
    service: `KUBE-SVC-${hashed(`${port}tcp`)}`,
    endpoints: endpoints.map((endpoint) => ({ endpoint, chain: `KUBE-SEP-${hashed(`${port}tcp${endpoint}`)}` })),
  };
}

const comment = (text: string) => `-m comment --comment "${text}"`;

/** Programs a Service on a node as kube-proxy does in iptables mode. */
export function programService(topology: Topology, node: string, rules: ServiceRules): Step {
  const { port, service, endpoints } = chainsOf(rules);
  const address = serviceAddress(rules.namespace, rules.name);
  const lines = [
    ...['KUBE-SERVICES', service, ...endpoints.map(({ chain }) => chain)].map((chain) => `-N ${chain}`),
    ...endpoints.flatMap(({ endpoint, chain }, at) => {
      const left = endpoints.length - at;
      const share = left > 1 ? ` -m statistic --mode random --probability ${(1 / left).toFixed(11)}` : '';
      return [
        `-A ${chain} -p tcp ${comment(port)} -m tcp -j DNAT --to-destination ${endpoint}`,
        `-A ${service} ${comment(`${port} -> ${endpoint}`)}${share} -j ${chain}`,
      ];
    }),
    `-A KUBE-SERVICES -d ${address}/32 -p tcp ${comment(`${port} cluster IP`)} -m tcp --dport ${rules.port} ` +
      `-j ${service}`,
    ...['PREROUTING', 'OUTPUT'].map((hook) => `-A ${hook} ${comment('kubernetes service portals')} -j KUBE-SERVICES`),
  ];
  return inNat(topology, node, lines);
}

/** Takes them away again. */
export function forgetService(topology: Topology, node: string, rules: ServiceRules): Step {
  const { service, endpoints } = chainsOf(rules);
  const chains = ['KUBE-SERVICES', service, ...endpoints.map(({ chain }) => chain)];
  return inNat(topology, node, [
    ...['PREROUTING', 'OUTPUT'].map(
      (hook) => `-D ${hook} -m comment --comment "kubernetes service portals" -j KUBE-SERVICES`,
    ),
    ...chains.map((chain) => `-F ${chain}`),
    ...chains.map((chain) => `-X ${chain}`),
  ]);
}

function inNat({ dataplane }: Topology, node: string, lines: readonly string[]): Step {
  const script = lines.map((line) => `iptables-${dataplane} -t nat ${line}`).join(' && ');
  return { do: 'run', on: node, command: ['sh', '-c', script] };
}
