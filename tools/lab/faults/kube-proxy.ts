import { createHash } from 'node:crypto';
import { ipv6Of, isDual, serviceAddress6 } from '../dual-stack.ts';
import { iptablesOf } from '../saved-rules.ts';
import { serviceAddress, type Topology } from '../topology.ts';
import type { Step } from './steps.ts';

/** A Service as kube-proxy programs it, by its addresses of IPv4; those of IPv6 follow from them. */
type ServiceRules = {
  namespace: string;
  name: string;
  portName: string;
  port: number;
  endpoints: readonly { readonly ip: string; readonly port: number }[];
};

/** What iptables is told of one family. */
type Family = {
  readonly command: 'iptables' | 'ip6tables';
  readonly service: (address: string) => string;
  readonly endpoint: (endpoint: ServiceRules['endpoints'][number]) => string;
};

const ipv4: Family = {
  command: 'iptables',
  service: (address) => `${address}/32`,
  endpoint: ({ ip, port }) => `${ip}:${port}`,
};
const ipv6: Family = {
  command: 'ip6tables',
  service: (address) => `${serviceAddress6(address)}/128`,
  endpoint: ({ ip, port }) => `[${ipv6Of(ip)}]:${port}`,
};

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** 16 characters of base32 over SHA-256, as kube-proxy names chains (pkg/proxy/iptables, portProtoHash). */
function hashed(text: string): string {
  const bits = [...createHash('sha256').update(text).digest()]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  return Array.from({ length: 16 }, (_, at) => alphabet[Number.parseInt(bits.slice(at * 5, at * 5 + 5), 2)]).join('');
}

function chainsOf({ namespace, name, portName, endpoints }: ServiceRules, family: Family) {
  const port = `${namespace}/${name}:${portName}`;
  return {
    port,
    service: `KUBE-SVC-${hashed(`${port}tcp`)}`,
    endpoints: endpoints
      .map(family.endpoint)
      .map((endpoint) => ({ endpoint, chain: `KUBE-SEP-${hashed(`${port}tcp${endpoint}`)}` })),
  };
}

const comment = (text: string) => `-m comment --comment "${text}"`;

/** Programs a Service on a node as kube-proxy does in iptables mode, for each family that the lab has. */
export function programService(topology: Topology, node: string, rules: ServiceRules): Step {
  const address = serviceAddress(rules.namespace, rules.name);
  return inNat(topology, node, (family) => {
    const { port, service, endpoints } = chainsOf(rules, family);
    return [
      ...['KUBE-SERVICES', service, ...endpoints.map(({ chain }) => chain)].map((chain) => `-N ${chain}`),
      ...endpoints.flatMap(({ endpoint, chain }, at) => {
        const left = endpoints.length - at;
        const share = left > 1 ? ` -m statistic --mode random --probability ${(1 / left).toFixed(11)}` : '';
        return [
          `-A ${chain} -p tcp ${comment(port)} -m tcp -j DNAT --to-destination ${endpoint}`,
          `-A ${service} ${comment(`${port} -> ${endpoint}`)}${share} -j ${chain}`,
        ];
      }),
      `-A KUBE-SERVICES -d ${family.service(address)} -p tcp ${comment(`${port} cluster IP`)} -m tcp ` +
        `--dport ${rules.port} -j ${service}`,
      ...['PREROUTING', 'OUTPUT'].map((hook) => `-A ${hook} ${comment('kubernetes service portals')} -j KUBE-SERVICES`),
    ];
  });
}

/** Takes them away again. */
export function forgetService(topology: Topology, node: string, rules: ServiceRules): Step {
  return inNat(topology, node, (family) => {
    const { service, endpoints } = chainsOf(rules, family);
    const chains = ['KUBE-SERVICES', service, ...endpoints.map(({ chain }) => chain)];
    return [
      ...['PREROUTING', 'OUTPUT'].map(
        (hook) => `-D ${hook} -m comment --comment "kubernetes service portals" -j KUBE-SERVICES`,
      ),
      ...chains.map((chain) => `-F ${chain}`),
      ...chains.map((chain) => `-X ${chain}`),
    ];
  });
}

function inNat(topology: Topology, node: string, linesOf: (family: Family) => readonly string[]): Step {
  const script = (isDual(topology) ? [ipv4, ipv6] : [ipv4])
    .flatMap((family) =>
      linesOf(family).map((line) => `${family.command}-${iptablesOf(topology.dataplane)} -t nat ${line}`),
    )
    .join(' && ');
  return { do: 'run', on: node, command: ['sh', '-c', script] };
}
