import type { FilterRule, Table } from '../model/ruleset/rules.ts';
import { chainNamed } from './chains/chain-index.ts';

/** A program and the names by which its rules are known. A prefix that several programs use is not listed. */
interface Writer {
  readonly who: string;
  readonly chain?: RegExp;
  readonly comment?: RegExp;
  /** Names of tables of nft that nobody else uses. */
  readonly table?: RegExp;
}

/** From the programs' own sources and from saves of nodes on which they run. The first that fits counts. */
const writers: readonly Writer[] = [
  { who: 'kube-router', chain: /^KUBE-(?:ROUTER-|POD-FW-|NWPLCY-)/, comment: /^kube-router netpol|kube-router/ },
  { who: 'kubelet', chain: /^KUBE-(?:FIREWALL|KUBELET-CANARY|IPTABLES-HINT|MARK-DROP)$/ },
  {
    who: 'kube-proxy',
    chain:
      /^KUBE-(?:SERVICES|EXTERNAL-SERVICES|NODE-?PORTS?|POSTROUTING|MARK-MASQ|FORWARD|LOAD-BALANCER|PROXY-CANARY)$/,
    comment:
      /^kubernetes (?:service|forwarding|externally-visible|load balancer|postrouting)|has no (?:local )?endpoints/,
    table: /^kube-proxy$/,
  },
  {
    who: 'kube-proxy',
    chain: /^KUBE-(?:(?:PROXY|SOURCE-RANGES)-FIREWALL|IPVS-(?:OUT-)?FILTER|(?:SV[CL]|SEP|EXT|FW|XLB)-[A-Z2-7]{16})$/,
  },
  { who: 'the NodeLocal DNS cache', comment: /^NodeLocal DNS Cache/ },
  { who: "the administrator, in Docker's chain for such rules", chain: /^DOCKER-USER$/ },
  { who: 'Docker', chain: /^DOCKER(?:-(?:ISOLATION-STAGE-[12]|FORWARD|CT|BRIDGE|INTERNAL|INGRESS|RAW))?$/ },
  { who: 'Podman', chain: /^NETAVARK[-_]/, table: /^netavark$/ },
  { who: 'a CNI plugin (portmap, firewall)', chain: /^CNI-(?:HOSTPORT|DN|SN|FORWARD|ADMIN|[0-9a-f]{24})/ },
  {
    who: 'firewalld',
    chain: /^(?:FWD[IO]?|IN|OUT|PRE|POST)_[a-z]+(?:_(?:log|deny|allow|pre|post))?$/,
    table: /^firewalld$/,
  },
  {
    who: 'firewalld',
    chain: /^(?:INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING)_(?:direct|(?:IN_|OUT_)?ZONES(?:_SOURCE)?)$/,
  },
  { who: 'ufw', chain: /^ufw6?-/ },
  { who: 'Tailscale', chain: /^ts-(?:forward|input|postrouting)$/ },
  { who: 'Cilium', chain: /^(?:OLD_)?CILIUM_/, comment: /^cilium(?:-feeder)?:/ },
  { who: 'flannel', chain: /^FLANNEL-/, comment: /^flanneld / },
  { who: 'Weave Net', chain: /^WEAVE(?:-|$)/ },
  { who: 'Antrea', chain: /^ANTREA-/, comment: /^Antrea: / },
  { who: 'the Azure network policy manager', chain: /^AZURE-NPM/ },
  { who: 'the AWS VPC CNI plugin', chain: /^AWS-(?:SNAT|CONNMARK)-CHAIN/, comment: /^AWS/ },
  { who: 'Istio', chain: /^ISTIO_/ },
  { who: 'libvirt', chain: /^LIBVIRT_/, table: /^libvirt_network$/ },
  { who: 'LXD', comment: /^generated for LXD network/, table: /^lxd$/ },
  { who: 'fail2ban', chain: /^(?:f2b|fail2ban)-/, table: /^f2b-table$/ },
  { who: 'CrowdSec', chain: /^(?:CROWDSEC_CHAIN|crowdsec-chain)/, table: /^crowdsec6?$/ },
  { who: 'sshguard', chain: /^sshguard$/, table: /^sshguard$/ },
  { who: 'ConfigServer Firewall', chain: /^(?:LOCAL|DENY|ALLOW)(?:INPUT|OUTPUT)$/ },
];

/**
 * Returns who writes such rules, by the rule's chain, its comments and its table; null: nothing in it says.
 * @param rule null: the chain's policy
 */
export function writerOf(table: Table, chain: string, rule: FilterRule | null): string | null {
  const found = writers.find(
    (writer) =>
      writer.table?.test(table.name) ||
      writer.chain?.test(chain) ||
      rule?.comments.some((comment) => writer.comment?.test(comment)),
  );
  if (found) return found.who;
  // Docker sets this policy when it starts, and writes no name to it (moby, daemon/libnetwork/drivers/bridge).
  const isForward = rule === null && chain === 'FORWARD' && table.name === 'filter';
  return isForward && chainNamed(table, 'DOCKER') ? 'Docker, whose chains are in this table' : null;
}
