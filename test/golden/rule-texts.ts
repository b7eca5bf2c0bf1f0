/** What rules say, with example data. */
import { fill } from '../../src/engine/finding.ts';
import type { Rule } from '../../src/model/rule.ts';
import { rules } from '../../src/rules/registry.ts';

/** Examples of values that messages of rules name. A value without one reads as `<name>`. */
const examples: Readonly<Record<string, string>> = {
  account: 'calico-kube-controllers',
  admits: "It allows only: pods with app == 'shop' on 8080/tcp. ",
  arrives: 'arrives from 10.244.2.0, the tunnel address of node-b',
  address: '10.244.1.5',
  arrived: '0',
  asked: '10.244.2.7',
  backend: 'iptables-legacy',
  before: '5269',
  blocks: 'blocks',
  binding: 'The ClusterRoleBinding calico-kube-controllers does not exist.',
  by: 'profile kns.default allows it',
  comment: 'Endpoint admin disabled',
  chain: 'FORWARD',
  compared: 'The datastore denies it too: policy default/deny-web denies it.',
  calicoNamespace: 'kube-system',
  calicoNode: 'calico-node',
  calicoNodeLabel: 'k8s-app=calico-node',
  control: '3',
  counted: '3',
  counters: '3 of 3 test packets of 60 bytes ended there, and none in the idle window before.',
  destination: '10.244.1.5',
  device: 'tunl0',
  do: 'does',
  does: 'makes Calico profiles and policies from Kubernetes objects',
  edit: 'kubectl -n default edit networkpolicy deny-web   # to allow it, add to spec.ingress:',
  entry: '- from:\n    - podSelector: {matchLabels: {app: client}}\n  ports: [{protocol: TCP, port: 8080}]',
  error: 'context deadline exceeded',
  expected: '10.244.1.0/26 via 192.168.0.1 dev tunl0 proto bird',
  flow: '8080/tcp from node node-b',
  felix: 'Felix runs, and its liveness answers 200.',
  flaws: 'Nothing in filter FORWARD leads into filter cali-FORWARD',
  from: 'node-b',
  fromNode: 'node-b',
  gateway: '192.168.0.3',
  harm: 'node-b refuses tunnel packets from every address but those that Calico holds.',
  held: '192.168.77.12',
  inUse: 'iptables-nft',
  instead: ', but on 8443/tcp',
  inside: ' (20 bytes more on the network between the nodes)',
  interface: 'cali4e199eba087',
  keep: 'iptables-legacy-save > /root/iptables-legacy.rules',
  label: 'k8s-app=calico-kube-controllers',
  length: '32',
  last: '2026-11-23T18:00:00Z',
  led: ' node-b sends them to shop/api.',
  left: '4',
  lostSize: '1381',
  manifest: 'calico-kube-controllers',
  name: 'calico-kube-controllers',
  namespace: 'default',
  network: '10.244.1.0/26',
  node: 'node-a',
  now: '192.168.0.2',
  other: 'node-c',
  otherNode: 'node-b',
  others: 'kube-system/backup',
  owner: 'kube-proxy',
  packet: 'the packet to default/mypod (10.244.1.5)',
  packets: 'The answers of 10.244.1.5 come in',
  passed: '1380',
  peer: 'node-b',
  plugin: ' flannel',
  peerAddress: '192.168.0.2',
  pod: 'mypod',
  policies: 'NetworkPolicy default/deny-web',
  policy: 'default/deny-web',
  pool: '10.244.0.0/16',
  prefix: '24',
  ports: '8080/tcp',
  priority: '5270',
  profile: 'kns.default',
  proxies: '812',
  real: '192.168.0.1',
  remove: "grep -vE 'cali-|cali:' /root/iptables-legacy.rules | iptables-legacy-restore",
  resource: 'namespaces',
  restorer: 'BIRD',
  rule: 'rule 7 of filter cali-tw-cali4e199eba087',
  saved: ' /etc/sysctl.d/90-node.conf turns it off when the node starts.',
  said: 'error getting ClusterInformation: connection is unauthorized: Unauthorized',
  select: 'It selects',
  answers: '203.0.113.7 answers the node itself (tcp port 443).',
  member: 'default/mypod',
  cidr: '10.244.0.0/16',
  endpoints: '10.244.1.5:8080',
  extra: '10.244.1.60:8080',
  listening: '8080/tcp',
  port: '80/tcp',
  rules: "kube-proxy's rules on the node do not name it.",
  served: '80/tcp',
  server: 'kube-system/coredns-1',
  service: 'default/web',
  target: '8081',
  tried: '0 of 3 tries of svc:default/web from default/client were answered.',
  seen: 'The pod refused a connection from node node-a (8080/tcp).',
  selector: 'from all lookup 52',
  sent: '3',
  show: "iptables-nft-save -c | grep -- '-A FORWARD '",
  sign: "Felix's log says so",
  sockets: '127.0.0.1:8080',
  source: 'node-b',
  sourceAddress: '192.168.0.2',
  state: 'Pending',
  table: '52',
  taken: 'default via 192.168.0.1',
  targetAddress: '192.168.0.1',
  text: '-A FORWARD -j DROP',
  tier: 'default',
  times: '3 times',
  to: 'node-a',
  toNode: 'node-a',
  tunnel: 'IPIP',
  untracking: 'rule 3 of raw PREROUTING',
  verb: 'list',
  verbs: 'list and watch namespaces',
  what: 'namespaces',
  version: 'calico-node looks for cali_counters6, and the node has cali_counters5',
  whose: 'which node-a does not have',
  wire: '1400',
  why: 'Felix answers 503 on its liveness port.',
};

/** Returns every message, and the advice, of every rule. */
export function ruleTexts(): readonly string[] {
  return rules.flatMap((rule) => [`### ${rule.id}`, rule.description, ...messagesOf(rule), ...adviceOf(rule)]);
}

function messagesOf({ messages }: Rule): readonly string[] {
  return Object.entries(messages).map(
    ([key, { title, detail }]) => `- \`${key}\` **${exemplified(title)}**\n  ${exemplified(detail)}`,
  );
}

function adviceOf({ advice }: Rule): readonly string[] {
  if (!advice) return [];
  const commands = advice.commands.map((command) => exemplified(command)).join('\n');
  return [`To do, by ${exemplified(advice.who)}:`, `\`\`\`sh\n${commands}\n\`\`\``];
}

function exemplified(template: string): string {
  const names = [...template.matchAll(/\{([a-zA-Z]+)\}/g)].map(([, name = '']) => name);
  return fill(template, Object.fromEntries(names.map((name) => [name, examples[name] ?? `<${name}>`])));
}
