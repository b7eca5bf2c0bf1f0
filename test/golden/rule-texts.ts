/** What rules say, with example data. */
import { fill } from '../../src/engine/finding.ts';
import type { Rule } from '../../src/model/rule.ts';
import { rules } from '../../src/rules/registry.ts';

/** An example of every value that a message of a rule names. */
const examples: Readonly<Record<string, string>> = {
  account: 'calico-kube-controllers',
  address: '10.244.1.5',
  arrived: '0',
  asked: '10.244.2.7',
  binding: 'The ClusterRoleBinding calico-kube-controllers does not exist.',
  by: 'profile kns.default allows it',
  comment: 'Endpoint admin disabled',
  chain: 'FORWARD',
  compared: 'The datastore denies it too: policy default/deny-web denies it.',
  control: '3',
  counters: '3 of 3 test packets of 60 bytes ended there, and none in the idle window before.',
  destination: '10.244.1.5',
  device: 'tunl0',
  direction: 'ingress',
  error: 'context deadline exceeded',
  felix: 'Felix runs, and its liveness answers 200.',
  flaws: 'Nothing in filter FORWARD leads into filter cali-FORWARD',
  from: 'node-b',
  gateway: '192.168.0.3',
  interface: 'cali4e199eba087',
  last: '2026-11-23T18:00:00Z',
  manifest: 'calico-kube-controllers',
  name: 'calico-kube-controllers',
  namespace: 'default',
  node: 'node-a',
  now: '192.168.0.2',
  other: 'node-c',
  others: 'kube-system/backup',
  owner: 'kube-proxy',
  packet: 'The answer',
  peer: 'node-b',
  plugin: ' flannel',
  pod: 'mypod',
  policy: 'default/deny-web',
  pool: '10.244.0.0/16',
  ports: '8080/tcp',
  profile: 'kns.default',
  resource: 'namespaces',
  restorer: 'BIRD',
  rule: 'rule 7 of filter cali-tw-cali4e199eba087',
  said: 'error getting ClusterInformation: connection is unauthorized: Unauthorized',
  save: 'iptables-nft-save -c',
  seen: 'The pod refused a connection from node node-a (8080/tcp).',
  sent: '3',
  show: "iptables-nft-save -c | grep -- '-A FORWARD '",
  sockets: '127.0.0.1:8080',
  source: 'node-b',
  sourceAddress: '192.168.0.2',
  state: 'Pending',
  taken: 'default via 192.168.0.1',
  targetAddress: '192.168.0.1',
  text: '-A FORWARD -j DROP',
  tier: 'default',
  times: '3 times',
  to: 'node-a',
  tunnel: 'IPIP',
  untracking: 'rule 3 of raw PREROUTING',
  verbs: 'list and watch namespaces',
  what: 'namespaces',
  why: 'Felix answers 503 on its liveness port.',
};

/**
 * Returns every message, and the advice, of every rule.
 * @throws Error when a placeholder has no example
 */
export function ruleTexts(): readonly string[] {
  return rules.flatMap((rule) => [`### ${rule.id}`, rule.description, ...messagesOf(rule), ...adviceOf(rule)]);
}

function messagesOf({ messages }: Rule): readonly string[] {
  return Object.entries(messages).map(
    ([key, { title, detail }]) => `- \`${key}\` **${fill(title, examples)}**\n  ${fill(detail, examples)}`,
  );
}

function adviceOf({ advice }: Rule): readonly string[] {
  if (!advice) return [];
  const commands = advice.commands.map((command) => fill(command, examples)).join('\n');
  return [`To do, by ${fill(advice.who, examples)}:`, `\`\`\`sh\n${commands}\n\`\`\``];
}
